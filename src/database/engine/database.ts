// SPDX-License-Identifier: AGPL-3.0-or-later
import { AsyncLocalStorage } from 'node:async_hooks';
import type { DataSource } from 'typeorm';
import type { Chance } from '../../bookings/chance.ts';
import type { Clock } from '../../time/clock.ts';
import { createDataSource, dialectOf, sessionOf, sqliteFile, sqliteReader } from './data-source.ts';
import { beginWriting, databaseTime, isTableThere, isTransient, type Dialect } from './dialect.ts';
import type { Driver, Row, Value } from './driver.ts';
import { lockBeside } from './file-lock.ts';
import { Insertions } from './insertions.ts';
import { JointCommit } from './joint-commit.ts';
import { MysqlDriver } from './mysql-driver.ts';
import { SqliteDriver } from './sqlite-driver.ts';
import { Transaction } from './transaction.ts';
import { UnusableDatabase } from './unusable.ts';

/** Tries of a whole transaction that lost to another, before the caller hears that the service is unavailable. */
const MOST_TRIES = 6;
const FIRST_PAUSE_MS = 8;

/** How long an instance waits for the one on another node that is making the tables. */
const LOOK_AGAIN_MS = 500;
const MOST_LOOKS = 120;

/** The one way to the tables: `rows` reads what is committed, `transaction` writes. */
export class Database {
  readonly dialect: Dialect;
  /** SQL for the database's own time in milliseconds since the epoch. */
  readonly time: string;
  /** Transactions tried again, since the start. */
  retries = 0;
  /** SQLite has one writer. */
  readonly #joint: JointCommit;
  readonly #insertions: Insertions;
  readonly #inside = new AsyncLocalStorage<true>();

  private constructor(
    readonly writer: DataSource,
    private readonly reader: DataSource,
    private readonly driver: Driver,
    private readonly clock: Clock,
    private readonly chance: Chance,
    private readonly unlock: () => void,
  ) {
    this.dialect = writer.options.type === 'better-sqlite3' ? 'sqlite' : 'mysql';
    this.time = databaseTime[this.dialect];
    this.#insertions = new Insertions(writer);
    this.#joint = new JointCommit(
      (work) => this.#transact(work),
      () => clock.turn(),
    );
  }

  /**
   * Connects and brings the tables up to date.
   * @param alone false for a command beside a running instance, which takes no lock on the file.
   * @throws UnusableDatabase
   */
  static async open(url: string, clock: Clock, chance: Chance, alone = true): Promise<Database> {
    const sqlite = dialectOf(url) === 'sqlite';
    const writer = await connected(url);
    const unlock = sqlite && alone ? lockBeside(sqliteFile(url)) : () => undefined;
    const galera = !sqlite && (await isGalera(writer));
    const reader = sqlite ? await sqliteReader(sqliteFile(url)).initialize() : writer;
    const driver = sqlite ? new SqliteDriver(reader, writer) : await MysqlDriver.on(writer, sessionOf(galera));
    await migrate(writer, { sqlite, galera, clock });
    return new Database(writer, reader, driver, clock, chance, unlock);
  }

  async close(): Promise<void> {
    await this.#joint.idle();
    for (const source of new Set([this.reader, this.writer])) if (source.isInitialized) await source.destroy();
    this.unlock();
  }

  async rows<R extends Row>(sql: string, values?: readonly Value[]): Promise<R[]> {
    return (await this.driver.ask(sql, values)).rows as R[];
  }

  /** For reading one thing as its class. */
  get reading() {
    return this.reader.manager;
  }

  /** A write of a single statement, which needs no BEGIN and COMMIT around it. @returns the number of rows it matched. */
  run(sql: string, values?: readonly Value[]): Promise<number> {
    const work = (tx: Transaction) => tx.run(sql, values);
    return this.#untilWritten(() => (this.dialect === 'sqlite' ? this.#joint.run(work) : this.#connected(work)));
  }

  /**
   * Runs `work` between BEGIN and COMMIT, and all of it again when the database asks for that (a deadlock, a Galera
   * abort at COMMIT, a lost node). Ids are made by the caller, outside, so a COMMIT whose answer was lost is recognised.
   */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.#untilWritten(() => (this.dialect === 'sqlite' ? this.#joint.run(work) : this.#transact(work)));
  }

  /**
   * Writes the SQLite file anew, so that nothing of what was deleted is left in it or in its journal: `secure_delete`
   * does not reach the copies that pages keep when rows move. Takes about a second for 200 MB, during which nothing is
   * written. What a server keeps in its logs is its administrator's to rotate.
   */
  async wipe(): Promise<void> {
    if (this.dialect !== 'sqlite') return;
    await this.#joint.between(async () => {
      await this.writer.query('VACUUM');
      await this.writer.query('PRAGMA wal_checkpoint(TRUNCATE)');
    });
  }

  /** What stands in the way of taking bookings; nothing when all is well. Faults if the database does not answer. */
  async ready(): Promise<string[]> {
    if (this.dialect === 'sqlite') {
      await this.rows('SELECT id FROM authorities LIMIT 1');
      return [];
    }
    return problemsOf(
      await this.rows<Variable>(
        `SHOW GLOBAL VARIABLES WHERE Variable_name IN ('innodb_flush_log_at_trx_commit', 'read_only', 'wsrep_on')`,
      ),
      await this.rows<Variable>(`SHOW GLOBAL STATUS LIKE 'wsrep_ready'`),
    );
  }

  async #untilWritten<T>(write: () => Promise<T>): Promise<T> {
    if (this.#inside.getStore()) throw new Error('a transaction inside a transaction');
    for (let tried = 1; ; tried++) {
      try {
        return await this.#inside.run(true, write);
      } catch (fault) {
        if (!isTransient(fault) || tried === MOST_TRIES) throw fault;
        this.retries++;
        await this.clock.sleep((FIRST_PAUSE_MS << tried) * (0.5 + this.chance.bytes(1)[0]! / 256));
      }
    }
  }

  #transact<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.#connected(async (tx) => {
      await tx.run(beginWriting[this.dialect]);
      const result = await work(tx);
      await tx.run('COMMIT');
      return result;
    });
  }

  #connected<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.driver.onOneConnection((ask) => work(new Transaction(ask, this.#insertions)));
  }
}

/** @throws UnusableDatabase */
async function connected(url: string): Promise<DataSource> {
  try {
    return await (await createDataSource(url)).initialize();
  } catch (fault) {
    const { code, message } = fault as { code?: string; message?: string };
    throw new UnusableDatabase(`the database of DATABASE_URL cannot be used: ${code ?? message}`, { cause: fault });
  }
}

type Variable = { Variable_name: string; Value: string };

/** At 0 a crash of the whole cluster loses bookings already acknowledged: 395 of 11,699 when it was tried. */
function problemsOf(variables: readonly Variable[], status: readonly Variable[]): string[] {
  const values = new Map([...variables, ...status].map((v) => [v.Variable_name, v.Value]));
  const problems = {
    'innodb_flush_log_at_trx_commit is 0': values.get('innodb_flush_log_at_trx_commit') === '0',
    'the database is read-only': values.get('read_only') === 'ON',
    'the Galera node is not ready': values.get('wsrep_on') === 'ON' && values.get('wsrep_ready') !== 'ON',
  };
  return Object.entries(problems).flatMap(([problem, isSo]) => (isSo ? [problem] : []));
}

async function isGalera(pool: DataSource): Promise<boolean> {
  const [wsrep] = (await pool.query(`SHOW GLOBAL VARIABLES LIKE 'wsrep_on'`)) as { Value: string }[];
  return wsrep?.Value === 'ON';
}

interface Ground {
  readonly sqlite: boolean;
  readonly galera: boolean;
  readonly clock: Clock;
}

/** Two instances may start at once: the named lock makes the second find the work done. */
async function migrate(writer: DataSource, { sqlite, galera, clock }: Ground): Promise<void> {
  if (sqlite) {
    await writer.runMigrations({ transaction: 'each' });
    return;
  }
  const runner = writer.createQueryRunner();
  try {
    await runner.query(`SELECT GET_LOCK('sportello-migrations', 60)`);
    await migrateTogether(writer, galera, clock);
  } finally {
    await runner.query(`SELECT RELEASE_LOCK('sportello-migrations')`);
    await runner.release();
  }
}

/** Each Galera node has named locks of its own: there whoever makes the first table goes on, and the others look again. */
async function migrateTogether(writer: DataSource, galera: boolean, clock: Clock): Promise<void> {
  for (let look = 1; ; look++) {
    try {
      await writer.runMigrations({ transaction: 'none' });
      return;
    } catch (fault) {
      if (!galera || look === MOST_LOOKS || !(isTableThere(fault) || isTransient(fault))) throw fault;
      await clock.sleep(LOOK_AGAIN_MS);
    }
  }
}
