// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Pool, PoolConnection, ResultSetHeader, RowDataPacket } from 'mysql2';
import type { DataSource } from 'typeorm';
import { MysqlDriver as TypeOrmDriver } from 'typeorm/driver/mysql/MysqlDriver.js';
import { isSilent } from './dialect.ts';
import { failed, type Answer, type Ask, type Driver, type Value } from './driver.ts';

/** A server that says nothing for so long has frozen or is gone; longer than any wait for another transaction's row. */
const PATIENCE_MS = 8_000;

/** The pool that TypeORM has opened. */
export class MysqlDriver implements Driver {
  private constructor(private readonly pool: Pool) {}

  /** @param session statements for each connection, and for the one the start has opened already. */
  static async on({ driver }: DataSource, session: readonly string[]): Promise<MysqlDriver> {
    if (!(driver instanceof TypeOrmDriver)) throw new Error('not MySQL');
    const pool = driver.pool as Pool;
    pool.on('connection', (connection) => {
      // Whoever has it hears of a lost connection by the statement; without a listener it would end the process.
      connection.on('error', () => undefined);
      for (const sql of session) connection.query(sql);
    });
    const opened = new MysqlDriver(pool);
    for (const sql of session) await opened.ask(sql);
    return opened;
  }

  readonly ask: Ask = (sql, values) => this.onOneConnection((ask) => ask(sql, values));

  async onOneConnection<T>(work: (ask: Ask) => Promise<T>): Promise<T> {
    const connection = await this.#connection();
    try {
      return await work(askOf(connection));
    } catch (fault) {
      await rollBack(connection, fault);
      throw fault;
    } finally {
      connection.release();
    }
  }

  #connection(): Promise<PoolConnection> {
    return new Promise((resolve, reject) => {
      this.pool.getConnection((fault, connection) => (fault ? reject(fault) : resolve(connection)));
    });
  }
}

const askOf =
  (connection: PoolConnection): Ask =>
  async (sql, values) => {
    try {
      return await answered(connection, sql, values);
    } catch (fault) {
      throw failed(sql, fault);
    }
  };

/** By callback: the driver's own promises write down a stack for each statement. */
function answered(connection: PoolConnection, sql: string, values: readonly Value[] = []): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const query = { sql, values: [...values], timeout: PATIENCE_MS };
    connection.query<RowDataPacket[] | ResultSetHeader>(query, (fault, result) => {
      if (fault) reject(fault);
      else if (Array.isArray(result)) resolve({ rows: result, matched: 0 });
      else resolve({ rows: [], matched: result.affectedRows });
    });
  });
}

/** A connection that cannot roll back is thrown away: returned to the pool it would carry its transaction along. */
async function rollBack(connection: PoolConnection, fault: unknown): Promise<void> {
  if (isSilent(fault)) connection.destroy();
  else await answered(connection, 'ROLLBACK').catch(() => connection.destroy());
}
