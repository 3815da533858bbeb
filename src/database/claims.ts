// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Millis } from '../time/clock.ts';
import type { Interval } from '../time/interval.ts';
import { ticksOf } from '../time/tick.ts';
import { Claim } from './rows.ts';
import { DuplicateKey, type Transaction } from './engine/transaction.ts';

/** A stretch of a counter's time. */
export interface Stretch {
  readonly counter: number;
  readonly time: Interval;
}

/** Who has which tick of which counter. The table's primary key is the arbiter of every slot. */
export class Claims {
  /** Claims that met another's: someone was faster between the look and the leap. */
  conflicts = 0;

  /**
   * Takes every tick of a stretch but those of `except`, or none. Ticks of holds that have expired are freed when they
   * stand in the way, so the usual booking pays nothing for them.
   * @throws DuplicateKey when another has one of them.
   */
  async take(
    tx: Transaction,
    stretch: Stretch,
    holder: string,
    { now, until, except }: { now: Millis; until?: Millis; except?: Interval },
  ): Promise<void> {
    const kept = new Set(except ? ticksOf(except) : []);
    const ticks = ticksOf(stretch.time).filter((tick) => !kept.has(tick));
    if (!ticks.length) return;
    const claims = ticks.map((tick) => ({ counter: stretch.counter, tick, holder, expiresAt: until ?? null }));
    try {
      await tx.insert(Claim, claims);
    } catch (fault) {
      if (!(fault instanceof DuplicateKey)) throw fault;
      if (!(await this.#freeExpired(tx, stretch, now))) {
        this.conflicts++;
        throw fault;
      }
      await tx.insert(Claim, claims);
    }
  }

  /** Gives a hold's ticks to a booking, if the hold still has all of them. */
  async handOver(tx: Transaction, stretch: Stretch, hold: string, booking: string, now: Millis): Promise<boolean> {
    const [first, last] = bounds(stretch.time);
    const given = await tx.run(
      `UPDATE claims SET holder = ?, expires_at = NULL
        WHERE counter = ? AND tick >= ? AND tick <= ? AND holder = ? AND expires_at > ?`,
      [booking, stretch.counter, first, last, hold, now],
    );
    return given === last - first + 1;
  }

  /** @returns whether the hold still has all of them. */
  async prolong(tx: Transaction, stretch: Stretch, hold: string, until: Millis): Promise<boolean> {
    const [first, last] = bounds(stretch.time);
    const sql = 'UPDATE claims SET expires_at = ? WHERE counter = ? AND tick >= ? AND tick <= ? AND holder = ?';
    const prolonged = await tx.run(sql, [until, stretch.counter, first, last, hold]);
    return prolonged === last - first + 1;
  }

  /** Frees what the holder has of a stretch, but for `keep`. */
  async free(tx: Transaction, stretch: Stretch, holder: string, keep?: Interval): Promise<void> {
    const kept = new Set(keep ? ticksOf(keep) : []);
    const ticks = ticksOf(stretch.time).filter((tick) => !kept.has(tick));
    if (!ticks.length) return;
    const marks = ticks.map(() => '?').join(', ');
    await tx.run(`DELETE FROM claims WHERE counter = ? AND tick IN (${marks}) AND holder = ?`, [
      stretch.counter,
      ...ticks,
      holder,
    ]);
  }

  /**
   * Looks before it deletes: all who lost a slot share a lock on its row, and each would wait for the others to delete.
   * @returns how many there were.
   */
  async #freeExpired(tx: Transaction, { counter, time }: Stretch, now: Millis): Promise<number> {
    const expired = 'FROM claims WHERE counter = ? AND tick >= ? AND tick <= ? AND expires_at <= ?';
    const values = [counter, ...bounds(time), now];
    const found = await tx.rows(`SELECT tick ${expired} LIMIT 1`, values);
    return found.length ? tx.run(`DELETE ${expired}`, values) : 0;
  }
}

function bounds(time: Interval): [number, number] {
  const ticks = ticksOf(time);
  return [ticks[0]!, ticks.at(-1)!];
}
