// SPDX-License-Identifier: AGPL-3.0-or-later
import { QueryFailedError } from 'typeorm';

export type Row = Record<string, string | number | null>;
export type Value = string | number | null;

/** What a statement brought: the rows it read, or how many it matched. */
export interface Answer {
  readonly rows: Row[];
  readonly matched: number;
}

export type Ask = (sql: string, values?: readonly Value[]) => Promise<Answer>;

/** How statements reach the database: through the bare driver, for TypeORM's runner costs a small one as much again. */
export interface Driver {
  /** A single statement: it sees what is committed, and what it writes is committed with it. */
  readonly ask: Ask;
  /** Statements on one connection, where a transaction may be begun; a fault rolls it back. */
  onOneConnection<T>(work: (ask: Ask) => Promise<T>): Promise<T>;
}

/** The fault as TypeORM would tell it, but for the values: they may be a person's. */
export const failed = (sql: string, fault: unknown): QueryFailedError =>
  new QueryFailedError(sql, undefined, fault as Error);
