// SPDX-License-Identifier: AGPL-3.0-or-later
import { Body, Controller, Get, Param, Post, UseInterceptors } from '@nestjs/common';
import { Refusal, type Reason } from '../../../bookings/refusal.ts';
import { Doors } from '../../../front-desk/reception/doors.ts';
import { WaitingDesk } from '../../../front-desk/reception/waiting-desk.ts';
import type { Office } from '../../../offices/definition.ts';
import { Clock, toMinute } from '../../../time/clock.ts';
import { seeOther, SendAnswer, type Answer } from '../../answer.ts';
import { AtAuthority, type AtHost } from '../../authority-at-host.ts';
import { Pages } from '../../page.ts';
import { AtVisit, type Visit } from '../../visit.ts';
import type { Problem } from '../checks.ts';
import { contactOf } from '../contact.ts';
import { doorViewOf } from './door-view.ts';
import { NOTHING_SAID, problemsInKnock, saidIn, type KnockSaid } from './knock-form.ts';

interface Shown {
  readonly status: number;
  readonly said: KnockSaid;
  readonly problems: readonly Problem[];
  /** Why a knock was not taken: the door is not open any more, or too many wait before it. */
  readonly refused: 'shut' | 'full' | null;
}

const FIRST: Shown = { status: 200, said: NOTHING_SAID, problems: [], refused: null };

/** Those of which the page itself says what to do. */
const REFUSED: Partial<Record<Reason, Pick<Shown, 'status' | 'refused'>>> = {
  'door-closed': { status: 409, refused: 'shut' },
  'door-paused': { status: 409, refused: 'shut' },
  'too-many-requests': { status: 429, refused: 'full' },
};

/** `/ricevimento/{office}`: one office's virtual door, and what one says when knocking at it. */
@Controller('ricevimento/:office')
@UseInterceptors(SendAnswer)
export class KnockController {
  constructor(
    private readonly doors: Doors,
    private readonly waiting: WaitingDesk,
    private readonly pages: Pages,
    private readonly clock: Clock,
  ) {}

  @Get()
  form(@AtAuthority() at: AtHost, @AtVisit() visit: Visit, @Param('office') id: string): Promise<Answer> {
    return this.#show(at, visit, officeAt(at, id), FIRST);
  }

  @Post('bussa')
  async knock(
    @AtAuthority() at: AtHost,
    @AtVisit() visit: Visit,
    @Param('office') id: string,
    @Body() body: unknown,
  ): Promise<Answer> {
    const office = officeAt(at, id);
    const said = saidIn(body);
    const problems = problemsInKnock(said, this.pages.words(visit.language));
    if (problems.length) return this.#show(at, visit, office, { ...FIRST, status: 422, said, problems });
    try {
      const { name, reason } = said;
      const knock = { name, reason: reason || null, language: visit.language };
      const { token } = await this.waiting.knock(at.authority, office, knock);
      return seeOther(`/incontro/${token}`);
    } catch (fault) {
      const refused = fault instanceof Refusal && REFUSED[fault.reason];
      if (!refused) throw fault;
      return this.#show(at, visit, office, { ...FIRST, said, ...refused });
    }
  }

  /** What was typed stays, also when the door has closed meanwhile. */
  async #show(at: AtHost, visit: Visit, office: Office, { status, ...shown }: Shown): Promise<Answer> {
    const { authority } = at;
    const { language } = visit;
    const look = { authority, language, now: toMinute(this.clock.now()), t: this.pages.words(language) };
    const door = doorViewOf(office, await this.doors.of(authority, office), look);
    const view = { ...shown, door, contact: contactOf(authority, office), asks: door.knocks || shown.refused !== null };
    return this.pages.show('knock', { at, visit }, view, { status, kind: 'form' });
  }
}

/** @throws Refusal `not-found` */
function officeAt({ authority }: AtHost, id: string): Office {
  const office = authority.office(id);
  if (!office) throw new Refusal('not-found');
  return office;
}
