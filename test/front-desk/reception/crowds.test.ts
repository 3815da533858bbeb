// SPDX-License-Identifier: AGPL-3.0-or-later
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ManualClock } from '../../kit/clock.ts';
import { House, unionWith } from '../../kit/desks.ts';
import { engines } from '../../kit/engines.ts';
import { crowd, openingDuels, type Town } from './crowd.ts';

const [sqlite, mariadb] = engines;
const grounds = [
  { name: 'SQLite', engine: sqlite!, instances: 1 },
  { name: 'MariaDB', engine: mariadb!, instances: 1 },
  { name: 'MariaDB, two instances', engine: mariadb!, instances: 2 },
];

describe.each(grounds)('Before one door, on $name', ({ engine, instances }) => {
  let town: Town;

  beforeAll(async () => {
    const url = await engine.freshUrl();
    const clock = new ManualClock('2027-03-02T10:00:00+01:00');
    const houses: House[] = [];
    for (let n = 0; n < instances; n++) houses.push(await House.open(url, { clock, beside: n > 0 }));
    town = { houses, authority: await houses[0]!.settle(unionWith()) };
  });
  afterAll(() => Promise.all(town?.houses.map((house) => house.close()) ?? []));

  test('Of two clerks who open at once one has the citizen and the other hears who, a hundred times', async () => {
    expect(await openingDuels(town, 100)).toEqual({ winners: { 1: 100 }, heard: 100 });
  });

  test('Two hundred who knock at once keep their order, and nobody is pushed back', async () => {
    const { numbers, ...rest } = await crowd(town, 200);
    const first = Math.min(...numbers);
    expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, i) => first + i));
    expect(rest).toEqual({ overtaken: 0, pushedBack: 0 });
  });
});
