// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Booking } from '../../bookings/booking.ts';
import type { Actor } from '../../bookings/change.ts';
import { Refusal } from '../../bookings/refusal.ts';
import type { Registers } from '../../database/registers.ts';
import type { Question } from '../../database/rows.ts';
import type { Authority } from '../../offices/authority.ts';
import type { CalendarRequests } from './requests.ts';
import type { ChangeDesk } from '../change-desk.ts';
import type { Issuer } from '../issuer.ts';

/** What staff say to a question of their calendar: the appointment is off; the event goes back; it does move. */
export type CalendarAnswer = 'cancel' | 'put-back' | 'move';

/** Answers what staff were asked because of what they did in their calendar. */
export class CalendarAnswers {
  constructor(
    private readonly registers: Registers,
    private readonly changes: ChangeDesk,
    private readonly requests: CalendarRequests,
    private readonly issuer: Issuer,
  ) {}

  /** A question, answered or not, and its booking. @throws Refusal `not-found` */
  async find(authority: Authority, id: string): Promise<{ question: Question; booking: Booking }> {
    const question = await this.registers.questions.find(authority.id, id);
    const booking = question && (await this.registers.books.byId(question.bookingId));
    if (!booking) throw new Refusal('not-found');
    return { question, booking };
  }

  /**
   * Does what was answered, and then closes the question: who dies between is asked once more, and the same answer does
   * no harm.
   * @param note a sentence to the citizen
   * @throws Refusal those of {@link ChangeDesk.cancel} and {@link ChangeDesk.move}; then the question stays open
   */
  async answer(
    authority: Authority,
    { question, booking }: { question: Question; booking: Booking },
    answer: CalendarAnswer,
    by: Extract<Actor, { kind: 'staff' }>,
    note: string | undefined,
  ): Promise<void> {
    if (answer === 'cancel') await this.changes.cancel(authority, booking, { by, note });
    if (answer === 'put-back') await this.#putBack(question, booking, by);
    if (answer === 'move') await this.#move(authority, question, booking, { by, note });
    const now = this.issuer.now();
    await this.registers.database.transaction((tx) => this.registers.questions.answer(tx, question.id, answer, now));
  }

  async #putBack({ detail }: Question, booking: Booking, by: Extract<Actor, { kind: 'staff' }>): Promise<void> {
    const known = await this.registers.calendarEvents.ofBooking(booking.id);
    const row = known.find(({ counter }) => counter === detail['counter']);
    if (row) await this.requests.writeAgain({ row, item: { etag: row.etag }, booking }, { by }, 'put-back', {});
  }

  /** Staff were asked because it is so soon; that they say yes is why the notice does not bind. Nobody else gives way. */
  async #move(
    authority: Authority,
    { detail }: Question,
    booking: Booking,
    { by, note }: { by: Extract<Actor, { kind: 'staff' }>; note: string | undefined },
  ): Promise<void> {
    const start = Number(detail['start']);
    if (!Number.isInteger(start)) throw new Refusal('not-found');
    await this.changes.move(authority, booking, start, { by, note, overrule: MOVED_IN_CALENDAR }, booking.counter);
  }
}

const MOVED_IN_CALENDAR = 'Spostato nel calendario, confermato da chi era di turno';
