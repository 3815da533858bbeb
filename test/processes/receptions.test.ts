// SPDX-License-Identifier: AGPL-3.0-or-later
import { describe, expect, test } from '@jest/globals';
import { engines } from '../kit/engines.ts';
import { killWhileKnocking } from './receptions.ts';

const [sqlite, mariadb] = engines;

describe('Killed while people knock and clerks open', () => {
  test('on SQLite, five times: every knock answered is there, in its place, and every opening', async () => {
    const { losses, knocks, openings } = await killWhileKnocking([await sqlite!.freshUrl()], 5);
    expect(losses).toEqual([]);
    expect([knocks >= 200, openings >= 15]).toEqual([true, true]);
  }, 60_000);

  test('on MariaDB, twice, one process of two', async () => {
    const url = await mariadb!.freshUrl();
    const { losses, knocks } = await killWhileKnocking([url, url], 2);
    expect(losses).toEqual([]);
    expect(knocks).toBeGreaterThan(60);
  }, 60_000);

  test('a knock that was lost, one in another place and half an opening would be noticed', async () => {
    const { losses } = await killWhileKnocking([await sqlite!.freshUrl()], 1, async (database) => {
      await database.run("UPDATE arrivals SET staff_id = NULL WHERE status = 'called'");
      await database.run('UPDATE arrivals SET number = number + 1000 WHERE number = 5');
      await database.run('DELETE FROM arrivals WHERE number = 6');
    });
    expect(losses.join('\n')).toMatch(/half called/);
    expect(losses).toEqual(expect.arrayContaining(['lost: 5', 'lost: 6']));
  }, 60_000);
});
