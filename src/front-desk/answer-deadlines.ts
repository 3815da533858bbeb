// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Booking } from '../bookings/booking.ts';
import { answerBy } from '../bookings/deadline.ts';
import { Refusal } from '../bookings/refusal.ts';
import type { Registers } from '../database/registers.ts';
import type { Authority } from '../offices/authority.ts';
import { toMinute, type Millis } from '../time/clock.ts';
import type { ChangeDesk } from './change-desk.ts';

/** For so long the house may have been shut, and still finds those whose start has come meanwhile. */
const LONGEST_SILENCE = 30 * 1440;

/** Bookings that wait for the office's yes do not wait for ever: the citizen is told, and the time is free again. */
export class AnswerDeadlines {
  constructor(
    private readonly registers: Registers,
    private readonly changes: ChangeDesk,
  ) {}

  /** Several instances may do this at once: each booking is cancelled, and told of, once. @returns how many waited too long */
  async expirePending(now: Millis): Promise<number> {
    let expired = 0;
    for (const authority of await this.registers.authorities.all())
      for (const booking of await this.#waiting(authority, now))
        if (isOver(authority, booking, now) && (await this.#expire(authority, booking))) expired++;
    return expired;
  }

  #waiting({ counters, extras }: Authority, now: Millis): Promise<Booking[]> {
    const keys = [...counters, ...extras].map(({ key }) => key);
    return this.registers.books.waiting(keys, toMinute(now) - LONGEST_SILENCE);
  }

  /** @returns false when the office, the citizen or another instance was faster. */
  async #expire(authority: Authority, booking: Booking): Promise<boolean> {
    try {
      await this.changes.cancel(authority, booking, { by: { kind: 'deadline' }, version: booking.version });
      return true;
    } catch (fault) {
      if (fault instanceof Refusal) return false;
      throw fault;
    }
  }
}

const isOver = (authority: Authority, booking: Booking, now: Millis): boolean =>
  answerBy(booking, authority.anyOffice(booking.officeId)!, authority.zone) <= toMinute(now);
