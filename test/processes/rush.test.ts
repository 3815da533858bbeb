// SPDX-License-Identifier: AGPL-3.0-or-later
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { crowd, openingDuels, type Town as Reception } from '../front-desk/reception/crowd.ts';
import { ManualClock } from '../kit/clock.ts';
import { House, unionWith } from '../kit/desks.ts';
import { engines } from '../kit/engines.ts';
import { startCluster, type Cluster } from '../kit/galera.ts';
import { awaitLetters, lettersIn, MailServer } from '../kit/mailbox.ts';
import { killNodeWhileBooking } from './deaths.ts';
import { naiveDuel, personDuel, slotDuel } from './duel.ts';
import {
  book,
  contradictions,
  FIRST_SLOT,
  hold,
  inBooks,
  requestFor,
  slugOf,
  startTown,
  untilAllSent,
  type BookingAnswer,
  type ServiceId,
  type Town,
} from './town.ts';

const [sqlite, mariadb] = engines;
let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster();
}, 120_000);

afterAll(() => cluster?.stop());

/** The URLs of one new database, one for each process. */
const grounds = [
  { name: 'SQLite, one process', urls: async () => [await sqlite!.freshUrl()] },
  {
    name: 'MariaDB, two processes',
    urls: async () => {
      const url = await mariadb!.freshUrl();
      return [url, url];
    },
  },
  { name: 'Galera, two processes on different nodes', urls: async () => (await cluster.freshUrls()).slice(0, 2) },
];

describe.each(grounds)('on $name', ({ urls }) => {
  let town: Town;
  let url: string;

  beforeAll(async () => {
    const nodes = await urls();
    url = nodes[0]!;
    town = await startTown(nodes); // all at once, on an empty database
  }, 60_000);

  afterAll(() => Promise.all(town?.apps.map((app) => app.end('SIGTERM')) ?? []));

  const appFor = (i: number) => town.apps[i % town.apps.length]!;

  async function race(service: ServiceId, start: string): Promise<{ won: BookingAnswer[]; lost: BookingAnswer[] }> {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => book(appFor(i), requestFor({ start, service }))),
    );
    const isWon = ({ status }: BookingAnswer): boolean => status === 201;
    return { won: answers.filter(isWon), lost: answers.filter((answer) => !isWon(answer)) };
  }

  test.each([
    { service: 'carta' as const, counters: 1 },
    { service: 'residenza' as const, counters: 3 },
  ])('Fifty at once for one time: as many win as there are counters ($counters)', async ({ service, counters }) => {
    const before = (await lettersIn(town.mailDir)).length;
    const { won, lost } = await race(service, FIRST_SLOT);
    expect(won.length).toBe(counters);
    expect(new Set(won.map(({ body }) => body.counter)).size).toBe(counters);
    expect(lost.map(slugOf)).toEqual(Array(50 - counters).fill('409 slot-taken'));
    for (const { body } of lost) {
      expect(body.alternatives?.length).toBe(3);
      expect(body.alternatives?.map(({ start }) => start)).not.toContain(FIRST_SLOT);
    }
    await untilAllSent(url);
    const letters = (await lettersIn(town.mailDir)).length - before;
    expect(letters).toBe(counters * 2); // to the citizen, and a copy to the office
    expect(await contradictions(url)).toEqual([]);
  });

  test('Fifty at once where a hold has expired and nobody has swept: one wins', async () => {
    const start = '2027-03-03T08:00:00+01:00';
    expect((await hold(appFor(0), start)).status).toBe(201);
    await inBooks(url, async (db) => {
      for (const table of ['holds', 'claims']) await db.run(`UPDATE ${table} SET expires_at = 1 WHERE expires_at > 1`);
    });
    const { won, lost } = await race('carta', start);
    expect(won.length).toBe(1);
    expect(new Set(lost.map(slugOf))).toEqual(new Set(['409 slot-taken']));
    expect(await contradictions(url)).toEqual([]);
  });

  test('Ten parallel repeats with one key: one booking, ten equal answers, one letter', async () => {
    const request = requestFor({ start: '2027-03-02T08:00:00+01:00' });
    const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => book(appFor(i), request)));
    expect(answers).toEqual(Array(10).fill(answers[0]));
    expect(answers[0]?.status).toBe(201);
    const toThem = (all: Awaited<ReturnType<typeof lettersIn>>) =>
      all.filter(({ email }) => email.to?.[0]?.address === request.body.citizen.email);
    await awaitLetters(async () => toThem(await lettersIn(town.mailDir)), 1);
    await untilAllSent(url);
    expect(toThem(await lettersIn(town.mailDir)).length).toBe(1);
    expect(await contradictions(url)).toEqual([]);
  });
});

describe('on three Galera nodes, writers on two', () => {
  let town: Town;
  let urls: string[];

  beforeAll(async () => {
    urls = await cluster.freshUrls();
    town = await startTown(urls.slice(0, 2));
  }, 60_000);

  afterAll(() => Promise.all(town?.apps.map((app) => app.end('SIGTERM')) ?? []));

  test('300 duels for one slot: never two winners, always one', async () => {
    expect(await slotDuel(town.apps, 300)).toEqual({ rounds: 300, doubles: 0, vain: 0 });
    expect(await contradictions(urls[2]!)).toEqual([]); // as the third node tells it
  }, 120_000);

  test('60 duels of one person for two slots: the limit of one holds', async () => {
    expect(await personDuel(town.apps, 60)).toEqual({ rounds: 60, doubles: 0, vain: 0 });
  }, 60_000);

  test('Who only looks before inserting, even with locks, books twice: these duels would show it', async () => {
    expect((await naiveDuel(await cluster.freshUrls(), 200)).doubles).toBe(1);
  }, 60_000);
});

describe('before one virtual door, two instances on different Galera nodes', () => {
  let door: Reception;

  beforeAll(async () => {
    const urls = await cluster.freshUrls();
    const clock = new ManualClock('2027-03-02T10:00:00+01:00');
    const houses = [await House.open(urls[0]!, { clock }), await House.open(urls[1]!, { clock, beside: true })];
    door = { houses, authority: await houses[0]!.settle(unionWith()) };
  }, 60_000);

  afterAll(() => Promise.all(door?.houses.map((house) => house.close()) ?? []));

  test('Of two clerks who open at once one has the citizen and the other hears who, a hundred times', async () => {
    expect(await openingDuels(door, 100)).toEqual({ winners: { 1: 100 }, heard: 100 });
  }, 60_000);

  test('Two hundred who knock at once keep their order, and nobody is pushed back', async () => {
    const { numbers, ...rest } = await crowd(door, 200);
    expect(new Set(numbers).size).toBe(200);
    expect(rest).toEqual({ overtaken: 0, pushedBack: 0 });
  }, 60_000);
});

describe.each(grounds.slice(1))('the couriers on $name', ({ urls }) => {
  test('Two couriers never send one letter twice', async () => {
    const mail = await MailServer.start();
    const nodes = await urls();
    const { apps } = await startTown(nodes, { SMTP_URL: mail.url });
    const day = 24 * 3_600_000;
    const starts = Array.from({ length: 150 }, (_, i) => {
      const minute = (i % 50) * 10;
      return new Date(Date.parse(FIRST_SLOT) + Math.floor(i / 50) * day + minute * 60_000).toISOString();
    });
    const answers = await Promise.all(starts.map((start, i) => book(apps[i % 2]!, requestFor({ start }))));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    await untilAllSent(nodes[0]!);
    const ids = (await mail.letters()).map(({ email }) => email.messageId);
    expect(ids.length).toBe(300);
    expect(new Set(ids).size).toBe(300);
    const [shared] = await inBooks(nodes[0]!, (db) => db.rows('SELECT MAX(lease_no) AS most FROM outbox'));
    expect(shared?.['most']).toBe(1);
    await Promise.all(apps.map((app) => app.end('SIGTERM')));
    await mail.stop();
  }, 60_000);
});

test('A Galera node dies under load: nothing acknowledged is lost, and bookings go on', async () => {
  const { acknowledged, losses } = await killNodeWhileBooking(cluster); // the last to use it
  expect(losses).toEqual([]);
  expect(acknowledged).toBeGreaterThanOrEqual(200);
}, 120_000);
