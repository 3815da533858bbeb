// SPDX-License-Identifier: AGPL-3.0-or-later
import { Controller, Get, Query, UseInterceptors } from '@nestjs/common';
import { Doors } from '../../front-desk/reception/doors.ts';
import { Timetable } from '../../front-desk/timetable.ts';
import { Clock, toMinute } from '../../time/clock.ts';
import { AtAuthority, type AtHost } from '../authority-at-host.ts';
import { Pages } from '../page.ts';
import { SendAnswer, type Answer } from '../answer.ts';
import { readChoice } from './choice.ts';
import { hallOf } from './hall.ts';
import { AtVisit, type Visit } from '../visit.ts';

/** `/`: every office with its hours, open or closed now, and the way to book or to knock. */
@Controller()
@UseInterceptors(SendAnswer)
export class HallController {
  constructor(
    private readonly pages: Pages,
    private readonly timetable: Timetable,
    private readonly doors: Doors,
    private readonly clock: Clock,
  ) {}

  @Get()
  async hall(@AtAuthority() at: AtHost, @AtVisit() visit: Visit, @Query() query: unknown): Promise<Answer> {
    const { servizio: serviceId } = readChoice(query);
    const { language } = visit;
    const virtual = await this.doors.all(at.authority, at.municipality);
    const look = { language, now: toMinute(this.clock.now()), t: this.pages.words(language) };
    const question = { ...at, ...look, serviceId, virtual };
    return this.pages.show('hall', { at, visit }, hallOf(question, this.timetable));
  }
}
