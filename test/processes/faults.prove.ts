// SPDX-License-Identifier: AGPL-3.0-or-later
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { engines } from '../kit/engines.ts';
import { counted } from '../kit/figures.ts';
import { newFolder } from '../kit/folder.ts';
import { startCluster, type Cluster } from '../kit/galera.ts';
import { MailServer } from '../kit/mailbox.ts';
import { MortalMariadb } from '../kit/mariadb.ts';
import {
  killDatabaseWhileBooking,
  killNodeWhileBooking,
  killWhileBooking,
  stopUnderLoad,
  type Carnage,
} from './deaths.ts';
import { naiveDuel, personDuel, slotDuel } from './duel.ts';
import { officeDuel } from './office-duel.ts';
import { contradictions, startTown } from './town.ts';

const MINUTE = 60_000;
const [sqlite, mariadb] = engines;

function show({ losses, ...figures }: Carnage): void {
  counted({ ...figures, losses: losses.length });
  expect(losses).toEqual([]);
}

describe('Deaths', () => {
  test(
    'The app is killed 200 times, on SQLite',
    async () => show(await killWhileBooking([await sqlite!.freshUrl()], 200, 2)),
    15 * MINUTE,
  );

  test(
    'One app of two is killed 60 times, on MariaDB',
    async () => {
      const url = await mariadb!.freshUrl();
      show(await killWhileBooking([url, url], 60, 2));
    },
    10 * MINUTE,
  );

  test(
    'MariaDB is killed 40 times under two apps',
    async () => {
      const database = await MortalMariadb.start(newFolder('mortal'));
      try {
        show(await killDatabaseWhileBooking(database, 40));
      } finally {
        await database.stop();
      }
    },
    10 * MINUTE,
  );

  test.each([1, 2, 3])(
    'A Galera node is killed under two apps on the others, cluster %i',
    async () => {
      const cluster = await startCluster();
      try {
        show(await killNodeWhileBooking(cluster));
      } finally {
        await cluster.stop();
      }
    },
    3 * MINUTE,
  );

  test(
    'The app is asked to stop 20 times under load',
    async () => {
      const total = { stops: 0, answered: 0, slowest_ms: 0 };
      for (; total.stops < 20; total.stops++) {
        const url = await mariadb!.freshUrl();
        const mail = await MailServer.start();
        const { apps } = await startTown([url], { SMTP_URL: mail.url });
        const { answers, seconds } = await stopUnderLoad(apps[0]!);
        await mail.stop();
        expect(Object.keys(answers).sort()).toEqual(['200', '201', 'ECONNREFUSED']);
        expect(seconds).toBeLessThan(10);
        expect(await contradictions(url)).toEqual([]);
        total.answered += answers['200']! + answers['201']!;
        total.slowest_ms = Math.max(total.slowest_ms, Math.round(seconds * 1000));
      }
      counted(total);
    },
    10 * MINUTE,
  );
});

describe('Duels on three Galera nodes', () => {
  let cluster: Cluster;
  let urls: string[];

  beforeAll(async () => {
    cluster = await startCluster();
    urls = await cluster.freshUrls();
  }, 2 * MINUTE);

  afterAll(() => cluster?.stop());

  test(
    '1,000 for one slot and 300 for one person, an app on each node',
    async () => {
      const { apps } = await startTown(urls);
      const slots = await slotDuel(apps, 1_000);
      const people = await personDuel(apps, 300);
      await Promise.all(apps.map((app) => app.end('SIGTERM')));
      counted({ slots: slots.rounds, people: people.rounds, doubles: slots.doubles + people.doubles });
      expect([slots, people]).toEqual([
        { rounds: 1_000, doubles: 0, vain: 0 },
        { rounds: 300, doubles: 0, vain: 0 },
      ]);
      expect(await contradictions(urls[2]!)).toEqual([]);
    },
    10 * MINUTE,
  );

  test(
    '100 rounds of staff who overrule, reseat, confirm and bring back, a desk on each node',
    async () => {
      const { answers, ...verdict } = await officeDuel(await cluster.freshUrls(), 100);
      counted({ ...verdict, ...answers });
      expect(verdict).toEqual({ rounds: 100, broken: 0 });
    },
    5 * MINUTE,
  );

  test(
    'Looking before inserting, the negative control',
    async () => {
      const { rounds, doubles } = await naiveDuel(urls, 500);
      counted({ rounds, doubles });
      expect(doubles).toBe(1);
    },
    2 * MINUTE,
  );
});
