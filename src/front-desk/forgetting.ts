// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Booking } from '../bookings/booking.ts';
import type { Change } from '../bookings/change.ts';
import { noticeTo } from '../bookings/notices.ts';
import type { AccessLog } from '../database/staff/access-log.ts';
import type { Registers } from '../database/registers.ts';
import { Retention } from '../database/retention.ts';
import type { Transaction } from '../database/engine/transaction.ts';
import type { Millis } from '../time/clock.ts';
import type { Issuer } from './issuer.ts';

const DAY_MS: Millis = 86_400_000;
/** Six months and the day: what the Garante asks of the log of who administers (27-11-2008, 4.5). */
const LOG_DAYS = 184;
/** Rows written at a time. */
const BATCH = 100;
const BY_DEADLINE: Change = { by: { kind: 'deadline' } };

/**
 * Forgets, once a night, what has been kept long enough: whose past appointments were, the words of letters, the oldest
 * of the access log. Several instances may do this at once, and one that was stopped goes on where it was.
 */
export class Forgetting {
  /** Bookings that were forgotten, since the start. */
  anonymised = 0;
  readonly #retention: Retention;
  /** The last day, since the epoch, on which all was done. */
  #doneOn = 0;
  #leavesTraces = false;

  constructor(
    private readonly registers: Registers,
    private readonly log: AccessLog,
    private readonly issuer: Issuer,
    private readonly batch = BATCH,
  ) {
    this.#retention = new Retention(registers.database, batch);
  }

  /** The next batch. @returns whether there may be more to do this night */
  async round(): Promise<boolean> {
    const today = Math.floor(this.issuer.now() / DAY_MS);
    if (today === this.#doneOn) return false;
    const done = Math.max(await this.#ofAuthorities(today), await this.#retention.clear(today * DAY_MS));
    this.#leavesTraces ||= done > 0;
    if (done >= this.batch) return true;
    if (this.#leavesTraces) await this.registers.database.wipe();
    this.#leavesTraces = false;
    this.#doneOn = today;
    return false;
  }

  async #ofAuthorities(today: number): Promise<number> {
    const done: number[] = [0];
    for (const { id, keepDays } of await this.registers.authorities.all()) {
      done.push(await this.#forget(await this.#retention.due(id, (today - keepDays) * DAY_MS)));
      done.push(await this.log.cut(id, (today - LOG_DAYS) * DAY_MS, this.batch));
    }
    return Math.max(...done);
  }

  /** @returns how many were tried: one that was changed meanwhile comes again. */
  async #forget(bookings: readonly Booking[]): Promise<number> {
    if (!bookings.length) return 0;
    const forgotten = await this.registers.database.transaction(async (tx) => {
      const each: boolean[] = [];
      for (const booking of bookings) each.push(await this.#forgetOne(tx, booking));
      return each.filter(Boolean).length;
    });
    this.anonymised += forgotten;
    this.registers.changed();
    return bookings.length;
  }

  async #forgetOne(tx: Transaction, was: Booking): Promise<boolean> {
    const { history, outbox } = this.registers;
    const now = was.forgotten(this.issuer.now());
    if (!(await this.#retention.forget(tx, was, now))) return false;
    await history.add(tx, this.issuer.id(), now, BY_DEADLINE, 'forgotten');
    // The event may say the name.
    const inCalendar = await this.#retention.isInCalendar(tx, now);
    if (inCalendar) await outbox.owe(tx, now, [noticeTo('google', now, 'event', now.updatedAt)], this.issuer.id);
    return true;
  }
}
