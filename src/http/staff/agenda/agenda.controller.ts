// SPDX-License-Identifier: AGPL-3.0-or-later
import { Controller, Get, Query, UseInterceptors } from '@nestjs/common';
import { Registers } from '../../../database/registers.ts';
import { Agenda } from '../../../front-desk/agenda.ts';
import { calendarStates } from '../../../front-desk/calendar/states.ts';
import { addDays } from '../../../time/day.ts';
import { Clock, toMinute } from '../../../time/clock.ts';
import { sayDate } from '../../../time/say.ts';
import { dayOf } from '../../../time/zone.ts';
import { SendAnswer, type Answer } from '../../answer.ts';
import { Looks } from '../looks.ts';
import { AtStaff, mayOr404 } from '../entrance/signed-in.ts';
import { inWaitingRoom } from '../reception/in-waiting-room.ts';
import { StaffPages, type StaffSetting } from '../staff-pages.ts';
import type { Look } from './booking-line.ts';
import { calendarsInTrouble } from './calendars.ts';
import { agendaAddress, mondayOf, readAgendaChoice, type AgendaChoice } from './choice.ts';
import { dayView, frameView, weekView, type OfficeChoice } from './view.ts';

/** `/operatore/agenda`: who comes to which counter, on a day or in a week. */
@Controller('operatore/agenda')
@UseInterceptors(SendAnswer)
export class AgendaController {
  constructor(
    private readonly agenda: Agenda,
    private readonly registers: Registers,
    private readonly looks: Looks,
    private readonly pages: StaffPages,
    private readonly clock: Clock,
  ) {}

  @Get()
  async see(@AtStaff() setting: StaffSetting, @Query() query: unknown): Promise<Answer> {
    const { at, visit, staff } = setting;
    mayOr404(staff, 'see-agenda');
    const look: Look = { authority: at.authority, language: visit.language, now: toMinute(this.clock.now()) };
    const choice = readAgendaChoice(query, at.authority, staff, dayOf(look.now, at.authority.zone));
    if (!hasOffice(choice)) return this.pages.show('staff/no-office', setting, {});
    const { office, day, view } = choice;
    await this.looks.note(at.authority, staff, 'agenda', { office: office.id, day, view });
    return view === 'giorno' ? this.#day(setting, choice, look) : this.#week(setting, choice, look);
  }

  async #day(setting: StaffSetting, choice: OfficeChoice, look: Look): Promise<Answer> {
    const { office, day } = choice;
    const [agenda] = await this.agenda.days(look.authority, office, day, day);
    const calendars = await calendarStates(this.registers, look.authority, this.clock.now());
    const here = await inWaitingRoom(this.registers, look.authority, office, this.clock.now());
    const view = dayView(choice, agenda!, calendarsInTrouble(calendars, look), { ...look, here });
    return this.pages.show('staff/agenda', setting, {
      ...frameView(choice, setting.staff, look),
      ...view,
      next: view.bookings || view.columns.length ? null : this.#nextOpen(choice, look),
    });
  }

  async #week(setting: StaffSetting, choice: OfficeChoice, look: Look): Promise<Answer> {
    const monday = mondayOf(choice.day);
    const days = await this.agenda.days(look.authority, choice.office, monday, addDays(monday, 6));
    return this.pages.show('staff/week', setting, {
      ...frameView(choice, setting.staff, look),
      ...weekView(choice, days, look),
    });
  }

  #nextOpen(choice: OfficeChoice, { authority, language, now }: Look) {
    const day = this.agenda.nextOpenDay(authority, choice.office, choice.day);
    return day && { name: sayDate(day, language, dayOf(now, authority.zone)), href: agendaAddress(choice, { day }) };
  }
}

const hasOffice = (choice: AgendaChoice): choice is OfficeChoice => choice.office !== null;
