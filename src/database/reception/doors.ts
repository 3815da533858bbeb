// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Millis } from '../../time/clock.ts';
import { GONE_AFTER_MS } from '../../waiting-room/arrival.ts';
import { Door, FIRST_MEAN_CALL, meanAfter } from '../../waiting-room/door.ts';
import type { Database } from '../engine/database.ts';
import { DuplicateKey, type Transaction } from '../engine/transaction.ts';

/** Which door. */
export type DoorKey = Pick<Door, 'authorityId' | 'officeId'>;

/** A door with how many wait there. */
export type CrowdedDoor = Pick<Door, 'officeId' | 'sentence' | 'pausedUntil' | 'meanCall'> & {
  readonly waiting: number;
};

const THIS = 'authority_id = ? AND office_id = ?';

/** The virtual doors: each gives numbers, may be paused, and remembers how long a call lasts. */
export class DoorBook {
  constructor(private readonly database: Database) {}

  /**
   * Takes the next numbers of a door. Locks out everybody else who wants one there until COMMIT; on Galera one of two
   * is refused there and tries again, so that numbers follow the order of the commits.
   * @returns the door, its `lastNumber` the last of those taken
   */
  async take(tx: Transaction, key: DoorKey, numbers = 1): Promise<Door> {
    const step = `UPDATE doors SET last_number = last_number + ? WHERE ${THIS}`;
    await this.#change(tx, key, { lastNumber: numbers }, step, [numbers]);
    const [row] = await tx.rows<{
      last_number: number;
      sentence: string | null;
      paused_until: Millis;
      mean_call: number;
    }>(`SELECT last_number, sentence, paused_until, mean_call FROM doors WHERE ${THIS}`, [
      key.authorityId,
      key.officeId,
    ]);
    const { last_number: lastNumber, sentence, paused_until: pausedUntil, mean_call: meanCall } = row!;
    return { ...key, lastNumber, sentence, pausedUntil, meanCall };
  }

  /** @param sentence null: it is paused no longer */
  async pause(key: DoorKey, sentence: string | null, pausedUntil: Millis): Promise<void> {
    const pause = `UPDATE doors SET sentence = ?, paused_until = ? WHERE ${THIS}`;
    await this.database.transaction((tx) =>
      this.#change(tx, key, { sentence, pausedUntil }, pause, [sentence, pausedUntil]),
    );
  }

  /** A call of so long has ended. */
  async learn(tx: Transaction, key: DoorKey, call: Millis): Promise<void> {
    const own = [key.authorityId, key.officeId];
    const [door] = await tx.rows<{ mean_call: number }>(`SELECT mean_call FROM doors WHERE ${THIS}`, own);
    if (door) await tx.run(`UPDATE doors SET mean_call = ? WHERE ${THIS}`, [meanAfter(door.mean_call, call), ...own]);
  }

  /** The doors at which somebody has come or staff have paused, of one office or of all. */
  async crowded(authorityId: string, now: Millis, officeId?: string): Promise<CrowdedDoor[]> {
    const rows = await this.database.rows<{
      office_id: string;
      sentence: string | null;
      paused_until: Millis;
      mean_call: Millis;
      waiting: number;
    }>(
      `SELECT office_id, sentence, paused_until, mean_call,
        (SELECT COUNT(*) FROM arrivals a WHERE a.authority_id = d.authority_id AND a.status = 'waiting'
          AND a.office_id = d.office_id AND a.seen_at > ?) AS waiting
        FROM doors d WHERE authority_id = ? ${officeId === undefined ? '' : 'AND office_id = ?'}`,
      [now - GONE_AFTER_MS, authorityId, ...(officeId === undefined ? [] : [officeId])],
    );
    return rows.map((row) => ({
      officeId: row.office_id,
      sentence: row.sentence,
      pausedUntil: row.paused_until,
      meanCall: row.mean_call,
      waiting: Number(row.waiting),
    }));
  }

  /** The row is made the first time. */
  async #change(
    tx: Transaction,
    key: DoorKey,
    first: Partial<Door>,
    update: string,
    values: readonly (string | number | null)[],
  ): Promise<void> {
    const change = () => tx.run(update, [...values, key.authorityId, key.officeId]);
    if (await change()) return;
    try {
      const begun = { ...key, lastNumber: 0, sentence: null, pausedUntil: 0, meanCall: FIRST_MEAN_CALL, ...first };
      await tx.insert(Door, [begun]);
    } catch (fault) {
      if (!(fault instanceof DuplicateKey)) throw fault;
      await change();
    }
  }
}
