// SPDX-License-Identifier: AGPL-3.0-or-later
import type { EntitySchemaColumnOptions } from 'typeorm';
import type { Dialect } from '../engine/dialect.ts';

type Column = EntitySchemaColumnOptions;

export const text = (name: string, length: number, more: Partial<Column> = {}): Column => ({
  type: 'varchar',
  name,
  length,
  ...more,
});
export const optional = { nullable: true } as const;
export const primary = { primary: true } as const;
export const id = (name: string, more: Partial<Column> = {}) => text(name, 36, more);
export const hash = (name: string, more: Partial<Column> = {}) => text(name, 64, more);
export const slug = (name: string, more: Partial<Column> = {}) => text(name, 64, more);
export const whole = (name: string, more: Partial<Column> = {}): Column => ({ type: 'int', name, ...more });
export const long = (name: string, more: Partial<Column> = {}): Column => ({ type: 'text', name, ...more });

/** A moment: milliseconds since the epoch. One arithmetic in both dialects, which leases need; no zone to agree on. */
export const moment = (name: string, more: Partial<Column> = {}): Column => ({
  type: 'bigint',
  name,
  transformer: {
    to: (ms: number | null) => ms,
    from: (stored: string | number | null) => (stored === null ? null : Number(stored)),
  },
  ...more,
});

export const json = (name: string, type: Column['type'] = 'text'): Column => ({
  ...long(name),
  type,
  transformer: { to: (value: unknown) => JSON.stringify(value), from: (stored: string) => JSON.parse(stored) },
});

/** For what citizens answer: MySQL's TEXT ends at 64 KB. */
export const roomy = (dialect: Dialect): Column['type'] => (dialect === 'mysql' ? 'mediumtext' : 'text');
