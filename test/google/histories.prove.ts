// SPDX-License-Identifier: AGPL-3.0-or-later
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { House } from '../kit/desks.ts';
import { engines } from '../kit/engines.ts';
import { counted } from '../kit/figures.ts';
import { playHistories } from './history.ts';

const [sqlite, mariadb] = engines;
const PLAYED = [
  { engine: sqlite!, from: 1000, count: 800 },
  { engine: mariadb!, from: 1800, count: 200 },
];

describe.each(PLAYED)('Days on which Google fails, on $engine.name', ({ engine, from, count }) => {
  let house: House;
  beforeAll(async () => {
    house = await House.open(await engine.freshUrl());
  });
  afterAll(() => house.close());

  test(
    `${count} histories end with one event a booking, in at most half as many calls again as they need`,
    async () => {
      const { calls, ideal, faults } = await playHistories(house, from, count);
      counted({ histories: count, faults, calls, ideal, ratio: Number((calls / ideal).toFixed(2)) });
      expect(calls / ideal).toBeLessThan(1.5);
    },
    20 * 60_000,
  );
});
