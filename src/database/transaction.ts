// SPDX-License-Identifier: AGPL-3.0-or-later
import type { DataSource, ObjectLiteral, ObjectType, QueryRunner } from 'typeorm';
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
    const { sql, values } = insertion(this.runner.dataSource, target, rows);
    try {
      await this.runner.query(sql, values);
    } catch (fault) {
      throw isDuplicateKey(fault) ? new DuplicateKey(target) : fault;
    }
  }
}

/** The statement for all rows at once, from the mapping in `schemas.ts`: TypeORM's builder costs three times the driver. */
function insertion<T extends ObjectLiteral>(
  source: DataSource,
  target: ObjectType<T>,
  rows: readonly Partial<T>[],
): { sql: string; values: unknown[] } {
  const { columns, tableName } = source.getMetadata(target);
  const { driver } = source;
  const written = columns.filter((column) => !column.isGenerated);
  const names = written.map((column) => driver.escape(column.databaseName)).join(', ');
  const marks = `(${written.map(() => '?').join(', ')})`;
  return {
    sql: `INSERT INTO ${driver.escape(tableName)} (${names}) VALUES ${rows.map(() => marks).join(', ')}`,
    values: rows.flatMap((row) =>
      written.map((column): unknown => driver.preparePersistentValue(row[column.propertyName], column) ?? null),
    ),
  };
}
