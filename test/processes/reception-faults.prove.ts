// SPDX-License-Identifier: AGPL-3.0-or-later
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { SystemChance } from '../../src/bookings/chance.ts';
import { Database } from '../../src/database/engine/database.ts';
import { SystemClock } from '../../src/time/clock.ts';
import { AppProcess } from '../kit/app.ts';
import { Caller, WITH_CAMERA } from '../kit/calls.ts';
import { openBrowser, openPage } from '../kit/chromium.ts';
import { Crossing } from '../kit/crossing.ts';
import { engines } from '../kit/engines.ts';
import { counted } from '../kit/figures.ts';
import { newFolder } from '../kit/folder.ts';
import { LiveClient } from '../kit/live.ts';
import { freshDatabase, MortalMariadb } from '../kit/mariadb.ts';
import { RedisServer } from '../kit/redis.ts';
import { clerkIn, TEN } from './receptions.ts';
import { writeTown } from './town.ts';

const MINUTE = 60_000;
const [sqlite] = engines;
const began = Date.now();

/** Its clock goes on where the others are, also after a restart. */
function start(databaseUrl: string, env: Record<string, string> = {}): Promise<AppProcess> {
  const now = new Date(Date.parse(TEN) + Date.now() - began).toISOString();
  const town = { AUTHORITY_FILE: authorityFile, PUBLIC_URL: 'http://borgo.example', CLOCK_START: now };
  return AppProcess.start({ DATABASE_URL: databaseUrl, ...town, ...env });
}

let authorityFile: string;
let browser: Browser;
beforeAll(async () => {
  authorityFile = writeTown();
  browser = await openBrowser([...WITH_CAMERA, '--use-fake-ui-for-media-stream']);
}, MINUTE);
afterAll(() => browser?.close());

interface Knocked {
  readonly id: string;
  readonly status: string;
  readonly number: number;
}

async function knock(url: string, name: string): Promise<Knocked> {
  const body = JSON.stringify({ name });
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${url}/api/v1/offices/anagrafe/knocks`, { method: 'POST', headers, body });
  expect(answer.status).toBe(201);
  return (await answer.json()) as Knocked;
}

async function visit(url: string, path: string, cookie?: string, script = ''): Promise<Caller> {
  const { page, errors } = await openPage(browser, { width: 1280, javaScript: true });
  const [name = '', value = ''] = cookie?.split('=') ?? [];
  if (cookie) await page.context().addCookies([{ name, value, url }]);
  await page.context().addInitScript(script);
  await page.goto(url + path);
  return new Caller(page, errors);
}

const stage = ({ page }: Caller) => page.locator('[data-stage]').first().getAttribute('data-stage');
const tiles = ({ page }: Caller) => page.locator('[data-tiles] .room-tile').count();
const state = ({ page }: Caller) => page.locator('[data-room]').getAttribute('data-state');

/** How long, at most, a picture stood still while something went on; milliseconds. */
async function longestStill({ page }: Caller, during: Promise<unknown>): Promise<number> {
  let isOver = false;
  void during.finally(() => (isOver = true));
  let [longest, last, at] = [0, -1, Date.now()];
  for (; !isOver; await wait(100)) {
    const frames = await page
      .evaluate<number>(`document.querySelector('.room-tile video')?.getVideoPlaybackQuality().totalVideoFrames ?? -1`)
      .catch(() => -1);
    if (frames !== last && frames !== -1) [last, at] = [frames, Date.now()];
    longest = Math.max(longest, Date.now() - at);
  }
  return longest;
}

describe('Two instances with Redis on MariaDB, and a call on them', () => {
  let database: MortalMariadb;
  let redis: RedisServer;
  let url: string;
  let apps: AppProcess[];
  let crossings: [Crossing, Crossing];
  let cookie: string;
  let citizen: Caller;
  let staff: Caller;
  const env = () => ({ REDIS_URL: redis.url });

  beforeAll(async () => {
    [database, redis] = await Promise.all([MortalMariadb.start(newFolder('mortal')), RedisServer.start()]);
    url = await freshDatabase(database.url);
    apps = [await start(url, env()), await start(url, env())];
    crossings = [await Crossing.start(apps[0]!.url), await Crossing.start(apps[1]!.url)];
    const books = await Database.open(url, new SystemClock(), new SystemChance(), false);
    cookie = (await clerkIn(books, 1)).cookie;
    await books.close();
    const { id } = await knock(crossings[0].url, 'Ada');
    [citizen, staff] = await Promise.all([
      visit(crossings[0].url, `/incontro/${id}`),
      visit(crossings[1].url, '/operatore/attesa', cookie),
    ]);
    await staff.page.getByRole('button', { name: /^Apri la porta.*Ada$/ }).click();
    await Promise.all([staff.enter(), citizen.page.waitForURL('**/stanza').then(() => citizen.enter())]);
    await Promise.all([citizen.sees(), staff.sees()]);
  }, 2 * MINUTE);
  afterAll(async () => {
    for (const crossing of crossings ?? []) await crossing.stop();
    await Promise.all((apps ?? []).map((app) => app.end('SIGKILL')));
    await Promise.all([database?.stop(), redis?.stop()]);
  }, MINUTE);

  test(
    'The instance of one of the two is killed: both see each other again, and nobody twice',
    async () => {
      await apps[0]!.end('SIGKILL');
      const at = Date.now();
      crossings[0].leadsTo = apps[1]!.url;
      await citizen.page.locator('[data-room][data-state=cut]').waitFor();
      await citizen.page.locator('[data-room][data-state=connected]').waitFor({ timeout: 30_000 });
      await Promise.all([citizen.sees(), staff.sees()]);
      const again = Date.now() - at;
      await wait(35_000); // as long as three tries with whoever is no more there would take
      counted({ again });
      expect([await tiles(citizen), await tiles(staff)]).toEqual([1, 1]);
      expect([await state(citizen), await state(staff)]).toEqual(['connected', 'connected']);
      apps[0] = await start(url, env());
      crossings[0].leadsTo = apps[0].url;
    },
    3 * MINUTE,
  );

  test.each(['stopped', 'frozen'] as const)(
    'MariaDB is %s for 20 seconds: the call goes on, and who waits keeps their place',
    async (how) => {
      const { id, number } = await knock(crossings[1].url, 'Bice');
      const waiting = await visit(crossings[0].url, `/incontro/${id}`);
      await waiting.page.waitForSelector('[data-stage=waiting]');
      await wait(6_000);
      const outage = async (): Promise<void> => {
        if (how === 'stopped') await database.die();
        else database.freeze();
        await wait(20_000);
        if (how === 'stopped') await database.rise();
        else database.thaw();
        await wait(15_000);
      };
      const over = outage();
      const still = Math.max(...(await Promise.all([longestStill(citizen, over), longestStill(staff, over)])));
      counted({ still });
      await Promise.all([citizen.sees(), staff.sees()]);
      expect(still).toBeLessThan(3_000);
      expect(await stage(waiting)).toBe('waiting');
      const answer = (await (await fetch(`${crossings[1].url}/api/v1/knocks/${id}`)).json()) as Knocked;
      expect([answer.status, answer.number]).toEqual(['waiting', number]);
      await waiting.page.context().close();
      await fetch(`${crossings[1].url}/api/v1/knocks/${id}`, { method: 'DELETE' });
    },
    3 * MINUTE,
  );

  test(
    'Redis is stopped, then frozen, and back: the call goes on, and after a reload of either side the picture is back',
    async () => {
      const again: number[] = [];
      for (const how of ['stopped', 'frozen'] as const) {
        if (how === 'stopped') await redis.stop();
        else redis.signal('SIGSTOP');
        await wait(6_000);
        await Promise.all([citizen.sees(), staff.sees()]);
        // While they cannot hear of each other, who reloads is alone until Redis is back.
        await citizen.page.reload();
        if (how === 'stopped') await redis.startAgain();
        else redis.signal('SIGCONT');
        const at = Date.now();
        await Promise.all([citizen.sees(60_000), staff.sees(60_000)]);
        again.push(Date.now() - at);
      }
      counted({ stopped: again[0]!, frozen: again[1]! });
      await wait(30_000);
      expect([await tiles(citizen), await tiles(staff)]).toEqual([1, 1]);
    },
    4 * MINUTE,
  );
});

describe('One instance on SQLite', () => {
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  }, MINUTE);

  async function open(url: string): Promise<AppProcess> {
    const app = await start(url);
    closing.push(() => app.process.stop());
    return app;
  }

  async function crossingTo({ url }: AppProcess): Promise<Crossing> {
    const crossing = await Crossing.start(url);
    closing.unshift(() => crossing.stop());
    return crossing;
  }

  test(
    'Is killed, and back after 40 seconds: all who wait keep their places, by page and by connection',
    async () => {
      const url = await sqlite!.freshUrl();
      let app = await open(url);
      const crossing = await crossingTo(app);
      const pages: Caller[] = [];
      const ids: string[] = [];
      for (const name of ['Ada', 'Bice', 'Carla']) {
        const { id } = await knock(crossing.url, name);
        ids.push(id);
        pages.push(await visit(crossing.url, `/incontro/${id}`));
      }
      const left = await knock(crossing.url, 'Dina');
      await wait(10_000);
      await app.end('SIGKILL');
      await wait(40_000);
      app = await open(url);
      crossing.leadsTo = app.url;
      await wait(35_000);
      const answers = await Promise.all(
        [...ids, left.id].map(
          async (id) => (await fetch(`${crossing.url}/api/v1/knocks/${id}`)).json() as Promise<Knocked>,
        ),
      );
      expect(answers.map(({ status, number }) => `${number} ${status}`)).toEqual([
        '1 waiting',
        '2 waiting',
        '3 waiting',
        '4 gone',
      ]);
      expect(await Promise.all(pages.map(stage))).toEqual(['waiting', 'waiting', 'waiting']);
      for (const { page: each } of pages) await each.context().close();
    },
    3 * MINUTE,
  );

  test.each([
    { name: 'with live connections', seconds: 25, script: '' },
    { name: 'without', seconds: 15, script: 'delete window.WebSocket' },
  ])(
    'Nothing passes the network for $seconds seconds: who waits keeps their place, $name',
    async ({ script, seconds }) => {
      const app = await open(await sqlite!.freshUrl());
      const crossing = await crossingTo(app);
      const { id } = await knock(crossing.url, 'Ada');
      const waiting = await visit(crossing.url, `/incontro/${id}`, undefined, script);
      await wait(15_000);
      crossing.hold(true);
      await wait(seconds * 1000);
      crossing.hold(false);
      await wait(25_000);
      expect(await stage(waiting)).toBe('waiting');
      const answer = (await (await fetch(`${app.url}/api/v1/knocks/${id}`)).json()) as Knocked;
      expect([answer.status, answer.number]).toEqual(['waiting', 1]);
      await waiting.page.context().close();
    },
    2 * MINUTE,
  );

  test(
    'With 500 who watch its doors, a knock reaches all, and it stops within five seconds',
    async () => {
      const app = await open(await sqlite!.freshUrl());
      const before = await memory(app);
      const watching: LiveClient[] = [];
      for (let i = 0; i < 500; i++) {
        const forwarded = { 'x-forwarded-for': `198.51.100.${i % 250}` };
        const client = await LiveClient.open(app.url, { doors: true }, forwarded);
        if (typeof client === 'string') throw new Error(client);
        watching.push(client);
      }
      const after = await memory(app);
      const at = Date.now();
      const all = Promise.all(watching.map((client) => client.next('changed')));
      await knock(app.url, 'Ada');
      await all;
      const heard = Date.now() - at;
      const metrics = await (await fetch(`${app.url}/metrics`)).text();
      const lag = Number(/^nodejs_eventloop_lag_p99_seconds (\S+)$/m.exec(metrics)?.[1]);
      const stop = Date.now();
      await app.end('SIGTERM');
      const stopped = Date.now() - stop;
      const figures = {
        heard,
        lag_ms: Math.round(lag * 1000),
        kB_each: Math.round((after - before) / 500 / 1024),
        stopped,
      };
      counted(figures);
      expect(watching.some(({ socket }) => socket.connected)).toBe(false);
      expect(stopped).toBeLessThan(5_000);
    },
    3 * MINUTE,
  );
});

async function memory(app: AppProcess): Promise<number> {
  const metrics = await (await fetch(`${app.url}/metrics`)).text();
  return Number(/^process_resident_memory_bytes (\S+)$/m.exec(metrics)?.[1]);
}
