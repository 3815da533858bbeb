// SPDX-License-Identifier: AGPL-3.0-or-later
import type { ObjectLiteral, ObjectType } from 'typeorm';
import { isDuplicateKey } from './dialect.ts';
import type { Ask, Row, Value } from './driver.ts';
import type { Insertions } from './insertions.ts';

/** The database refused a row because its key is taken. */
export class DuplicateKey extends Error {
  constructor(readonly target: unknown) {
    super('duplicate key');
  }
}

/** What may be asked and written between BEGIN and COMMIT. */
export class Transaction {
  constructor(
    private readonly ask: Ask,
    private readonly insertions: Insertions,
  ) {}

  async rows<R extends Row>(sql: string, values?: readonly Value[]): Promise<R[]> {
    return (await this.ask(sql, values)).rows as R[];
  }

  /** @returns the number of rows the statement matched. */
  async run(sql: string, values?: readonly Value[]): Promise<number> {
    return (await this.ask(sql, values)).matched;
  }

  /** @throws DuplicateKey naming the class whose key was taken. */
  async insert<T extends ObjectLiteral>(target: ObjectType<T>, rows: readonly Partial<T>[]): Promise<void> {
    if (!rows.length) return;
    const { sql, values } = this.insertions.of(target, rows);
    try {
      await this.ask(sql, values);
    } catch (fault) {
      throw isDuplicateKey(fault) ? new DuplicateKey(target) : fault;
    }
  }
}
