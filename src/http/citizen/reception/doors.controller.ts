// SPDX-License-Identifier: AGPL-3.0-or-later
import { Controller, Get, UseInterceptors } from '@nestjs/common';
import { Doors } from '../../../front-desk/reception/doors.ts';
import { Clock, toMinute } from '../../../time/clock.ts';
import { SendAnswer, type Answer } from '../../answer.ts';
import { AtAuthority, type AtHost } from '../../authority-at-host.ts';
import { Pages } from '../../page.ts';
import { AtVisit, type Visit } from '../../visit.ts';
import { doorViewOf } from './door-view.ts';

/** `/ricevimento`: every virtual door, with the week's hours, open or not; and the way to knock or to book. */
@Controller('ricevimento')
@UseInterceptors(SendAnswer)
export class DoorsController {
  constructor(
    private readonly doors: Doors,
    private readonly pages: Pages,
    private readonly clock: Clock,
  ) {}

  @Get()
  async all(@AtAuthority() at: AtHost, @AtVisit() visit: Visit): Promise<Answer> {
    const { authority, municipality } = at;
    const { language } = visit;
    const look = { authority, language, now: toMinute(this.clock.now()), t: this.pages.words(language) };
    const states = await this.doors.all(authority, municipality);
    const all = authority.offices.flatMap((office) => {
      const state = states.get(office.id);
      return state ? [doorViewOf(office, state, look)] : [];
    });
    const shown = all.filter((door) => door.state !== 'none');
    const groups = authority.definition.municipalities
      .map(({ id, name }) => ({ name, doors: shown.filter((d) => d.office.municipality === id) }))
      .filter((group) => group.doors.length);
    const receiving = shown.filter((door) => door.knocks).length;
    return this.pages.show('doors', { at, visit }, { groups, receiving, others: shown.length < all.length });
  }
}
