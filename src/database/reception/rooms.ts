// SPDX-License-Identifier: AGPL-3.0-or-later
import { In } from 'typeorm';
import { Booking } from '../../bookings/booking.ts';
import type { VideoProvider } from '../../offices/definition.ts';
import type { Millis } from '../../time/clock.ts';
import type { Minute } from '../../time/interval.ts';
import type { Database } from '../engine/database.ts';
import { Room } from '../rows.ts';
import { DuplicateKey } from '../engine/transaction.ts';

/** What a provider made, `staffUrl` sealed. */
type Made = Pick<Room, 'externalId' | 'citizenUrl' | 'staffUrl'>;

/** Services of one office whose rooms one provider makes. */
export interface MadeBy {
  readonly provider: VideoProvider;
  readonly officeId: string;
  readonly services: readonly string[];
}

/** Bookings looked up at a time. */
const BATCH = 100;
const WAITS = `EXISTS (SELECT 1 FROM outbox o WHERE o.booking_id = b.id AND o.recipient = 'video' AND o.status = 'owed')`;

/** The rooms that other providers have made for the calls of bookings. */
export class Rooms {
  constructor(private readonly database: Database) {}

  find(bookingId: string, provider: VideoProvider): Promise<Room | null> {
    return this.database.reading.findOneBy(Room, { bookingId, provider });
  }

  ofBooking(bookingId: string): Promise<Room[]> {
    return this.database.reading.findBy(Room, { bookingId });
  }

  /**
   * Writes down that a room is about to be asked for, so that it is known of whatever becomes of us meanwhile.
   * @param was the row as it was read
   * @returns null when somebody else is about to, or has
   */
  async intend(booking: Booking, provider: VideoProvider, was: Room | null, now: Millis): Promise<Room | null> {
    const { id: bookingId, authorityId, sequence } = booking;
    const generation = was ? was.generation + 1 : 0;
    const nothing = { externalId: null, citizenUrl: null, staffUrl: null, error: null };
    const room: Room = {
      bookingId,
      provider,
      authorityId,
      generation,
      sequence,
      state: 'owed',
      ...nothing,
      updatedAt: now,
    };
    return (await (was ? this.#replace(was, room) : this.#insert(room))) ? room : null;
  }

  /** Writes down the room that was made. @returns false when somebody has asked for another meanwhile, which counts */
  keep(intended: Room, made: Made, now: Millis): Promise<boolean> {
    return this.#replace(intended, { ...intended, ...made, state: 'ready', updatedAt: now });
  }

  /** The provider knows the new time. */
  moved(room: Room, sequence: number, now: Millis): Promise<boolean> {
    return this.#replace(room, { ...room, sequence, updatedAt: now });
  }

  /** It was taken away, or is left to end by itself. */
  gone(room: Room, now: Millis): Promise<boolean> {
    const nothing = { externalId: null, citizenUrl: null, staffUrl: null };
    return this.#replace(room, { ...room, ...nothing, state: 'gone', updatedAt: now });
  }

  /** Nobody will ask for it again, until the booking moves. What the provider calls it is kept, to take it away. */
  failed(room: Room, sequence: number, error: string, now: Millis): Promise<boolean> {
    return this.#replace(room, { ...room, sequence, state: 'failed', error: error.slice(0, 250), updatedAt: now });
  }

  /** Bookings to come that should have a room there and of which nothing is written down, for a batch. */
  async missing(authorityId: string, { provider, officeId, services }: MadeBy, now: Minute): Promise<Booking[]> {
    const rows = await this.database.rows<{ id: string }>(
      `SELECT b.id FROM bookings b WHERE b.authority_id = ? AND b.office_id = ? AND b.starts_at > ?
          AND b.service_id IN (${services.map(() => '?').join(', ')}) AND b.mode = 'video' AND b.status = 'confirmed'
          AND NOT EXISTS (SELECT 1 FROM rooms r WHERE r.booking_id = b.id AND r.provider = ? AND r.sequence = b.sequence AND r.state IN ('ready', 'failed'))
          AND NOT ${WAITS} ORDER BY b.starts_at LIMIT ${BATCH}`,
      [authorityId, officeId, now, ...services, provider],
    );
    return this.#bookings(rows.map(({ id }) => id));
  }

  /** Rooms there are, or may be, or might have been, for bookings to come that nobody is about to look after. */
  async standing(authorityId: string, now: Minute): Promise<{ provider: string; booking: Booking }[]> {
    const rows = await this.database.rows<{ id: string; provider: string }>(
      `SELECT b.id, r.provider FROM rooms r JOIN bookings b ON b.id = r.booking_id
        WHERE r.authority_id = ? AND r.state <> 'gone' AND b.starts_at > ? AND NOT ${WAITS}`,
      [authorityId, now],
    );
    const byId = new Map((await this.#bookings(rows.map(({ id }) => id))).map((booking) => [booking.id, booking]));
    return rows.flatMap(({ id, provider }) => {
      const booking = byId.get(id);
      return booking ? [{ provider, booking }] : [];
    });
  }

  /** Bookings to come whose call has no room because its provider will not. */
  async failures(now: Minute): Promise<number> {
    const [row] = await this.database.rows<{ n: number }>(
      `SELECT COUNT(*) AS n FROM rooms r JOIN bookings b ON b.id = r.booking_id
        WHERE r.state = 'failed' AND b.ends_at > ? AND b.status <> 'cancelled'`,
      [now],
    );
    return Number(row!.n);
  }

  #bookings(ids: string[]): Promise<Booking[]> {
    return this.database.reading.findBy(Booking, { id: In(ids) });
  }

  async #insert(room: Room): Promise<boolean> {
    try {
      await this.database.transaction((tx) => tx.insert(Room, [room]));
      return true;
    } catch (fault) {
      if (fault instanceof DuplicateKey) return false;
      throw fault;
    }
  }

  /** @returns false when it is no longer as it was */
  async #replace(was: Room, now: Room): Promise<boolean> {
    const changed = await this.database.run(
      `UPDATE rooms SET generation = ?, sequence = ?, state = ?, external_id = ?, citizen_url = ?, staff_url = ?,
        error = ?, updated_at = ? WHERE booking_id = ? AND provider = ? AND generation = ? AND sequence = ? AND state = ?`,
      [
        now.generation,
        now.sequence,
        now.state,
        now.externalId,
        now.citizenUrl,
        now.staffUrl,
        now.error,
        now.updatedAt,
        was.bookingId,
        was.provider,
        was.generation,
        was.sequence,
        was.state,
      ],
    );
    return changed === 1;
  }
}
