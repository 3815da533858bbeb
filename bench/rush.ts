// SPDX-License-Identifier: AGPL-3.0-or-later
import { randomInt } from 'node:crypto';
import { SERVICES } from './authority.ts';
import { openBareDriver, type BareDriver, type Place } from './bare-driver.ts';
import { startsOf } from './bookings.ts';
import { startApp, withRegisters, type Engine } from './house.ts';
import type { Load } from './load.ts';
import type { Loader } from './slots.ts';
import { percent, type Line } from './table.ts';

/** A date opens and everybody comes: 64 clients, 300 places, each wants any of them until there are none. */

const CLIENTS = 64;
const PLACES = 300;
const ELSEWHERE = 2_000_000;

export async function rush(engine: Engine, loader: Loader): Promise<Line> {
  const url = await engine.freshUrl();
  const app = await startApp(url, 'on');
  let load: Load;
  try {
    const starts = await startsOf(app, SERVICES.rush, 30);
    load = await loader.ask({ kind: 'rush', url: app.url, clients: CLIENTS, service: SERVICES.rush, starts });
  } finally {
    await app.stop();
  }
  const inTheBooks = await counted(url);
  const driver = await openBareDriver(url);
  const raw = await rawRush(driver);
  await driver.close();
  return lineOf(engine, load, inTheBooks, raw);
}

interface Counted {
  readonly bookings: number;
  readonly claims: number;
}

const counted = (url: string): Promise<Counted> =>
  withRegisters(url, async ({ database }) => {
    const [row] = await database.rows<{ bookings: number; claims: number }>(
      'SELECT (SELECT COUNT(*) FROM bookings) AS bookings, (SELECT COUNT(*) FROM claims) AS claims',
    );
    return { bookings: Number(row!.bookings), claims: Number(row!.claims) };
  });

/** The same crowd without a house around the database. @returns seconds until all was sold. */
async function rawRush(driver: BareDriver): Promise<number> {
  const places: Place[] = Array.from({ length: PLACES }, (_, i) => ({ counter: ELSEWHERE, tick: i * 6 }));
  const start = performance.now();
  let lastSold = 0;
  const visitor = async () => {
    const wanted = [...places];
    while (wanted.length) {
      const sold = await driver.book(wanted.splice(randomInt(wanted.length), 1)[0]!);
      if (sold) lastSold = performance.now() - start;
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, visitor));
  return lastSold / 1000;
}

function lineOf(engine: Engine, { statuses, lastGood }: Load, { bookings, claims }: Counted, raw: number): Line {
  const { 201: sold = 0, 409: refused = 0, ...others } = statuses;
  const faults = Object.values(others).reduce((sum, count) => sum + count, 0);
  const exact = sold === PLACES && bookings === PLACES && claims === PLACES * 6 && faults === 0;
  return {
    what: `rush, ${CLIENTS} clients: ${bookings} sold, ${refused} refused, ${faults} other`,
    engine: engine.name,
    ratio: percent(raw / lastGood),
    wanted: { figure: `${PLACES} sold once`, reached: exact },
    ours: `${lastGood.toFixed(2)} s`,
    limit: `${raw.toFixed(2)} s`,
  };
}
