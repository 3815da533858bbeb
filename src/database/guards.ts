// SPDX-License-Identifier: AGPL-3.0-or-later
import { Guard } from './rows.ts';
import { DuplicateKey, type Transaction } from './engine/transaction.ts';

/** The row at which one person's bookings of a service meet, so that a limit holds when two race. */
export class Guards {
  /** Locks out every other booking of this person and service until COMMIT; on Galera one of two is refused there. */
  async meet(tx: Transaction, guard: Pick<Guard, 'authorityId' | 'serviceId' | 'emailHash'>): Promise<void> {
    if (await this.#touch(tx, guard)) return;
    try {
      await tx.insert(Guard, [{ ...guard, bookings: 1 }]);
    } catch (fault) {
      if (!(fault instanceof DuplicateKey)) throw fault;
      await this.#touch(tx, guard);
    }
  }

  #touch(tx: Transaction, guard: Pick<Guard, 'authorityId' | 'serviceId' | 'emailHash'>): Promise<number> {
    return tx.run(
      'UPDATE guards SET bookings = bookings + 1 WHERE authority_id = ? AND service_id = ? AND email_hash = ?',
      [guard.authorityId, guard.serviceId, guard.emailHash],
    );
  }
}
