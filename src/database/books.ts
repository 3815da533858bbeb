// SPDX-License-Identifier: AGPL-3.0-or-later
import { In } from 'typeorm';
import { Booking } from '../bookings/booking.ts';
import type { TokenKind } from '../bookings/token.ts';
import type { Millis } from '../time/clock.ts';
import type { Interval, Minute } from '../time/interval.ts';
import type { Database } from './engine/database.ts';
import type { Row } from './engine/driver.ts';
import type { Transaction } from './engine/transaction.ts';

/** An appointment and its buffer never reach further, so a look back of one day finds all that may still be busy. */
const LONGEST_BOOKING = 1440;

/** Who stands in nobody's way: the booking that moves, the hold that becomes a booking. */
const NOBODY = '';

/** The bookings and what is asked of them. */
export class Books {
  constructor(private readonly database: Database) {}

  /**
   * When these counters are taken between two instants, by bookings and by holds alive now; sorted by start.
   * Read from the bookings as whole minutes: a claim has six rows where a booking has one.
   */
  async busyTimes(
    counters: readonly number[],
    { start, end }: Interval,
    now: Millis,
    except?: string,
  ): Promise<Map<number, Interval[]>> {
    const busy = new Map<number, Interval[]>(counters.map((key) => [key, []]));
    if (!counters.length) return busy;
    const marks = counters.map(() => '?').join(', ');
    // Not asked for nobody's sake: with it SQLite cannot answer from the index alone.
    const others = except === undefined ? '' : 'AND id <> ?';
    const own = except === undefined ? [] : [except];
    const range = [...counters, start - LONGEST_BOOKING, end, start] as const;
    const rows = await this.database.rows<{ counter: number; starts_at: Minute; busy_until: Minute }>(
      `SELECT counter, starts_at, busy_until FROM bookings
        WHERE counter IN (${marks}) AND starts_at > ? AND starts_at < ? AND busy_until > ? AND status <> 'cancelled' ${others}
        UNION ALL
       SELECT counter, starts_at, busy_until FROM holds
        WHERE counter IN (${marks}) AND starts_at > ? AND starts_at < ? AND busy_until > ? AND expires_at > ? ${others}
        ORDER BY 2`,
      [...range, ...own, ...range, now, ...own],
    );
    for (const row of rows) busy.get(row.counter)!.push({ start: row.starts_at, end: row.busy_until });
    return busy;
  }

  /** What still waits for the office's yes at these counters. Found from their index alone, whatever the years have left. */
  async waiting(counters: readonly number[], since: Minute): Promise<Booking[]> {
    if (!counters.length) return [];
    const marks = counters.map(() => '?').join(', ');
    const rows = await this.database.rows<{ id: string }>(
      `SELECT id FROM bookings WHERE counter IN (${marks}) AND starts_at > ? AND status = 'pending'`,
      [...counters, since],
    );
    return this.database.reading.findBy(Booking, { id: In(rows.map(({ id }) => id)) });
  }

  byId(id: string): Promise<Booking | null> {
    return this.database.reading.findOneBy(Booking, { id });
  }

  byIds(ids: readonly string[]): Promise<Booking[]> {
    return ids.length ? this.database.reading.findBy(Booking, { id: In(ids) }) : Promise.resolve([]);
  }

  byReference(authorityId: string, reference: string): Promise<Booking | null> {
    return this.database.reading.findOneBy(Booking, { authorityId, reference });
  }

  byTokenHash(authorityId: string, kind: TokenKind, hash: string): Promise<Booking | null> {
    const token = kind === 'manage' ? { manageHash: hash } : { meetingHash: hash };
    return this.database.reading.findOneBy(Booking, { authorityId, ...token });
  }

  async insert(tx: Transaction, booking: Booking): Promise<void> {
    await tx.insert(Booking, [booking]);
  }

  /** Writes a change over the booking as it was read. @returns false when another change came first. */
  async replace(tx: Transaction, was: Booking, now: Booking): Promise<boolean> {
    const changed = await tx.run(
      `UPDATE bookings SET starts_at = ?, ends_at = ?, busy_until = ?, counter = ?, status = ?, sequence = ?,
        version = ?, address_fails = ?, cancelled_by = ?, updated_at = ?
        WHERE id = ? AND version = ?`,
      [
        now.start,
        now.end,
        now.busyUntil,
        now.counter,
        now.status,
        now.sequence,
        now.version,
        now.addressFails,
        now.cancelledBy,
        now.updatedAt,
        was.id,
        was.version,
      ],
    );
    return changed === 1;
  }

  /** The room a video provider has made, or null when it has none: no change of the booking, so it has no version. */
  async keepRoom(id: string, room: string | null): Promise<void> {
    await this.database.run('UPDATE bookings SET meeting_room = ? WHERE id = ?', [room, id]);
  }

  /** Starts of one person's live bookings of a service, in the whole authority, other than one. */
  async startsOf(
    tx: Transaction,
    person: { authorityId: string; serviceId: string; emailHash: string },
    except = NOBODY,
  ): Promise<Minute[]> {
    const rows = await tx.rows<{ starts_at: Minute } & Row>(
      `SELECT starts_at FROM bookings
        WHERE authority_id = ? AND email_hash = ? AND service_id = ? AND status <> 'cancelled' AND id <> ?`,
      [person.authorityId, person.emailHash, person.serviceId, except],
    );
    return rows.map((r) => r.starts_at);
  }
}
