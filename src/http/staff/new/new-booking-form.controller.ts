// SPDX-License-Identifier: AGPL-3.0-or-later
import { Body, Controller, Get, Param, Post, Query, UseInterceptors } from '@nestjs/common';
import { z } from 'zod';
import type { Staff } from '../../../access/staff.ts';
import { LANGUAGES } from '../../../bookings/booking.ts';
import { Refusal } from '../../../bookings/refusal.ts';
import { AccessLog } from '../../../database/staff/access-log.ts';
import type { Authority } from '../../../offices/authority.ts';
import { seeOther, SendAnswer, type Answer } from '../../answer.ts';
import { asked } from '../../citizen/checks.ts';
import { text } from '../../citizen/choice.ts';
import { readPlace } from '../../citizen/picker.ts';
import { NewBookingDesk } from './new-booking-desk.ts';
import { IN_THE_WAY, NewBookingMemory, type NewBooking } from './new-booking-memory.ts';
import { NewBookingPage, type Opened } from './new-booking-page.ts';
import { AtStaff, mayOr404 } from '../entrance/signed-in.ts';
import type { StaffSetting } from '../staff-pages.ts';

type Query = Record<string, unknown>;

const Form = z
  .object({
    given_name: text,
    family_name: text,
    email: text,
    phone: text,
    reason: text,
    case_number: text,
    language: z.enum(LANGUAGES).catch('it'),
    /** Another time instead, or `stesso`: this one all the same. */
    posto: text,
    /** What stood in the way on the page that was sent. */
    supera: text.transform((said) => IN_THE_WAY.filter((it) => said.split(',').includes(it))),
    perche: text,
  })
  .loose();

/** `/operatore/nuovo/{form}`: who comes, and the button that books. */
@Controller('operatore/nuovo/:form')
@UseInterceptors(SendAnswer)
export class NewBookingFormController {
  constructor(
    private readonly page: NewBookingPage,
    private readonly desk: NewBookingDesk,
    private readonly memory: NewBookingMemory,
    private readonly log: AccessLog,
  ) {}

  @Get()
  async show(@AtStaff() setting: StaffSetting, @Param('form') name: string, @Query() query: Query): Promise<Answer> {
    const { at, staff } = setting;
    const opened = await this.#open(at.authority, staff, name);
    if (typeof opened === 'string') return seeOther(opened);
    return 'reference' in opened
      ? this.page.done(setting, opened.reference)
      : this.page.show(setting, opened, { wrong: 'errori' in query, changed: 'conflitto' in query });
  }

  @Post()
  async save(
    @AtStaff() { at: { authority }, visit, staff }: StaffSetting,
    @Param('form') name: string,
    @Body() body: unknown,
  ): Promise<Answer> {
    const here = `/operatore/nuovo/${name}`;
    const opened = await this.#open(authority, staff, name);
    if (typeof opened === 'string') return seeOther(opened);
    if ('reference' in opened) return seeOther(here);
    const answers = written(authority, opened, body);
    const inTheWay = await this.desk.inTheWay(authority, answers);
    const unread = inTheWay.filter((it) => !answers.overruled.includes(it));
    const overruled = inTheWay.length ? answers.overruled : [];
    const next = { ...opened, answers: { ...answers, overruled } };
    if (this.page.problems(next, visit).length) return this.#again(authority, staff, next, 'errori');
    if (unread.length) return this.#again(authority, staff, next, 'conflitto');
    return this.#book(authority, staff, next);
  }

  /** Keeps the time while the form is open; the page asks for it by itself where there is JavaScript. */
  @Post('tieni')
  async extend(@AtStaff() { at: { authority }, staff }: StaffSetting, @Param('form') name: string): Promise<Answer> {
    const opened = await this.#open(authority, staff, name);
    if (typeof opened === 'string') return seeOther(opened);
    if ('answers' in opened) await this.memory.keep(staff, name, await this.desk.holding(authority, opened.answers));
    return seeOther(`/operatore/nuovo/${name}`);
  }

  async #book(authority: Authority, staff: Staff, { name, service, answers }: Opened): Promise<Answer> {
    const here = `/operatore/nuovo/${name}`;
    try {
      const said = { ...answers, fields: asked(answers.fields, service) };
      const { id, reference } = await this.desk.book(authority, staff, said, name);
      await this.log.note(authority, staff, 'new-booking', { reference, booking: id });
      await this.memory.finish(staff, name, reference);
      return seeOther(here);
    } catch (fault) {
      if (!(fault instanceof Refusal) || fault.reason === 'unavailable') throw fault;
      const overLimit = fault.reason === 'already-booked';
      return this.#again(authority, staff, { name, answers: { ...answers, overLimit } }, 'conflitto');
    }
  }

  /** Right or wrong, what was written is kept, and the page says what has come in between. */
  async #again(
    authority: Authority,
    staff: Staff,
    { name, answers }: Pick<Opened, 'name' | 'answers'>,
    why: 'errori' | 'conflitto',
  ): Promise<Answer> {
    await this.memory.keep(staff, name, await this.desk.holding(authority, answers));
    return seeOther(`/operatore/nuovo/${name}?${why}=1#${why}`);
  }

  /** @returns where to begin anew when the form has been forgotten. @throws Refusal `not-found` */
  async #open(authority: Authority, staff: Staff, name: string): Promise<Opened | { reference: string } | string> {
    mayOr404(staff, 'change-bookings');
    const draft = await this.memory.read(staff, name);
    if (!draft) return '/operatore/nuovo?manca=modulo';
    if ('reference' in draft) return draft;
    const { answers } = draft;
    mayOr404(staff, 'change-bookings', answers.officeId);
    const booked = await this.desk.booked(authority, name);
    if (booked) return booked;
    const service = authority.service(answers.officeId, answers.serviceId);
    return service ? { name, answers, service } : '/operatore/nuovo?manca=modulo';
  }
}

/** The form with what was written into it. */
function written({ zone }: Authority, { answers, service }: Opened, body: unknown): NewBooking {
  const form = Form.parse(body ?? {});
  const elsewhen = readPlace(form.posto, zone);
  const isOther = elsewhen?.officeId === answers.officeId && elsewhen.start !== answers.start;
  const overruled = form.posto === 'stesso' ? form.supera : [];
  return {
    ...answers,
    ...(isOther ? { start: elsewhen.start, counter: undefined } : {}),
    givenName: form.given_name,
    familyName: form.family_name,
    email: form.email,
    phone: form.phone,
    reason: oneKindOfLineEnd(form.reason),
    caseNumber: form.case_number,
    fields: Object.fromEntries(service.fields.map(({ id }) => [id, text.parse(form[`campo.${id}`])])),
    language: form.language,
    overruled,
    overLimit: overruled.includes('limit'),
    why: oneKindOfLineEnd(form.perche),
  };
}

/** A textarea sends CR LF, and counts one. */
const oneKindOfLineEnd = (said: string): string => said.replace(/\r\n?/g, '\n');
