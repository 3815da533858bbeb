// SPDX-License-Identifier: AGPL-3.0-or-later
import { In } from 'typeorm';
import type { Millis } from '../../time/clock.ts';
import { Arrival, GONE_AFTER_MS } from '../../waiting-room/arrival.ts';
import type { Database } from '../engine/database.ts';
import type { DoorKey } from './doors.ts';
import type { Row, Value } from '../engine/driver.ts';
import type { Transaction } from '../engine/transaction.ts';

/** Somebody at a door, as far as another's turn depends on them. */
export type Neighbour = Pick<Arrival, 'id' | 'due' | 'handedFrom' | 'number' | 'status'>;

/** Somebody, and before which door. */
export type Comer = Pick<Arrival, 'id' | 'authorityId' | 'officeId'>;

const LIVE = `status IN ('waiting', 'called', 'held', 'call_back')`;

/** Who has come to the virtual doors. */
export class Arrivals {
  constructor(private readonly database: Database) {}

  find(authorityId: string, id: string): Promise<Arrival | null> {
    return this.database.reading.findOneBy(Arrival, { authorityId, id });
  }

  byTokenHash(authorityId: string, tokenHash: string): Promise<Arrival | null> {
    return this.database.reading.findOneBy(Arrival, { authorityId, tokenHash });
  }

  async insert(tx: Transaction, arrivals: readonly Arrival[]): Promise<void> {
    await tx.insert(Arrival, arrivals);
  }

  /**
   * Writes a change over the arrival as it was read; a sign of life that came meanwhile stays.
   * @returns false when another change came first
   */
  async replace(tx: Transaction, was: Arrival, now: Arrival): Promise<boolean> {
    const written: Record<string, Value> = {
      office_id: now.officeId,
      token_hash: now.tokenHash,
      number: now.number,
      due: now.due,
      phone: now.phone,
      status: now.status,
      staff_id: now.staffId,
      staff_name: now.staffName,
      said: now.said,
      told: now.told,
      handed_from: now.handedFrom,
      own_room: now.ownRoom,
      version: now.version,
      arrived_at: now.arrivedAt,
      called_at: now.calledAt,
      ended_at: now.endedAt,
      ring_at: now.ringAt,
      ring_step: now.ringStep,
    };
    const sets = Object.keys(written).map((column) => `${column} = ?`);
    const changed = await tx.run(
      `UPDATE arrivals SET ${sets.join(', ')}, seen_at = CASE WHEN seen_at < ? THEN ? ELSE seen_at END
        WHERE id = ? AND version = ?`,
      [...Object.values(written), now.seenAt, now.seenAt, was.id, was.version],
    );
    return changed === 1;
  }

  /**
   * A sign of life; one that another instance has seen later, by its clock, stays.
   * @returns false when it came too late, or it is over: who is gone stays gone
   */
  async seen(id: string, now: Millis): Promise<boolean> {
    const sql = `UPDATE arrivals SET seen_at = CASE WHEN seen_at < ? THEN ? ELSE seen_at END
      WHERE id = ? AND ${LIVE} AND (status <> 'waiting' OR seen_at > ?)`;
    return (await this.database.run(sql, [now, now, id, now - GONE_AFTER_MS])) === 1;
  }

  /**
   * A sign of life in the name of all who waited when the house went away, so long ago: they could give none.
   * @returns who they are
   */
  async keepThrough(tx: Transaction, away: Millis, now: Millis): Promise<Comer[]> {
    const waited = `status = 'waiting' AND seen_at > ? AND seen_at < ?`;
    const when = [now - away - GONE_AFTER_MS, now];
    const rows = await tx.rows<{ id: string; authority_id: string; office_id: string }>(
      `SELECT id, authority_id, office_id FROM arrivals WHERE ${waited}`,
      when,
    );
    await tx.run(`UPDATE arrivals SET seen_at = ? WHERE ${waited}`, [now, ...when]);
    return rows.map((row) => ({ id: row.id, authorityId: row.authority_id, officeId: row.office_id }));
  }

  /** Who waits at a door and is not gone, and who is with the staff there. */
  async neighbours({ authorityId, officeId }: DoorKey, now: Millis): Promise<Neighbour[]> {
    const rows = await this.database.rows<
      Row & { id: string; handed_from: string | null; due: number | null; number: number; status: Arrival['status'] }
    >(
      `SELECT id, due, handed_from, number, status FROM arrivals
        WHERE authority_id = ? AND office_id = ? AND status IN ('waiting', 'called', 'held')
          AND (status <> 'waiting' OR seen_at > ?)`,
      [authorityId, officeId, now - GONE_AFTER_MS],
    );
    return rows.map(({ handed_from: handedFrom, ...row }) => ({ ...row, handedFrom }));
  }

  async countWaiting(tx: Transaction, { authorityId, officeId }: DoorKey, now: Millis): Promise<number> {
    const [row] = await tx.rows<{ n: number }>(
      `SELECT COUNT(*) AS n FROM arrivals
        WHERE authority_id = ? AND office_id = ? AND status = 'waiting' AND seen_at > ?`,
      [authorityId, officeId, now - GONE_AFTER_MS],
    );
    return Number(row!.n);
  }

  async countCallBacks(tx: Transaction, { authorityId, officeId }: DoorKey): Promise<number> {
    const [row] = await tx.rows<{ n: number }>(
      `SELECT COUNT(*) AS n FROM arrivals WHERE authority_id = ? AND office_id = ? AND status = 'call_back'`,
      [authorityId, officeId],
    );
    return Number(row!.n);
  }

  /** All who are before some doors, whoever waits and was last seen after a moment. */
  async before(authorityId: string, officeIds: readonly string[], seenAfter: Millis): Promise<Arrival[]> {
    if (!officeIds.length) return [];
    const rows = await this.database.rows<{ id: string }>(
      `SELECT id FROM arrivals WHERE authority_id = ? AND ${LIVE} AND office_id IN (${officeIds.map(() => '?').join(', ')})
        AND (status <> 'waiting' OR seen_at > ?)`,
      [authorityId, ...officeIds, seenAfter],
    );
    return this.database.reading.findBy(Arrival, { id: In(rows.map(({ id }) => id)) });
  }
}
