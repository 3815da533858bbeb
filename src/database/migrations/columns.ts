// SPDX-License-Identifier: AGPL-3.0-or-later
import { TableIndex, type QueryRunner, type TableColumnOptions } from 'typeorm';

type More = Partial<TableColumnOptions>;

export const primary = { isPrimary: true } as const;
export const optional = { isNullable: true } as const;

export const text = (name: string, length: number, more: More = {}): TableColumnOptions => ({
  name,
  type: 'varchar',
  length: String(length),
  ...more,
});
export const id = (name: string, more: More = {}): TableColumnOptions => text(name, 36, more);
export const hash = (name: string, more: More = {}): TableColumnOptions => text(name, 64, more);
export const slug = hash;
export const long = (name: string, more: More = {}): TableColumnOptions => ({ name, type: 'text', ...more });
/** Milliseconds since the epoch. */
export const moment = (name: string, more: More = {}): TableColumnOptions => ({ name, type: 'bigint', ...more });

export const index = (name: string, columnNames: string[]): TableIndex => new TableIndex({ name, columnNames });
export const unique = (name: string, columnNames: string[]): TableIndex =>
  new TableIndex({ name, columnNames, isUnique: true });

export const isMysql = (runner: QueryRunner): boolean => runner.dataSource.options.type !== 'better-sqlite3';

/** A whole number, as each dialect calls it. */
export const wholeIn =
  (runner: QueryRunner) =>
  (name: string, more: More = {}): TableColumnOptions => ({ name, type: isMysql(runner) ? 'int' : 'integer', ...more });
