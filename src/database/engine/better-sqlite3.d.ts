// SPDX-License-Identifier: AGPL-3.0-or-later

/** The few words of the driver this room speaks itself; TypeORM speaks the rest. */
declare module 'better-sqlite3' {
  type Bound = string | number | null;

  export interface Statement {
    /** Whether it gives rows. */
    readonly reader: boolean;
    all(...values: readonly Bound[]): Record<string, Bound>[];
    run(...values: readonly Bound[]): { readonly changes: number };
  }

  export default class Database {
    constructor(file: string, options?: { timeout?: number; readonly?: boolean });
    exec(sql: string): this;
    prepare(sql: string): Statement;
    close(): this;
  }
}
