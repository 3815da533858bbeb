// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Millis } from '../../time/clock.ts';
import type { Database } from '../engine/database.ts';
import { Pulse } from '../rows.ts';
import { DuplicateKey, type Transaction } from '../engine/transaction.ts';

const HOUSE = 'house';

/** When an instance could last write, by the database's own clock: the one that all share. */
export class PulseBook {
  constructor(private readonly database: Database) {}

  /** @returns how long before this none had beaten; 0 for the first of all, and when another beats at this moment */
  async beat(tx: Transaction): Promise<Millis> {
    const [row] = await tx.rows<{ beat_at: number; now: number }>(
      `SELECT beat_at, ${this.database.time} AS now FROM pulse WHERE name = ?`,
      [HOUSE],
    );
    if (!row) return this.#begin(tx);
    const beaten = await tx.run(`UPDATE pulse SET beat_at = ${this.database.time} WHERE name = ? AND beat_at = ?`, [
      HOUSE,
      row.beat_at,
    ]);
    return beaten === 1 ? Math.max(0, Number(row.now) - Number(row.beat_at)) : 0;
  }

  async #begin(tx: Transaction): Promise<Millis> {
    try {
      await tx.insert(Pulse, [{ name: HOUSE, beatAt: 0 }]);
      await tx.run(`UPDATE pulse SET beat_at = ${this.database.time} WHERE name = ?`, [HOUSE]);
    } catch (fault) {
      if (!(fault instanceof DuplicateKey)) throw fault;
    }
    return 0;
  }
}
