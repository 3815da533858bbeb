// SPDX-License-Identifier: AGPL-3.0-or-later
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { createPool } from 'mysql2/promise';

/** The raw limit of `POST /bookings`: its rows, written by the driver alone, in one transaction. */

type Value = string | number | null;
type Row = Record<string, Value>;

/** The rows of one booking, as the app wrote them. */
export interface Rows {
  readonly idempotency_keys: readonly Row[];
  readonly claims: readonly Row[];
  readonly bookings: readonly Row[];
  readonly outbox: readonly Row[];
}

const TABLES = ['idempotency_keys', 'claims', 'bookings', 'outbox'] as const;
const BOOKING_OF = { idempotency_keys: 'booking_id', claims: 'holder', bookings: 'id', outbox: 'booking_id' } as const;

export interface Place {
  readonly counter: number;
  readonly tick: number;
}

export interface BareDriver {
  readonly rows: Rows;
  /** @returns false when the place is taken. */
  book(place: Place): Promise<boolean>;
  close(): Promise<void>;
}

export function openBareDriver(url: string): Promise<BareDriver> {
  return url.startsWith('sqlite:') ? bareSqlite(url.slice('sqlite:'.length)) : bareMysql(url);
}

/** The same rows for another booking, elsewhere. */
function rowsAt(rows: Rows, { counter, tick }: Place): Rows {
  const id = randomUUID();
  return {
    idempotency_keys: rows.idempotency_keys.map((row) => ({ ...row, key_hash: id, booking_id: id })),
    claims: rows.claims.map((row, i) => ({ ...row, counter, tick: tick + i, holder: id })),
    bookings: rows.bookings.map((row) => ({
      ...row,
      id,
      reference: id.slice(-12),
      counter,
      starts_at: tick * 5,
      manage_hash: id,
      meeting_hash: id,
      email_hash: id,
    })),
    outbox: rows.outbox.map((row) => ({ ...row, id: randomUUID(), booking_id: id })),
  };
}

const insertInto = (table: string, rows: readonly Row[]): string => {
  const columns = Object.keys(rows[0]!);
  const marks = `(${columns.map(() => '?').join(', ')})`;
  return `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${rows.map(() => marks).join(', ')}`;
};

const valuesOf = (rows: readonly Row[]): Value[] => rows.flatMap((row) => Object.values(row));

async function templateBy(select: (sql: string, values: Value[]) => Promise<Row[]>): Promise<Rows> {
  const [booking] = await select('SELECT id FROM bookings WHERE id IN (SELECT holder FROM claims) LIMIT 1', []);
  const of = (table: (typeof TABLES)[number]) =>
    select(`SELECT * FROM ${table} WHERE ${BOOKING_OF[table]} = ?`, [booking!['id']!]);
  const [idempotency_keys, claims, bookings, outbox] = await Promise.all(TABLES.map(of));
  return { idempotency_keys: idempotency_keys!, claims: claims!, bookings: bookings!, outbox: outbox! };
}

interface Statement {
  run(...values: Value[]): unknown;
  all(...values: Value[]): Row[];
}

interface Sqlite {
  pragma(text: string): void;
  prepare(sql: string): Statement;
  close(): void;
}

async function bareSqlite(file: string): Promise<BareDriver> {
  const Driver = createRequire(import.meta.url)('better-sqlite3') as new (file: string) => Sqlite;
  const db = new Driver(file);
  for (const setting of ['busy_timeout = 5000', 'synchronous = FULL', 'secure_delete = ON']) db.pragma(setting);
  const template = await templateBy((sql, values) => Promise.resolve(db.prepare(sql).all(...values)));
  const inserts = new Map(TABLES.map((table) => [table, db.prepare(insertInto(table, template[table]))]));
  const [begin, commit, rollback] = ['BEGIN IMMEDIATE', 'COMMIT', 'ROLLBACK'].map((sql) => db.prepare(sql));
  const book = (place: Place): boolean => {
    const rows = rowsAt(template, place);
    begin!.run();
    try {
      for (const table of TABLES) inserts.get(table)!.run(...valuesOf(rows[table]));
      commit!.run();
      return true;
    } catch (fault) {
      rollback!.run();
      if (codeOf(fault) !== 'SQLITE_CONSTRAINT_PRIMARYKEY') throw fault;
      return false;
    }
  };
  return {
    rows: template,
    book: (place) => Promise.resolve(book(place)),
    close: () => Promise.resolve(db.close()),
  };
}

const codeOf = (fault: unknown): unknown => (fault as { code?: unknown }).code;

async function bareMysql(url: string): Promise<BareDriver> {
  const pool = createPool({ uri: url, connectionLimit: 16, timezone: 'Z', supportBigNumbers: true });
  pool.pool.on('connection', (connection) => {
    connection.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');
  });
  const template = await templateBy(async (sql, values) => (await pool.query(sql, values))[0] as Row[]);
  const sql = new Map(TABLES.map((table) => [table, insertInto(table, template[table])]));
  const book = async (place: Place): Promise<boolean> => {
    const rows = rowsAt(template, place);
    const connection = await pool.getConnection();
    try {
      await connection.query('START TRANSACTION');
      for (const table of TABLES) await connection.query(sql.get(table)!, valuesOf(rows[table]));
      await connection.query('COMMIT');
      return true;
    } catch (fault) {
      await connection.query('ROLLBACK');
      if (codeOf(fault) !== 'ER_DUP_ENTRY') throw fault;
      return false;
    } finally {
      connection.release();
    }
  };
  return { rows: template, book, close: () => pool.end() };
}
