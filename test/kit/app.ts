// SPDX-License-Identifier: AGPL-3.0-or-later
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApp } from '../../src/app.ts';
import type { Chance } from '../../src/bookings/chance.ts';
import type { Config } from '../../src/config.ts';
import type { Clock } from '../../src/time/clock.ts';
import { SeededChance } from './chance.ts';
import { ManualClock } from './clock.ts';
import { newFolder } from './folder.ts';
import { freePorts, Kept } from './keeper.ts';

/** A Monday far from holidays and clock changes, before any office opens. */
export const EARLY = '2027-03-01T07:00:00+01:00';
export const SECRET = 'a secret of the tests, thirty-two bytes and more';
/** Nobody listens there. */
const NO_GOOGLE: Config['google'] = {
  apiUrl: 'http://127.0.0.1:9/',
  tokenUrl: 'http://127.0.0.1:9/token',
  authUrl: 'http://127.0.0.1:9/auth',
};

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | number | undefined>;
  text: string;
  /** The body read as JSON. */
  json<Body = Record<string, unknown>>(): Body;
}

export interface Ask {
  method?: 'GET' | 'POST' | 'DELETE' | 'HEAD' | 'PUT' | 'PATCH';
  headers?: Record<string, string>;
  /** An object is sent as JSON, URLSearchParams as a form, text as it is. */
  body?: object | string;
}

export interface RunningApp<Time extends Clock = Clock> {
  app: NestFastifyApplication;
  clock: Time;
  config: Config;
  /** Where letters lie as `.eml`. */
  mailDir: string;
  /** http://localhost:PORT; nothing listens there before `listen`. */
  url: string;
  /** Asks without a network. */
  ask(path: string, ask?: Ask): Promise<Answer>;
  /** Opens the door to browsers and to other processes. @returns the url. */
  listen(): Promise<string>;
  close(): Promise<void>;
}

export interface AppOptions {
  databaseUrl: string;
  /** Imported when the database is empty. */
  authorityFile?: string;
  chance?: Chance;
  config?: Partial<Config>;
}

function payload(body: Ask['body']): { payload?: string; headers?: Record<string, string> } {
  if (body === undefined) return {};
  if (typeof body === 'string') return { payload: body };
  if (body instanceof URLSearchParams) {
    return { payload: body.toString(), headers: { 'content-type': 'application/x-www-form-urlencoded' } };
  }
  return { payload: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
}

async function askOf(app: NestFastifyApplication, path: string, ask: Ask): Promise<Answer> {
  const { payload: sent, headers } = payload(ask.body);
  const method = ask.method ?? (ask.body === undefined ? 'GET' : 'POST');
  const response = await app.inject({
    method,
    url: path,
    headers: { host: 'localhost', ...headers, ...ask.headers },
    ...(sent === undefined ? {} : { payload: sent }),
  });
  return {
    status: response.statusCode,
    headers: response.headers,
    text: response.body,
    json: <Body>() => JSON.parse(response.body) as Body,
  };
}

/** The whole app in this process, its clock standing still at `EARLY` unless another is given. */
export function startApp(options: AppOptions): Promise<RunningApp<ManualClock>>;
export function startApp<Time extends Clock>(options: AppOptions & { clock: Time }): Promise<RunningApp<Time>>;
export async function startApp(options: AppOptions & { clock?: Clock }): Promise<RunningApp> {
  const [port = 0] = await freePorts(1);
  const url = `http://localhost:${port}`;
  const clock = options.clock ?? new ManualClock(EARLY);
  const mailDir = newFolder('mail');
  const config: Config = {
    port,
    host: '127.0.0.1',
    publicUrl: url,
    databaseUrl: options.databaseUrl,
    mailDir,
    authorityFile: options.authorityFile ?? 'examples/unione.yaml',
    tokenSecret: SECRET,
    sessionSecret: SECRET,
    google: NO_GOOGLE,
    video: { stunUrls: [] },
    production: false,
    rateLimits: false,
    ...options.config,
  };
  const app = await createApp(config, { clock, chance: options.chance ?? new SeededChance(options.databaseUrl) });
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  return {
    app,
    clock,
    config,
    mailDir,
    url,
    ask: (path, ask = {}) => askOf(app, path, ask),
    listen: async () => {
      await app.listen(port, config.host);
      return url;
    },
    close: () => app.close(),
  };
}

let built = process.env['BUILT'] === '1'; // `npm test` has just built

/** The app as `npm start` runs it, in a process of its own. */
export class AppProcess {
  private constructor(
    readonly url: string,
    readonly mailDir: string,
    readonly process: Kept,
  ) {}

  /** @param env beside the defaults; DATABASE_URL at least. Resolves when `/health/ready` says so. */
  static async start(env: Record<string, string>): Promise<AppProcess> {
    if (!built) execFileSync(process.execPath, ['scripts/build.mjs']);
    built = true;
    const [port = 0] = await freePorts(1);
    const folder = newFolder('app');
    const mailDir = env['MAIL_DIR'] ?? newFolder('mail');
    const url = `http://localhost:${port}`;
    const defaults = {
      HOST: '127.0.0.1',
      PORT: `${port}`,
      MAIL_DIR: mailDir,
      TOKEN_SECRET: SECRET,
      SESSION_SECRET: SECRET,
      RATE_LIMITS: 'off',
    };
    const kept = new Kept(join(folder, 'process'), process.execPath, ['dist/src/main.js'], {
      PATH: process.env['PATH'],
      TZ: process.env['TZ'],
      ...defaults,
      ...env,
    });
    const app = new AppProcess(url, mailDir, kept);
    await app.#ready();
    return app;
  }

  /** SIGKILL leaves no time for anything; SIGTERM lets requests end. @returns the exit code. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number> {
    this.process.kill(signal);
    const code = await this.process.ended();
    await this.process.stop();
    return code;
  }

  async #ready(): Promise<void> {
    for (const start = Date.now(); Date.now() - start < 20_000; await wait(50)) {
      if (this.process.exitCode !== null) break;
      const answer = await fetch(`${this.url}/health/ready`).catch(() => null);
      if (answer?.ok) return;
    }
    const log = this.process.log();
    await this.process.stop();
    throw new Error(`the app did not become ready:\n${log.slice(-3_000)}`);
  }
}
