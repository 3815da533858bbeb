// SPDX-License-Identifier: AGPL-3.0-or-later
import { describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { SystemChance } from '../../src/bookings/chance.ts';
import { readConfig } from '../../src/config.ts';
import { ConfigError } from '../../src/config/environment.ts';
import { Authorities } from '../../src/database/authorities.ts';
import { Database } from '../../src/database/engine/database.ts';
import { importAuthority } from '../../src/front-desk/import-authority.ts';
import { SystemClock } from '../../src/time/clock.ts';
import { AppProcess, EARLY, SECRET } from '../kit/app.ts';
import { engines } from '../kit/engines.ts';
import { newFolder } from '../kit/folder.ts';
import { freePorts } from '../kit/keeper.ts';
import {
  book,
  contradictions,
  hold,
  requestFor,
  slotsOf,
  slugOf,
  startTown,
  writeTown,
  type BookingAnswer,
} from './town.ts';

const [sqlite, mariadb] = engines;

/** Runs one of the programs to its end, in an environment of its own. */
async function run(program: string, env: Record<string, string>, ...args: string[]) {
  const child = spawn(process.execPath, [`dist/src/${program}.js`, ...args], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code: code as number, out, errors };
}

describe('The environment', () => {
  const production = { NODE_ENV: 'production', TOKEN_SECRET: SECRET, SESSION_SECRET: SECRET };

  test.each([
    ['DATABASE_URL', { DATABASE_URL: 'mysql://nessuno:x@127.0.0.1:1/sportello' }],
    ['AUTHORITY_FILE', { AUTHORITY_FILE: 'examples/atlantide.yaml' }],
    ['CLOCK_START', { ...production, CLOCK_START: EARLY }],
    ['TOKEN_SECRET', { NODE_ENV: 'production', TOKEN_SECRET: '' }],
    ['HOST', { HOST: '203.0.113.1' }],
  ])('A bad %s stops the start with one sentence naming it', async (name, env) => {
    const [port = 0] = await freePorts(1);
    const folder = newFolder('env');
    const good = { PORT: `${port}`, DATABASE_URL: `sqlite:${join(folder, 'a.db')}`, MAIL_DIR: folder };
    const { code, out, errors } = await run('main', { ...good, TOKEN_SECRET: SECRET, ...env });
    expect({ code, out, lines: errors.trim().split('\n').length }).toEqual({ code: 1, out: '', lines: 1 });
    expect(errors).toContain(name);
  });

  test.each([
    ['PORT', { PORT: 'tremila' }],
    ['PORT', { PORT: '70000' }],
    ['PUBLIC_URL', { PUBLIC_URL: 'sportello.example' }],
    ['DATABASE_URL', { DATABASE_URL: 'postgres://localhost/sportello' }],
    ['DATABASE_URL', { DATABASE_URL: 'sqlite:' }],
    ['SMTP_URL', { SMTP_URL: 'posta.example:25' }],
    ['IMAP_URL', { IMAP_URL: 'https://posta.example' }],
    ['IMAP_URL', { IMAP_URL: 'imaps://posta.example/INBOX' }],
    ['CLOCK_START', { CLOCK_START: 'domani' }],
    ['RATE_LIMITS', { RATE_LIMITS: 'forse' }],
    ['RATE_LIMITS', { ...production, RATE_LIMITS: 'off' }],
    ['TOKEN_SECRET', { TOKEN_SECRET: 'corto' }],
    ['DKIM_SELECTOR', { DKIM_DOMAIN: 'borgo.example' }],
    ['GOOGLE_CLIENT_SECRET', { GOOGLE_CLIENT_ID: 'sportello.apps.example' }],
    ['GOOGLE_API_URL', { GOOGLE_API_URL: 'googleapis.com' }],
    ['GOOGLE_SERVICE_ACCOUNT_FILE', { GOOGLE_SERVICE_ACCOUNT_FILE: '/nowhere' }],
    ['GOOGLE_SERVICE_ACCOUNT_FILE', { GOOGLE_SERVICE_ACCOUNT_FILE: 'package.json' }],
    ['GOOGLE_SERVICE_ACCOUNT_FILE', { GOOGLE_SERVICE_ACCOUNT_FILE: 'README.md' }],
    ['DKIM_KEY_FILE', { DKIM_DOMAIN: 'borgo.example', DKIM_SELECTOR: 'a', DKIM_KEY_FILE: '/nowhere' }],
    ['JITSI_APP_ID', { JITSI_URL: 'https://meet.borgo.example', JITSI_APP_SECRET: 'x' }],
    ['JITSI_URL', { JITSI_URL: 'meet.borgo.example', JITSI_APP_ID: 'a', JITSI_APP_SECRET: 'x' }],
    ['GOTO_REFRESH_TOKEN', { GOTO_CLIENT_ID: 'a', GOTO_CLIENT_SECRET: 'x' }],
    ['WHEREBY_API_URL', { WHEREBY_KEY: 'x', WHEREBY_API_URL: 'ftp://whereby.example' }],
    ['TURN_SECRET', { TURN_URLS: 'turn:turn.borgo.example' }],
    ['TURN_URLS', { TURN_URLS: 'https://turn.borgo.example', TURN_SECRET: 'x' }],
    ['STUN_URLS', { STUN_URLS: 'turn:turn.borgo.example' }],
  ])('A bad %s is named: %j', (name, env) => {
    const read = (): unknown => readConfig({ TOKEN_SECRET: SECRET, ...env });
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(new RegExp(`^[^.\\n]*${name}[^\\n]*$`));
  });

  test('A port in use is said in one sentence', async () => {
    const { apps } = await startTown([await sqlite!.freshUrl()]);
    const port = new URL(apps[0]!.url).port;
    const env = { PORT: port, DATABASE_URL: await sqlite!.freshUrl(), TOKEN_SECRET: SECRET };
    const { code, errors } = await run('main', env);
    expect({ code, lines: errors.trim().split('\n').length }).toEqual({ code: 1, lines: 1 });
    expect(errors).toContain('PORT');
    await apps[0]!.end('SIGTERM');
  });

  test('With CLOCK_START the clock begins there and runs on', async () => {
    const { apps } = await startTown([await sqlite!.freshUrl()], { CLOCK_START: '2027-03-03T09:59:58+01:00' });
    const [app] = apps as [AppProcess];
    const held = (await hold(app, '2027-03-04T08:00:00+01:00')).body;
    const expiry = Date.parse(held.expires_at!);
    expect(expiry).toBeGreaterThanOrEqual(Date.parse('2027-03-03T10:04:58+01:00'));
    expect(expiry).toBeLessThan(Date.parse('2027-03-03T10:06:00+01:00'));
    await wait(2_100);
    expect((await slotsOf(app, 'carta'))[0]).toBe('2027-03-03T10:10:00+01:00'); // ten has passed
    await app.end('SIGTERM');
  });
});

describe('Two instances', () => {
  test('may import the same authority at once into empty tables', async () => {
    const yaml = readFileSync(writeTown(), 'utf8');
    for (let round = 0; round < 5; round++) {
      const url = await mariadb!.freshUrl();
      const open = () => Database.open(url, new SystemClock(), new SystemChance());
      const databases = await Promise.all([open(), open(), open()]);
      await Promise.all(databases.map((database) => importAuthority(new Authorities(database), yaml)));
      const all = await new Authorities(databases[0]).all();
      expect(all.map(({ id }) => id)).toEqual(['borgo']);
      const counters = await databases[0].rows('SELECT counter FROM counters');
      expect(counters.length).toBe(5);
      await Promise.all(databases.map((database) => database.close()));
    }
  }, 60_000);

  test('do not share an SQLite file: the second says so in one sentence', async () => {
    const url = await sqlite!.freshUrl();
    const { apps } = await startTown([url]);
    const [port = 0] = await freePorts(1);
    const { code, errors } = await run('main', { PORT: `${port}`, DATABASE_URL: url, TOKEN_SECRET: SECRET });
    expect({ code, lines: errors.trim().split('\n').length }).toEqual({ code: 1, lines: 1 });
    expect(errors).toContain('another Sportello already runs');
    await apps[0]!.end('SIGTERM');
  });
});

/** The wall-clock hour of `2027-03-01T09:30:00+01:00`. */
const hourOf = (start: string): number => Number(start.slice(11, 13));

describe.each([
  { name: 'SQLite, one instance', urls: async () => [await sqlite!.freshUrl()] },
  {
    name: 'MariaDB, two instances',
    urls: async () => {
      const url = await mariadb!.freshUrl();
      return [url, url];
    },
  },
])('npm run import beside $name that people book through', ({ urls }) => {
  test('is seen at once by all, and nobody gets a time outside the new hours', async () => {
    const nodes = await urls();
    const { apps } = await startTown(nodes);
    const slots = await slotsOf(apps[0]!, 'residenza');
    const afternoons = slots.filter((start) => hourOf(start) >= 12);
    const told: { answer: BookingAnswer; askedAt: number }[] = [];
    let stopped = false;
    let next = 0;
    const person = async (app: AppProcess): Promise<void> => {
      while (!stopped) {
        const askedAt = performance.now();
        const start = afternoons[next++]!;
        told.push({ answer: await book(app, requestFor({ start, service: 'residenza' })), askedAt });
      }
    };
    const people = Array.from({ length: 4 }, (_, i) => person(apps[i % apps.length]!));
    await wait(300);
    const done = await run('import', { DATABASE_URL: nodes[0]!, TOKEN_SECRET: SECRET }, writeTown('12:00'));
    const doneAt = performance.now();
    const listed = await Promise.all(apps.map((app) => slotsOf(app, 'residenza')));
    await wait(300);
    stopped = true;
    await Promise.all(people);

    expect(done).toEqual({ code: 0, out: expect.stringContaining('opening_hours'), errors: '' });
    for (const starts of listed) {
      expect(starts.length).toBeGreaterThan(100);
      expect(starts.filter((start) => hourOf(start) >= 12)).toEqual([]);
    }
    const after = told.filter(({ askedAt }) => askedAt > doneAt).map(({ answer }) => slugOf(answer));
    expect(after.length).toBeGreaterThan(10);
    expect(new Set(after)).toEqual(new Set(['422 closed']));
    expect(new Set(told.map(({ answer }) => slugOf(answer)))).toEqual(new Set(['201 ', '422 closed']));
    // Once one was told the door is closed, no later request was let in.
    const firstClosed = told.find(({ answer }) => answer.status === 422)!;
    expect(
      told.filter(({ answer, askedAt }) => askedAt > firstClosed.askedAt + 1_000 && answer.status === 201),
    ).toEqual([]);
    expect(await contradictions(nodes[0]!)).toEqual([]);
    await Promise.all(apps.map((app) => app.end('SIGTERM')));
  }, 60_000);

  test('refuses a bad file whole, naming line and field, and changes nothing', async () => {
    const nodes = await urls();
    const { apps } = await startTown(nodes);
    const before = await slotsOf(apps[0]!, 'carta');
    const env = { DATABASE_URL: nodes[0]!, TOKEN_SECRET: SECRET };
    const { code, out, errors } = await run('import', env, writeTown('26:00'));
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(errors).toMatch(/line 17, .*closes/);
    expect(await slotsOf(apps[0]!, 'carta')).toEqual(before);
    await Promise.all(apps.map((app) => app.end('SIGTERM')));
  }, 30_000);
});
