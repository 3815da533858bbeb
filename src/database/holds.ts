// SPDX-License-Identifier: AGPL-3.0-or-later
import { Hold } from '../bookings/hold.ts';
import type { Millis } from '../time/clock.ts';
import type { Database } from './engine/database.ts';
import type { Transaction } from './engine/transaction.ts';

/** The slots kept for people who are still filling in the form. */
export class Holds {
  constructor(private readonly database: Database) {}

  find(authorityId: string, id: string): Promise<Hold | null> {
    return this.database.reading.findOneBy(Hold, { authorityId, id });
  }

  async insert(tx: Transaction, hold: Hold): Promise<void> {
    await tx.insert(Hold, [hold]);
  }

  /** @returns false when it has expired or is gone. */
  async prolong(tx: Transaction, hold: Hold, until: Millis, now: Millis): Promise<boolean> {
    const sql = 'UPDATE holds SET expires_at = ? WHERE id = ? AND expires_at > ?';
    return (await tx.run(sql, [until, hold.id, now])) === 1;
  }

  /** @returns false when it was gone already. */
  async remove(tx: Transaction, id: string): Promise<boolean> {
    return (await tx.run('DELETE FROM holds WHERE id = ?', [id])) === 1;
  }
}
