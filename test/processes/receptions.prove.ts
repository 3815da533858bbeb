// SPDX-License-Identifier: AGPL-3.0-or-later
import { expect, test } from '@jest/globals';
import { engines } from '../kit/engines.ts';
import { counted } from '../kit/figures.ts';
import { killWhileKnocking } from './receptions.ts';

test.each([
  { name: 'an app is killed 60 times, on SQLite', engine: engines[0]!, apps: 1, kills: 60 },
  { name: 'one app of two is killed 30 times, on MariaDB', engine: engines[1]!, apps: 2, kills: 30 },
])(
  'Before the virtual door $name',
  async ({ engine, apps, kills }) => {
    const url = await engine.freshUrl();
    const { losses, ...figures } = await killWhileKnocking(Array<string>(apps).fill(url), kills);
    counted({ ...figures, losses: losses.length });
    expect(losses).toEqual([]);
  },
  10 * 60_000,
);
