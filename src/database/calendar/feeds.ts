// SPDX-License-Identifier: AGPL-3.0-or-later
import { IsNull, MoreThan, Not } from 'typeorm';
import { Booking } from '../../bookings/booking.ts';
import type { Millis } from '../../time/clock.ts';
import type { Minute } from '../../time/interval.ts';
import type { Database } from '../engine/database.ts';
import { Feed } from '../rows.ts';

/** The private addresses at which calendar programs read the appointments of a counter, and what they read. */
export class Feeds {
  constructor(private readonly database: Database) {}

  async add(feed: Feed): Promise<void> {
    await this.database.transaction((tx) => tx.insert(Feed, [feed]));
  }

  /** Those that still work, the first first. */
  live(authorityId: string, counter?: number): Promise<Feed[]> {
    const where = { authorityId, revokedAt: IsNull(), ...(counter === undefined ? {} : { counter }) };
    return this.database.reading.find(Feed, { where, order: { createdAt: 'ASC', id: 'ASC' } });
  }

  /** Null when unknown or revoked. */
  byTokenHash(authorityId: string, tokenHash: string): Promise<Feed | null> {
    return this.database.reading.findOneBy(Feed, { authorityId, tokenHash, revokedAt: IsNull() });
  }

  /** @returns whether it worked until now. */
  async revoke(authorityId: string, id: string, at: Millis): Promise<boolean> {
    const sql = 'UPDATE feeds SET revoked_at = ? WHERE authority_id = ? AND id = ? AND revoked_at IS NULL';
    return (await this.database.run(sql, [at, authorityId, id])) === 1;
  }

  /** The appointments of a counter that start after a moment and were not cancelled, in their order. */
  appointments(counter: number, since: Minute): Promise<Booking[]> {
    return this.database.reading.find(Booking, {
      where: { counter, start: MoreThan(since), status: Not('cancelled') },
      order: { start: 'ASC', id: 'ASC' },
    });
  }
}
