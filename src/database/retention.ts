// SPDX-License-Identifier: AGPL-3.0-or-later
import { In } from 'typeorm';
import { Booking } from '../bookings/booking.ts';
import { toMinute, type Millis } from '../time/clock.ts';
import type { Database } from './engine/database.ts';
import type { Row, Value } from './engine/driver.ts';
import type { Transaction } from './engine/transaction.ts';

const DAY_MS: Millis = 86_400_000;
/** What staff and citizens wrote, in a letter that has left. */
const WORDS_MS: Millis = 7 * DAY_MS;
/** That a letter was sent, and what became of it. */
const LETTERS_MS: Millis = 90 * DAY_MS;
/** Of a private address that was revoked. */
const FEEDS_MS: Millis = 90 * DAY_MS;
/** When somebody else's event kept a counter busy. */
const BUSY_MS: Millis = DAY_MS;

const FINISHED = `status IN ('sent', 'dropped', 'dead') AND finished_at <= ?`;

/** Whom a guard was for has no booking any more whose citizen is known. */
const UNUSED = `NOT EXISTS (SELECT 1 FROM bookings b
  WHERE b.authority_id = g.authority_id AND b.email_hash = g.email_hash AND b.service_id = g.service_id)`;

/** Takes what has been kept long enough out of the tables. A batch at a time: nobody who books waits long behind it. */
export class Retention {
  constructor(
    private readonly database: Database,
    private readonly batch: number,
  ) {}

  /** Bookings that were over, or were cancelled, by `until` and still say whose they were; as many as a batch. */
  async due(authorityId: string, until: Millis): Promise<Booking[]> {
    const rows = await this.database.rows<{ id: string }>(
      `SELECT id FROM bookings WHERE authority_id = ? AND manage_hash <> ''
        AND (ends_at <= ? OR (status = 'cancelled' AND updated_at <= ?)) LIMIT ${this.batch}`,
      [authorityId, Math.floor(toMinute(until)), until],
    );
    return this.database.reading.findBy(Booking, { id: In(rows.map(({ id }) => id)) });
  }

  /** Whose it was, and all that was written about it. @returns false when another change came first */
  async forget(tx: Transaction, was: Booking, now: Booking): Promise<boolean> {
    const forgotten = await tx.run(
      `UPDATE bookings SET given_name = '', family_name = '', email = NULL, email_hash = NULL, phone = NULL,
        reason = NULL, fields = '{}', case_number = NULL, manage_hash = '', meeting_hash = '', meeting_room = NULL,
        version = ?, updated_at = ? WHERE id = ? AND version = ?`,
      [now.version, now.updatedAt, was.id, was.version],
    );
    if (!forgotten) return false;
    const history = `UPDATE history SET note = NULL, detail = '{}', staff_id = NULL, staff_name = NULL`;
    await tx.run(`${history} WHERE booking_id = ?`, [was.id]);
    await tx.run('DELETE FROM questions WHERE booking_id = ?', [was.id]);
    await tx.run('DELETE FROM rooms WHERE booking_id = ?', [was.id]);
    await tx.run('DELETE FROM arrivals WHERE id = ?', [was.id]);
    return true;
  }

  async isInCalendar(tx: Transaction, { id }: Booking): Promise<boolean> {
    return (await tx.rows('SELECT event_id FROM calendar_events WHERE booking_id = ? LIMIT 1', [id])).length > 0;
  }

  /** What is not of one booking. @returns how many rows; as many as a batch or more when there may be others */
  async clear(now: Millis): Promise<number> {
    const { database } = this;
    return Math.max(
      await this.#blankWords(now - WORDS_MS),
      await this.#deleteLetters(now - LETTERS_MS),
      await this.#deleteGuards(),
      await database.run('DELETE FROM calendar_events WHERE booking_id IS NULL AND ends_at <= ?', [
        Math.floor(toMinute(now - BUSY_MS)),
      ]),
      await database.run('DELETE FROM feeds WHERE revoked_at <= ?', [now - FEEDS_MS]),
    );
  }

  #blankWords(until: Millis): Promise<number> {
    // In JSON a quotation mark of the words themselves has a backslash before it.
    const withWords = `SELECT id FROM outbox WHERE ${FINISHED} AND (facts LIKE '%"note":%' OR facts LIKE '%"who":%')`;
    return this.#each(withWords, [until], (tx, key) =>
      tx.run(`UPDATE outbox SET facts = JSON_REMOVE(facts, '$.note', '$.who') WHERE id = ?`, key),
    );
  }

  #deleteLetters(until: Millis): Promise<number> {
    return this.#each(`SELECT id FROM outbox WHERE ${FINISHED}`, [until], (tx, key) =>
      tx.run('DELETE FROM outbox WHERE id = ?', key),
    );
  }

  /** One that is needed again meanwhile is made again. */
  #deleteGuards(): Promise<number> {
    return this.#each(
      `SELECT g.authority_id, g.service_id, g.email_hash FROM guards g WHERE ${UNUSED}`,
      [],
      (tx, key) => tx.run('DELETE FROM guards WHERE authority_id = ? AND service_id = ? AND email_hash = ?', key),
    );
  }

  /** Looks for keys first, then writes by them: no row is locked but those that change. */
  async #each(
    select: string,
    values: readonly Value[],
    change: (tx: Transaction, key: string[]) => Promise<number>,
  ): Promise<number> {
    const rows = await this.database.rows<Row & Record<string, string>>(`${select} LIMIT ${this.batch}`, values);
    if (!rows.length) return 0;
    await this.database.transaction(async (tx) => {
      for (const row of rows) await change(tx, Object.values(row));
    });
    return rows.length;
  }
}
