// SPDX-License-Identifier: AGPL-3.0-or-later
import type { ObjectLiteral, ObjectType, QueryRunner } from 'typeorm';
import { isDuplicateKey } from './dialect.ts';

export type Row = Record<string, string | number | null>;
export type Value = string | number | null;

/** The database refused a row because its key is taken. */
export class DuplicateKey extends Error {
  constructor(readonly target: unknown) {
    super('duplicate key');
  }
}

/** What may be asked and written between BEGIN and COMMIT. */
export class Transaction {
  constructor(readonly runner: QueryRunner) {}

  async rows<R extends Row>(sql: string, values: readonly Value[] = []): Promise<R[]> {
    return (await this.runner.query(sql, [...values], true)).records as R[];
  }

  /** @returns the number of rows the statement matched. */
  async run(sql: string, values: readonly Value[] = []): Promise<number> {
    return (await this.runner.query(sql, [...values], true)).affected ?? 0;
  }

  /** @throws DuplicateKey naming the class whose key was taken. */
  async insert<T extends ObjectLiteral>(target: ObjectType<T>, rows: readonly Partial<T>[]): Promise<void> {
    if (!rows.length) return;
    try {
      await this.runner.manager
        .createQueryBuilder()
        .insert()
        .into(target)
        .values(rows as never)
        .updateEntity(false)
        .execute();
    } catch (fault) {
      throw isDuplicateKey(fault) ? new DuplicateKey(target) : fault;
    }
  }
}
