// SPDX-License-Identifier: AGPL-3.0-or-later
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { House } from '../kit/desks.ts';
import { engines } from '../kit/engines.ts';
import { playHistories } from './history.ts';

const [sqlite, mariadb] = engines;
const PLAYED = [
  { engine: sqlite!, from: 0, count: 42 },
  { engine: mariadb!, from: 42, count: 8 },
];

describe.each(PLAYED)('Days on which Google fails, on $engine.name', ({ engine, from, count }) => {
  let house: House;
  beforeAll(async () => {
    house = await House.open(await engine.freshUrl());
  });
  afterAll(() => house.close());

  test(`Of ${count} drawn from seeds each ends with one event a booking, in at most half as many calls again as it needs`, async () => {
    const { calls, ideal, faults } = await playHistories(house, from, count);
    expect(faults).toBeGreaterThan(count);
    console.log(
      `${count} histories: ${faults} faults; ${calls} calls, ${ideal} would have done: ${(calls / ideal).toFixed(2)}`,
    );
    expect(calls / ideal).toBeLessThan(1.5);
  }, 120_000);
});
