// SPDX-License-Identifier: AGPL-3.0-or-later
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SystemChance } from '../src/bookings/chance.ts';
import { Database } from '../src/database/engine/database.ts';
import { Registers } from '../src/database/registers.ts';
import { SystemClock } from '../src/time/clock.ts';
import { newFolder } from '../test/kit/folder.ts';
import { freePorts } from '../test/kit/keeper.ts';
import { freshDatabase } from '../test/kit/mariadb.ts';
import { authorityFile, definition, START } from './authority.ts';
import { Child } from './child.ts';

export interface Engine {
  readonly name: 'SQLite' | 'MariaDB';
  /** The URL of a new, empty database: a real file on the disk, or one of the private server. */
  freshUrl(): Promise<string>;
}

export const enginesAt = (mariadb: string): Engine[] => [
  { name: 'SQLite', freshUrl: () => Promise.resolve(`sqlite:${join(newFolder('bench'), 'sportello.db')}`) },
  { name: 'MariaDB', freshUrl: () => freshDatabase(mariadb) },
];

/** The tables, open in this process: to fill them before an app starts, and to count them after it ended. */
export async function withRegisters<T>(url: string, work: (registers: Registers) => Promise<T>): Promise<T> {
  const database = await Database.open(url, new SystemClock(), new SystemChance());
  try {
    const registers = new Registers(database);
    if ((await registers.authorities.all()).length === 0) await registers.authorities.save(definition());
    return await work(registers);
  } finally {
    await database.close();
  }
}

/** A server of one of our own processes. */
export interface Server {
  readonly url: string;
  stop(): Promise<void>;
}

async function serve(name: string, env: Record<string, string>): Promise<Server> {
  const [port = 0] = await freePorts(1);
  const { child } = await Child.start(name, { PORT: `${port}`, ...env });
  return { url: `http://127.0.0.1:${port}`, stop: () => child.stop() };
}

/** The app in a process of its own, in development, on an authority whose clock stands at the same Monday each time. */
export async function startApp(url: string, courier: 'on' | 'off'): Promise<Server> {
  const folder = newFolder('bench-app');
  writeFileSync(join(folder, 'authority.yaml'), authorityFile());
  return serve('app-process', {
    DATABASE_URL: url,
    AUTHORITY_FILE: join(folder, 'authority.yaml'),
    MAIL_DIR: join(folder, 'mail'),
    TOKEN_SECRET: 'a secret of the bench, thirty-two bytes and more',
    CLOCK_START: START,
    RATE_LIMITS: 'off',
    COURIER: courier,
  });
}

/** The bare route, with this answer. */
export async function startBareRoute(answer: string): Promise<Server> {
  const file = join(newFolder('bench-route'), 'answer.json');
  writeFileSync(file, answer);
  return serve('bare-route', { ANSWER_FILE: file });
}
