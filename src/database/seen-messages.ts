// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Millis } from '../time/clock.ts';
import type { Database } from './engine/database.ts';
import { SeenMessage } from './rows.ts';
import { DuplicateKey, type Transaction } from './engine/transaction.ts';

/** What has arrived in the mailbox and been carried out, so that it is not carried out twice. */
export class SeenMessages {
  constructor(private readonly database: Database) {}

  async has(hash: string): Promise<boolean> {
    return (await this.database.reading.countBy(SeenMessage, { messageHash: hash })) > 0;
  }

  /** @returns false when it was noted before: of two that race only one is told true. */
  async note(tx: Transaction, hash: string, at: Millis): Promise<boolean> {
    try {
      await tx.insert(SeenMessage, [{ messageHash: hash, seenAt: at }]);
      return true;
    } catch (fault) {
      if (fault instanceof DuplicateKey) return false;
      throw fault;
    }
  }
}
