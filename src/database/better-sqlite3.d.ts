// SPDX-License-Identifier: AGPL-3.0-or-later

/** The few words of the driver this room speaks itself; TypeORM speaks the rest. */
declare module 'better-sqlite3' {
  export default class Database {
    constructor(file: string, options?: { timeout?: number; readonly?: boolean });
    exec(sql: string): this;
    close(): this;
  }
}
