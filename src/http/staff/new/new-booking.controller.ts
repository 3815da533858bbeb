// SPDX-License-Identifier: AGPL-3.0-or-later
import { Body, Controller, Get, Post, Query, UseInterceptors } from '@nestjs/common';
import { z } from 'zod';
import type { Staff } from '../../../access/staff.ts';
import { Refusal } from '../../../bookings/refusal.ts';
import { FARTHEST } from '../../../front-desk/overruling.ts';
import { Timetable } from '../../../front-desk/timetable.ts';
import type { Authority } from '../../../offices/authority.ts';
import { Clock, toMinute } from '../../../time/clock.ts';
import type { Minute } from '../../../time/interval.ts';
import { TICK } from '../../../time/tick.ts';
import { readStart } from '../../../time/zone.ts';
import { seeOther, SendAnswer, type Answer } from '../../answer.ts';
import { text } from '../../citizen/choice.ts';
import { offerWithin } from '../../citizen/offer.ts';
import { readPlace } from '../../citizen/picker.ts';
import type { Visit } from '../../visit.ts';
import { choiceAddress, chosenOf, officesOf, pointedAt, readAsked, type Asked, type Chosen } from './choice.ts';
import { NewBookingDesk } from './new-booking-desk.ts';
import { NewBookingMemory, type NewBooking } from './new-booking-memory.ts';
import { pointedView, servicesOf, timesOf } from './views.ts';
import { AtStaff, mayOr404 } from '../entrance/signed-in.ts';
import { StaffPages, type StaffSetting } from '../staff-pages.ts';

type Query = Record<string, unknown>;

/** A button of the picker, or any other day and time. */
const TimeForm = z.object({ posto: text, data: text, ora: text });

/** `/operatore/nuovo`: what somebody on the telephone or at the desk comes for, and when. */
@Controller('operatore/nuovo')
@UseInterceptors(SendAnswer)
export class NewBookingController {
  constructor(
    private readonly pages: StaffPages,
    private readonly timetable: Timetable,
    private readonly desk: NewBookingDesk,
    private readonly memory: NewBookingMemory,
    private readonly clock: Clock,
  ) {}

  @Get()
  async choose(@AtStaff() setting: StaffSetting, @Query() query: Query): Promise<Answer> {
    const { at, visit, staff } = setting;
    mayOr404(staff, 'change-bookings');
    const offices = officesOf(at.authority, staff);
    if (!offices.length) return this.pages.show('staff/no-office', setting, {});
    const asked = readAsked(query);
    const chosen = chosenOf(at.authority, staff, asked);
    const form = asked.modulo ? await this.#kept(staff, asked.modulo) : null;
    const times = chosen && (await this.#times(at.authority, visit, chosen, asked, form, query));
    const look = { authority: at.authority, language: visit.language, now: toMinute(this.clock.now()) };
    const view = { asked, times, pointed: pointedView(look, asked), wrong: text.parse(query['manca']) };
    return this.pages.show('staff/new', setting, { ...view, offices: servicesOf(offices, chosen) });
  }

  /** Begins a form at this time, or gives the one on its way another. */
  @Post('orario')
  async chooseTime(@AtStaff() { at, staff }: StaffSetting, @Body() body: unknown): Promise<Answer> {
    const { authority } = at;
    const asked = readAsked(body);
    const chosen = chosenOf(authority, staff, asked);
    if (!chosen) throw new Refusal('not-found');
    mayOr404(staff, 'change-bookings', chosen.office.id);
    const start = this.#startIn(authority, chosen, body);
    if (typeof start === 'string') return seeOther(`${choiceAddress({ ...asked, manca: start })}#altro`);
    const before = asked.modulo ? await this.#kept(staff, asked.modulo) : null;
    const name = before ? asked.modulo : this.memory.newName();
    const answers = withTime(before, chosen, start, pointedAt(authority, asked).counter);
    const inTheWay = await this.desk.inTheWay(authority, answers);
    // Any other time was asked for in so many words: what it overrules is the first thing the next page says.
    const overruled = TimeForm.parse(body ?? {}).data ? inTheWay : [];
    await this.memory.keep(staff, name, await this.desk.holding(authority, { ...answers, overruled }));
    return seeOther(`/operatore/nuovo/${name}`);
  }

  async #times(
    authority: Authority,
    { language }: Visit,
    chosen: Chosen,
    asked: Asked,
    form: NewBooking | null,
    query: Query,
  ) {
    const look = { timetable: this.timetable, authority, language, now: toMinute(this.clock.now()) };
    const { service, office, mode, audience } = chosen;
    const except = form?.hold ?? undefined;
    const slots = await offerWithin(look, { serviceId: service.id, offices: [office], mode, audience, except });
    return timesOf(look, chosen, slots, asked, query);
  }

  async #kept(staff: Staff, name: string): Promise<NewBooking | null> {
    const draft = await this.memory.read(staff, name);
    return draft && 'answers' in draft ? draft.answers : null;
  }

  /** @returns what is wrong with it when it is no time to come */
  #startIn({ zone }: Authority, { office, service }: Chosen, body: unknown): Minute | 'ora' | 'passato' | 'lontano' {
    const { posto, data, ora } = TimeForm.parse(body ?? {});
    const place = readPlace(posto, zone);
    const read = readStart(`${data}T${ora}`, zone);
    const start = place?.officeId === office.id ? place.start : 'minute' in read ? read.minute : null;
    if (start === null || start % TICK !== 0) return 'ora';
    const now = toMinute(this.clock.now());
    if (start + service.duration <= now) return 'passato';
    return start > now + FARTHEST ? 'lontano' : start;
  }
}

const BLANK = {
  hold: null,
  why: '',
  givenName: '',
  familyName: '',
  email: '',
  phone: '',
  reason: '',
  caseNumber: '',
  fields: {},
  language: 'it',
} as const;

/** A form at this time: a new one, or the one on its way with another time. */
const withTime = (
  before: NewBooking | null,
  { office, service, mode, audience }: Chosen,
  start: Minute,
  counter: number | undefined,
): NewBooking => ({
  ...(before ?? BLANK),
  officeId: office.id,
  serviceId: service.id,
  start,
  mode,
  audience,
  counter,
  overruled: [],
  overLimit: false,
});
