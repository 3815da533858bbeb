// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Millis } from '../../time/clock.ts';
import { Arrival } from '../../waiting-room/arrival.ts';
import type { Database } from '../engine/database.ts';

/** When the staff are to be told of an arrival, and how. */
export interface Ring {
  readonly at: Millis | null;
  readonly step: number;
}

/** What is read of an arrival to know that it is still as it was. */
type Rung = Pick<Arrival, 'id' | 'officeId' | 'ringAt' | 'ringStep'>;

/** Which arrivals the staff are still to be told of: each is one courier's at a time. */
export class RingBook {
  constructor(private readonly database: Database) {}

  /** Those whose time has come, the longest due first. */
  async due(now: Millis, most: number, by: 'push' | 'letter'): Promise<Arrival[]> {
    const rows = await this.database.rows<{ id: string }>(
      `SELECT id FROM arrivals WHERE ring_at <= ? AND ring_step ${by === 'push' ? '= 0' : '> 0'} ORDER BY ring_at, id LIMIT ${most}`,
      [now],
    );
    const arrivals = await Promise.all(rows.map(({ id }) => this.database.reading.findOneBy(Arrival, { id })));
    // Another courier may have taken one between the two questions: it is read with the other's lease, and is not ours.
    return arrivals.filter((arrival): arrival is Arrival => arrival !== null && (arrival.ringAt ?? Infinity) <= now);
  }

  /** Puts off, or ends, the ringing of an arrival as it was read. @returns whether nobody else did meanwhile */
  async set({ id, ringAt, ringStep, officeId }: Rung, { at, step }: Ring): Promise<boolean> {
    const changed = await this.database.run(
      `UPDATE arrivals SET ring_at = ?, ring_step = ?
        WHERE id = ? AND office_id = ? AND ring_at = ? AND ring_step = ?`,
      [at, step, id, officeId, ringAt, ringStep],
    );
    return changed === 1;
  }

  /** Whether the office has been written to of somebody who still waits there unanswered. */
  async isWritten({ authorityId, officeId }: Arrival, step: number, seenSince: Millis): Promise<boolean> {
    const rows = await this.database.rows(
      `SELECT id FROM arrivals WHERE authority_id = ? AND office_id = ? AND status = 'waiting' AND ring_step = ?
        AND seen_at > ? LIMIT 1`,
      [authorityId, officeId, step, seenSince],
    );
    return rows.length > 0;
  }
}
