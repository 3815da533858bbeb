// SPDX-License-Identifier: AGPL-3.0-or-later
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { House } from '../../kit/desks.ts';
import { BUGS, plant } from './day/bugs.ts';
import { closeBoth, firstWrong, grounds, openTwo, playDays } from './day/grounds.ts';

/** How often each outcome was met on all grounds: a few days on one of them may well miss one. */
const met = new Map<string, number>();

describe.each(grounds)('Days at the virtual doors of two instances, on $name', ({ engine, few }) => {
  let houses: House[];
  beforeAll(async () => {
    houses = await openTwo(engine);
  });
  afterAll(() => closeBoth(houses ?? []));

  test(`Of ${few} drawn from a seed each is, after every step, as if one thing had been done after the other`, async () => {
    const ofThese = await playDays(houses, few, 150_000);
    expect(ofThese.get('open ok')).toBeGreaterThan(0);
    for (const [what, times] of ofThese) met.set(what, (met.get(what) ?? 0) + times);
  }, 180_000);
});

test('The days were worth playing: all that may go otherwise did so at least once', () => {
  const worth = ['open ok', 'open taken-over', 'knocks door-closed', 'knockAgain ok', 'arrives ok', 'touch lost'];
  expect(worth.filter((what) => !met.get(what))).toEqual([]);
});

describe('A day drawn from a seed shows it when', () => {
  test.each(BUGS)(
    '$bug',
    async ({ as, shows }) => {
      const houses = await openTwo(grounds[0]!.engine);
      plant(houses, as);
      expect(await firstWrong(houses, 100, 1)).toMatch(shows);
      await closeBoth(houses);
    },
    60_000,
  );
});
