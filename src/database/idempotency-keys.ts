// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Millis } from '../time/clock.ts';
import type { Database } from './engine/database.ts';
import { IdempotencyKey } from './rows.ts';
import { DuplicateKey, type Transaction } from './engine/transaction.ts';

/** For a day the same key answers the same. */
export const REMEMBERED_MS: Millis = 24 * 60 * 60_000;

/** The requests already answered, written with their booking in one transaction. */
export class IdempotencyKeys {
  constructor(private readonly database: Database) {}

  async find(
    key: Pick<IdempotencyKey, 'authorityId' | 'caller' | 'keyHash'>,
    now: Millis,
  ): Promise<IdempotencyKey | null> {
    const { authorityId, caller, keyHash } = key;
    const found = await this.database.reading.findOneBy(IdempotencyKey, { authorityId, caller, keyHash });
    return found && now - found.createdAt < REMEMBERED_MS ? found : null;
  }

  /** Waits for another transaction that has the same key. @throws DuplicateKey when that one has committed. */
  async insert(tx: Transaction, key: IdempotencyKey): Promise<void> {
    try {
      await tx.insert(IdempotencyKey, [key]);
    } catch (fault) {
      if (!(fault instanceof DuplicateKey) || !(await this.#forgetOld(tx, key))) throw fault;
      await tx.insert(IdempotencyKey, [key]);
    }
  }

  #forgetOld(tx: Transaction, { authorityId, caller, keyHash, createdAt }: IdempotencyKey): Promise<number> {
    return tx.run(
      'DELETE FROM idempotency_keys WHERE authority_id = ? AND caller = ? AND key_hash = ? AND created_at <= ?',
      [authorityId, caller, keyHash, createdAt - REMEMBERED_MS],
    );
  }
}
