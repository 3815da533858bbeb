// SPDX-License-Identifier: AGPL-3.0-or-later
import { Body, Controller, Get, Param, Post, Query, UseInterceptors } from '@nestjs/common';
import { z } from 'zod';
import type { Staff } from '../../../access/staff.ts';
import { Refusal } from '../../../bookings/refusal.ts';
import { AccessLog } from '../../../database/staff/access-log.ts';
import { CalendarLinksDesk } from '../../../front-desk/calendar/links-desk.ts';
import type { Authority, KeyedCounter } from '../../../offices/authority.ts';
import { seeOther, SendAnswer, type Answer } from '../../answer.ts';
import { text } from '../../citizen/choice.ts';
import { AtStaff, mayOr404 } from '../entrance/signed-in.ts';
import { calendarIn, ownOf, typedIn } from './calendar-form.ts';
import { CalendarsView } from './calendars-view.ts';
import { counterOf, decidedBy, hasCalendars, isManaged, pageOf } from './counter-of.ts';
import type { StaffSetting } from '../staff-pages.ts';

const Said = z.object({ fatto: text, errore: text });
const Resumption = z.object({ come: z.enum(['restoring', 'asking']) });
const Leaving = z.object({ comunque: text });

/** `/operatore/calendari`: the counters' Google Calendars. Google itself is asked a moment later, by the rounds. */
@Controller('operatore/calendari')
@UseInterceptors(SendAnswer)
export class CalendarsController {
  constructor(
    private readonly links: CalendarLinksDesk,
    private readonly view: CalendarsView,
    private readonly log: AccessLog,
  ) {}

  @Get()
  list(@AtStaff() setting: StaffSetting): Promise<Answer> {
    if (!hasCalendars(setting.staff, setting.at.authority)) throw new Refusal('not-found');
    return this.view.list(setting);
  }

  @Get(':counter')
  one(@AtStaff() setting: StaffSetting, @Param('counter') id: string, @Query() query: unknown): Promise<Answer> {
    const { at, staff } = setting;
    const { fatto: done, errore: failed } = Said.parse(query ?? {});
    return this.view.counter(setting, counterOf(staff, at.authority, id), { done, failed });
  }

  /** Gives a calendar to a counter that has none: out of another one our events must be taken first. */
  @Post(':counter')
  async assign(@AtStaff() setting: StaffSetting, @Param('counter') id: string, @Body() body: unknown): Promise<Answer> {
    const { at, staff } = setting;
    const counter = counterOf(staff, at.authority, id);
    if (counter.googleCalendar) return seeOther(pageOf(id));
    const typed = isManaged(staff, counter) ? typedIn(body) : ownOf(typedIn(body));
    const calendar = calendarIn(typed);
    // Whose calendars the whole domain lets us into is not for one office to say.
    if (typeof calendar !== 'string' && calendar.as) mayOr404(staff, 'edit-authority');
    if (typeof calendar === 'string') return this.view.counter(setting, counter, { typed, wrong: calendar });
    await this.#note(at.authority, staff, counter, 'assigned');
    await this.links.assign(at.authority, counter.key, calendar);
    return seeOther(pageOf(id, '?fatto=salvato'));
  }

  @Post(':counter/sincronizza')
  async look(@AtStaff() { at: { authority }, staff }: StaffSetting, @Param('counter') id: string) {
    await this.links.lookNow(authority, counterOf(staff, authority, id).key);
    return seeOther(pageOf(id, '?fatto=chiesto'));
  }

  /** What was meant when much had vanished at once. */
  @Post(':counter/riprendi')
  async resume(
    @AtStaff() { at: { authority }, staff }: StaffSetting,
    @Param('counter') id: string,
    @Body() body: unknown,
  ): Promise<Answer> {
    const counter = decidedBy(staff, authority, id);
    const answer = Resumption.safeParse(body ?? {});
    if (!answer.success) return seeOther(pageOf(id));
    await this.#note(authority, staff, counter, answer.data.come);
    await this.links.resume(counter.key, answer.data.come);
    return seeOther(pageOf(id, '?fatto=ripreso'));
  }

  @Post(':counter/scollega')
  async leave(
    @AtStaff() { at: { authority }, staff }: StaffSetting,
    @Param('counter') id: string,
    @Body() body: unknown,
  ): Promise<Answer> {
    const counter = decidedBy(staff, authority, id);
    await this.#note(authority, staff, counter, 'left');
    if (Leaving.parse(body ?? {}).comunque) await this.links.forget(authority, counter.key);
    else await this.links.leave(counter.key);
    return seeOther(pageOf(id, '?fatto=scollegato'));
  }

  #note(authority: Authority, staff: Staff, { id }: KeyedCounter, done: string): Promise<void> {
    return this.log.note(authority, staff, 'calendar', { counter: id, done });
  }
}
