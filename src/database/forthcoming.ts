// SPDX-License-Identifier: AGPL-3.0-or-later
import { In } from 'typeorm';
import { Booking } from '../bookings/booking.ts';
import type { Authority } from '../offices/authority.ts';
import type { Mode } from '../offices/definition.ts';
import type { Minute } from '../time/interval.ts';
import type { Database } from './engine/database.ts';
import type { Row } from './engine/driver.ts';

/** Where and when a booking is, and nothing about who comes. */
export type BookedPlace = Pick<Booking, 'id' | 'officeId' | 'serviceId' | 'mode' | 'counter' | 'start' | 'end'>;

/** What asks for rows: the database as it is committed, or a transaction. */
interface Asked {
  rows<R extends Row>(sql: string, values?: readonly (string | number)[]): Promise<R[]>;
}

interface PlaceRow extends Row {
  id: string;
  office_id: string;
  service_id: string;
  mode: Mode;
  counter: number;
  starts_at: Minute;
  ends_at: Minute;
}

const AT_ONCE = 500;

/** The bookings of a whole authority that are still to come, whatever becomes of its hours. */
export class Forthcoming {
  constructor(private readonly database: Database) {}

  /** Every live one that starts after `now`, the first first. */
  async places({ id, definition }: Authority, now: Minute, asked: Asked = this.database): Promise<BookedPlace[]> {
    const offices = definition.offices.map((office) => office.id);
    if (!offices.length) return [];
    // The offices are named for the index: years of past bookings are not looked at.
    const rows = await asked.rows<PlaceRow>(
      `SELECT id, office_id, service_id, mode, counter, starts_at, ends_at FROM bookings
        WHERE authority_id = ? AND office_id IN (${offices.map(() => '?').join(', ')}) AND starts_at > ?
          AND status IN ('pending', 'confirmed') ORDER BY starts_at, id`,
      [id, ...offices, now],
    );
    return rows.map((row) => ({
      id: row.id,
      officeId: row.office_id,
      serviceId: row.service_id,
      mode: row.mode,
      counter: row.counter,
      start: row.starts_at,
      end: row.ends_at,
    }));
  }

  /** These bookings by their id. */
  async byId(ids: readonly string[]): Promise<Map<string, Booking>> {
    const found = new Map<string, Booking>();
    for (let i = 0; i < ids.length; i += AT_ONCE) {
      const some = await this.database.reading.findBy(Booking, { id: In(ids.slice(i, i + AT_ONCE)) });
      for (const booking of some) found.set(booking.id, booking);
    }
    return found;
  }
}
