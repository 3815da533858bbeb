// SPDX-License-Identifier: AGPL-3.0-or-later
import { Hold } from '../bookings/hold.ts';
import type { Millis } from '../time/clock.ts';
import type { Database } from './database.ts';
import type { Transaction } from './transaction.ts';

/** The slots kept for people who are still filling in the form. */
export class Holds {
  constructor(private readonly database: Database) {}

  find(authorityId: string, id: string): Promise<Hold | null> {
    return this.database.reading.findOneBy(Hold, { authorityId, id });
  }

  async insert(tx: Transaction, hold: Hold): Promise<void> {
    await tx.insert(Hold, [hold]);
  }

  async prolong(tx: Transaction, hold: Hold, until: Millis): Promise<void> {
    await tx.run('UPDATE holds SET expires_at = ? WHERE id = ?', [until, hold.id]);
  }

  /** @returns false when it was gone already. */
  async remove(tx: Transaction, id: string): Promise<boolean> {
    return (await tx.run('DELETE FROM holds WHERE id = ?', [id])) === 1;
  }
}
