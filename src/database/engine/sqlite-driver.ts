// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Statement as Prepared } from 'better-sqlite3';
import type { DataSource } from 'typeorm';
import { BetterSqlite3Driver } from 'typeorm/driver/better-sqlite3/BetterSqlite3Driver.js';
import { failed, type Ask, type Driver } from './driver.ts';

/** One connection reads, the other writes; whoever writes comes one at a time. */
export class SqliteDriver implements Driver {
  readonly ask: Ask;
  readonly #write: Ask;

  constructor(reader: DataSource, writer: DataSource) {
    this.ask = askOf(reader);
    this.#write = askOf(writer);
  }

  async onOneConnection<T>(work: (ask: Ask) => Promise<T>): Promise<T> {
    try {
      return await work(this.#write);
    } catch (fault) {
      await this.#write('ROLLBACK').catch(() => undefined);
      throw fault;
    }
  }
}

/** Each statement is prepared once: there are as many as the house has sentences. */
function askOf({ driver }: DataSource): Ask {
  if (!(driver instanceof BetterSqlite3Driver)) throw new Error('not SQLite');
  const known = new Map<string, Prepared>();
  const prepare = (sql: string): Prepared => {
    const prepared = driver.databaseConnection.prepare(sql);
    known.set(sql, prepared);
    return prepared;
  };
  return async (sql, values = []) => {
    try {
      const prepared = known.get(sql) ?? prepare(sql);
      if (prepared.reader) return { rows: prepared.all(...values), matched: 0 };
      return { rows: [], matched: prepared.run(...values).changes };
    } catch (fault) {
      throw failed(sql, fault);
    }
  };
}
