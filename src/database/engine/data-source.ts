// SPDX-License-Identifier: AGPL-3.0-or-later
import { createConnection } from 'mysql2/promise';
import { DataSource } from 'typeorm';
import type { Dialect } from './dialect.ts';
import { Foundations1763780400000 } from '../migrations/1763780400000-foundations.ts';
import { Staff1795300000000 } from '../migrations/1795300000000-staff.ts';
import { Reception1795400000000 } from '../migrations/1795400000000-reception.ts';
import { Pulse1795500000000 } from '../migrations/1795500000000-pulse.ts';
import { schemas } from '../schemas/schemas.ts';

const migrations = [Foundations1763780400000, Staff1795300000000, Reception1795400000000, Pulse1795500000000];

export const dialectOf = (url: string): Dialect => (url.startsWith('sqlite:') ? 'sqlite' : 'mysql');

export const sqliteFile = (url: string): string => url.slice('sqlite:'.length);

/** Seconds a statement waits for another transaction's row: as long as a repeated request waits for the first. */
const LOCK_WAIT = 5;
const POOL = 16;

/** @param url `sqlite:FILE` or `mysql://user:password@host:port/name`. */
export async function createDataSource(url: string): Promise<DataSource> {
  return dialectOf(url) === 'sqlite' ? sqliteWriter(sqliteFile(url)) : mysqlPool(url);
}

const sqliteWriter = (file: string) =>
  new DataSource({
    type: 'better-sqlite3',
    database: file,
    enableWAL: true,
    prepareDatabase: (db: { pragma(text: string): void }) => {
      db.pragma('busy_timeout = 5000');
      db.pragma('synchronous = FULL');
      db.pragma('secure_delete = ON');
    },
    entities: schemas('sqlite'),
    migrations,
  });

/** Reads never see a transaction half done, nor wait for one: they have a connection of their own. */
export const sqliteReader = (file: string): DataSource =>
  new DataSource({ type: 'better-sqlite3', database: file, readonly: true, entities: schemas('sqlite') });

async function mysqlPool(url: string): Promise<DataSource> {
  return new DataSource({
    type: (await isMariaDb(url)) ? 'mariadb' : 'mysql',
    url,
    charset: 'utf8mb4',
    timezone: 'Z',
    supportBigNumbers: true,
    bigNumberStrings: false,
    poolSize: POOL,
    connectTimeout: 5_000,
    entities: schemas('mysql'),
    migrations,
  });
}

/** `READ COMMITTED` takes fewer gap locks; on Galera a read waits for what other nodes have committed. */
export const sessionOf = (galera: boolean): string[] => [
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
  `SET SESSION innodb_lock_wait_timeout = ${LOCK_WAIT}${galera ? ', SESSION wsrep_sync_wait = 1' : ''}`,
];

/** TypeORM sees false drift on every nullable column when MariaDB is called MySQL. */
async function isMariaDb(url: string): Promise<boolean> {
  const connection = await createConnection({ uri: url, connectTimeout: 5_000 });
  try {
    const [rows] = await connection.query('SELECT VERSION() AS version');
    return /mariadb/i.test((rows as { version: string }[])[0]!.version);
  } finally {
    await connection.end();
  }
}
