// SPDX-License-Identifier: AGPL-3.0-or-later
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createConnection, type Connection } from 'mysql2/promise';
import { freePorts, Kept } from './keeper.ts';

const PATIENCE = 60_000;
const isRoot = process.getuid?.() === 0;
/** MariaDB refuses to run as root. */
const asUser = isRoot ? ['--user=mysql'] : [];

const found = (name: string): string =>
  ['/usr/sbin', '/usr/bin', '/usr/local/sbin', '/usr/local/bin']
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path)) ?? name;

/** Makes the folder of one server: MariaDB's user must own it, and its socket's path must stay under 108 bytes. */
export function prepare(folder: string): void {
  mkdirSync(join(folder, 'data'), { recursive: true });
  if (isRoot) execFileSync('chown', ['-R', 'mysql:mysql', folder]);
}

export function installDatabase(folder: string): void {
  const options = [
    '--no-defaults',
    `--datadir=${folder}/data`,
    `--tmpdir=${folder}/data`,
    '--auth-root-authentication-method=normal',
  ];
  execFileSync(found('mariadb-install-db'), [...options, '--skip-test-db', ...asUser], { stdio: 'pipe' });
}

/** Starts a server on 127.0.0.1; it answers only after `answers`. */
export function startServer(folder: string, port: number, options: string[] = []): Kept {
  return new Kept(folder, found('mariadbd'), [
    '--no-defaults',
    ...asUser,
    `--datadir=${folder}/data`,
    `--socket=${folder}/socket`,
    `--pid-file=${folder}/data/server.pid`,
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    '--skip-name-resolve',
    '--character-set-server=utf8mb4',
    '--collation-server=utf8mb4_unicode_ci',
    '--innodb-buffer-pool-size=64M',
    '--innodb-log-file-size=32M',
    '--max-connections=400',
    ...options,
  ]);
}

const rootOf = (port: number): Promise<Connection> =>
  createConnection({ host: '127.0.0.1', port, user: 'root', connectTimeout: 5_000 });

async function asked(port: number, question: string): Promise<unknown> {
  const root = await rootOf(port);
  try {
    return (await root.query(question))[0];
  } finally {
    await root.end();
  }
}

/** Waits until the server answers `question` with something that `accept`s. */
export async function answers(
  server: Kept,
  port: number,
  question = 'SELECT 1',
  accept: (rows: unknown) => boolean = () => true,
): Promise<void> {
  for (const start = Date.now(); Date.now() - start < PATIENCE; await wait(50)) {
    try {
      if (accept(await asked(port, question))) return;
    } catch {
      // not yet
    }
  }
  throw new Error(`MariaDB did not come up in ${PATIENCE / 1000} s:\n${server.log().slice(-3_000)}`);
}

export const USER = 'sportello';
export const PASSWORD = 'prova';

export async function admitUser(port: number): Promise<void> {
  await asked(port, `GRANT ALL ON *.* TO '${USER}'@'%' IDENTIFIED BY '${PASSWORD}'`);
}

/** @param url of the server or of one of its databases. @returns the URL of a new, empty database beside it. */
export async function freshDatabase(url: string): Promise<string> {
  const fresh = new URL(url);
  const name = `t_${randomUUID().replaceAll('-', '').slice(0, 16)}`;
  const connection = await createConnection({ uri: new URL('/', url).href });
  await connection.query(`CREATE DATABASE ${name}`);
  await connection.end();
  fresh.pathname = `/${name}`;
  return fresh.href;
}

/** One private MariaDB on a free port. It ends, and the whole `folder` goes, with `stop` or with this process. */
export async function startMariadb(folder: string): Promise<{ url: string; stop(): Promise<void> }> {
  prepare(folder);
  installDatabase(folder);
  const [port = 0] = await freePorts(1);
  const server = startServer(folder, port);
  await answers(server, port);
  await admitUser(port);
  return { url: `mysql://${USER}:${PASSWORD}@127.0.0.1:${port}/`, stop: () => server.stop() };
}

/** A private MariaDB that may die as a failing machine would, and come back on the same port with what it had. */
export class MortalMariadb {
  #lives = 0;
  #server: Kept;

  private constructor(
    private readonly folder: string,
    private readonly port: number,
  ) {
    this.#server = this.#live();
  }

  /** @param folder stays until the end of the test run. */
  static async start(folder: string): Promise<MortalMariadb> {
    prepare(folder);
    installDatabase(folder);
    const [port = 0] = await freePorts(1);
    const database = new MortalMariadb(folder, port);
    await answers(database.#server, port);
    await admitUser(port);
    return database;
  }

  /** Of the server. */
  get url(): string {
    return `mysql://${USER}:${PASSWORD}@127.0.0.1:${this.port}/`;
  }

  async die(): Promise<void> {
    this.#server.kill('SIGKILL');
    await this.#server.ended();
    await this.#server.stop();
  }

  async rise(): Promise<void> {
    this.#server = this.#live();
    await answers(this.#server, this.port);
  }

  /** It keeps its connections and answers nothing. */
  freeze(): void {
    this.#server.kill('SIGSTOP');
  }

  thaw(): void {
    this.#server.kill('SIGCONT');
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  /** Its keeper's folder goes with each life, so the tables lie beside it. */
  #live(): Kept {
    const life = join(this.folder, `life-${++this.#lives}`);
    prepare(life);
    return startServer(life, this.port, [`--datadir=${this.folder}/data`]);
  }
}
