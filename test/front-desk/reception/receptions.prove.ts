// SPDX-License-Identifier: AGPL-3.0-or-later
import { expect, test } from '@jest/globals';
import { counted } from '../../kit/figures.ts';
import { closeBoth, grounds, openTwo, playDays } from './day/grounds.ts';

const LONGEST = 20 * 60_000;

test.each(grounds)(
  '$many days at the virtual doors of two instances, on $name',
  async ({ engine, many }) => {
    const houses = await openTwo(engine);
    const met = await playDays(houses, many, LONGEST);
    await closeBoth(houses);
    const sum = (what: string): number =>
      [...met].flatMap(([word, n]) => (word.startsWith(what) ? [n] : [])).reduce((a, b) => a + b, 0);
    counted({
      knocks: sum('knocks'),
      arrivals: sum('arrives'),
      openings: sum('open '),
      'open taken-over': met.get('open taken-over')!,
    });
    expect(met.get('open taken-over')).toBeGreaterThan(many / 10);
  },
  LONGEST + 60_000,
);
