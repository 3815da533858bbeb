// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Database } from '../engine/database.ts';
import { Credential } from '../rows.ts';
import { DuplicateKey } from '../engine/transaction.ts';

/** What providers gave us to enter with next time, sealed by whoever keeps it here. */
export class Credentials {
  constructor(private readonly database: Database) {}

  find(name: string): Promise<Credential | null> {
    return this.database.reading.findOneBy(Credential, { name });
  }

  /** In place of the one before it. @returns false when another instance has kept one of this version already */
  async keep(name: string, sealed: string, version: number): Promise<boolean> {
    const before = 'UPDATE credentials SET sealed = ?, version = ? WHERE name = ? AND version = ?';
    if ((await this.database.run(before, [sealed, version, name, version - 1])) === 1) return true;
    if (version > 1) return false;
    return this.#begin(name, sealed, version);
  }

  async #begin(name: string, sealed: string, version: number): Promise<boolean> {
    try {
      await this.database.transaction((tx) => tx.insert(Credential, [{ name, sealed, version }]));
      return true;
    } catch (fault) {
      if (fault instanceof DuplicateKey) return false;
      throw fault;
    }
  }
}
