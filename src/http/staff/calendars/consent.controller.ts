// SPDX-License-Identifier: AGPL-3.0-or-later
import { Controller, Get, Param, UseInterceptors } from '@nestjs/common';
import { z } from 'zod';
import { Chance } from '../../../bookings/chance.ts';
import { Refusal } from '../../../bookings/refusal.ts';
import { Config } from '../../../config.ts';
import { AccessLog } from '../../../database/staff/access-log.ts';
import { CalendarLinksDesk } from '../../../front-desk/calendar/links-desk.ts';
import { Consent } from '../../../google/consent.ts';
import { CalendarFailure } from '../../../calendars/calendar-failure.ts';
import type { Authority } from '../../../offices/authority.ts';
import { publicUrlOf } from '../../../offices/public-address.ts';
import { seeOther, SendAnswer, type Answer } from '../../answer.ts';
import { Errands } from '../entrance/errands.ts';
import { AtStaff } from '../entrance/signed-in.ts';
import { counterOf, pageOf } from './counter-of.ts';
import type { StaffSetting } from '../staff-pages.ts';

const Errand = z.object({ staff: z.string(), counter: z.string(), state: z.string(), verifier: z.string() });
type Errand = z.infer<typeof Errand>;

/** To Google's page of consent and back: how somebody lets us into their own calendar. */
@Controller('operatore/calendari')
@UseInterceptors(SendAnswer)
export class ConsentController {
  constructor(
    private readonly consent: Consent,
    private readonly links: CalendarLinksDesk,
    private readonly errands: Errands,
    private readonly chance: Chance,
    private readonly log: AccessLog,
    private readonly config: Config,
  ) {}

  @Get(':counter/google')
  async begin(@AtStaff() { at: { authority }, staff }: StaffSetting, @Param('counter') id: string) {
    const { googleCalendar } = counterOf(staff, authority, id);
    if (!this.consent.isPossible || googleCalendar?.access !== 'oauth') throw new Refusal('not-found');
    const [state, verifier] = [this.chance.text(32), this.chance.text(32)];
    const errand: Errand = { staff: staff.id, counter: id, state, verifier };
    const url = this.consent.url(this.#returnOf(authority), state, verifier, googleCalendar.id);
    return seeOther(url, await this.errands.begin('google', authority, errand));
  }

  @Get('ritorno')
  async finish(@AtStaff() { at: { authority }, visit, staff }: StaffSetting): Promise<Answer> {
    const errand = Errand.safeParse(await this.errands.end('google', authority, visit)).data;
    if (!errand || errand.staff !== staff.id || errand.state !== visit.query.get('state'))
      return seeOther('/operatore/calendari');
    const counter = counterOf(staff, authority, errand.counter);
    const code = visit.query.get('code');
    if (!code || counter.googleCalendar?.access !== 'oauth') return seeOther(pageOf(counter.id, '?errore=consenso'));
    try {
      const token = await this.consent.exchange(code, errand.verifier, this.#returnOf(authority));
      await this.log.note(authority, staff, 'calendar', { counter: counter.id, done: 'admitted' });
      await this.links.admit(authority, counter.key, token);
      return seeOther(pageOf(counter.id, '?fatto=collegato'));
    } catch (fault) {
      if (!(fault instanceof CalendarFailure)) throw fault;
      return seeOther(pageOf(counter.id, '?errore=google'));
    }
  }

  #returnOf(authority: Authority): string {
    return `${publicUrlOf(this.config.publicUrl, authority)}/operatore/calendari/ritorno`;
  }
}
