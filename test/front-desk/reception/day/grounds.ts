// SPDX-License-Identifier: AGPL-3.0-or-later
import * as fc from 'fast-check';
import { ManualClock } from '../../../kit/clock.ts';
import { House } from '../../../kit/desks.ts';
import { engines, type Engine } from '../../../kit/engines.ts';
import { play, type Met } from './play.ts';
import { scene, type Scene } from './scenes.ts';

const [sqlite, mariadb] = engines;

/** Where days are played: how many in `npm test`, and how many in `npm run prove`. */
export const grounds = [
  { name: 'SQLite', engine: sqlite!, few: 90, many: 1_700 },
  { name: 'MariaDB', engine: mariadb!, few: 10, many: 300 },
];

/** Two instances on the same tables, each by its own clock; on SQLite they share the one writer there is. */
export async function openTwo(engine: Engine): Promise<House[]> {
  const url = await engine.freshUrl();
  const clocks = [new ManualClock(0), new ManualClock(0)];
  const first = await House.open(url, { clock: clocks[0] });
  if (engine === mariadb) return [first, await House.open(url, { clock: clocks[1], beside: true })];
  await first.database.writer.query('PRAGMA synchronous = OFF'); // nobody pulls the plug here
  return [first, first.besideBy(clocks[1]!)];
}

/** Closes what {@link openTwo} opened. */
export const closeBoth = (houses: readonly House[]): Promise<unknown> =>
  Promise.all([...new Set(houses.map(({ database }) => database))].map((database) => database.close()));

const day = (houses: readonly House[], met: Met) => fc.asyncProperty(scene, (drawn: Scene) => play(houses, drawn, met));

/** Plays so many days, drawn from a seed: `SEED=… RUNS=…` replays them. One that goes wrong is shortened for a while and told with its seed. */
export async function playDays(houses: readonly House[], numRuns: number, shortenFor: number): Promise<Met> {
  const met: Met = new Map();
  const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
  const runs = Number(process.env['RUNS'] ?? numRuns);
  await fc.assert(day(houses, met), {
    numRuns: runs,
    seed,
    interruptAfterTimeLimit: shortenFor,
    markInterruptAsFailure: true,
  });
  return met;
}

/** How the first of so many days that goes wrong does so; null when none does. */
export async function firstWrong(houses: readonly House[], numRuns: number, seed: number): Promise<string | null> {
  const { failed, errorInstance } = await fc.check(day(houses, new Map()), { numRuns, seed, endOnFailure: true });
  return failed ? (errorInstance instanceof Error ? errorInstance.message : String(errorInstance)) : null;
}
