// SPDX-License-Identifier: AGPL-3.0-or-later
import { addDays } from '../src/time/day.ts';
import { FIRST_DAY, SERVICES } from './authority.ts';
import { openBareDriver, type BareDriver } from './bare-driver.ts';
import { startApp, type Engine, type Server } from './house.ts';
import type { Load } from './load.ts';
import { median } from './measure.ts';
import type { Loader } from './slots.ts';
import { millis, percent, perSecond, type Line } from './table.ts';

/** `POST /bookings` from 16 clients, each start its own, beside its rows written by the driver alone. */

const CLIENTS = 16;
/** A process is compiled while it runs: without these its first seconds would be measured. */
const WARM_ROUNDS = 3;
const ROUNDS = 3;
/** So many starts a round that none is left over after the last. */
const STARTS = 2_880;
const ROUND_MS = 1_500;
const WANTED = 0.5;
/** Counters nobody has: the driver's bookings are in nobody's way. */
const ELSEWHERE = 1_000_000;
const SPAN = 92;

/** Every free start of a service, as `GET /slots` lists them. */
export async function startsOf({ url }: Server, service: string, days: number): Promise<string[]> {
  const starts: string[] = [];
  for (let from = 0; from < days; from += SPAN) {
    const first = addDays(FIRST_DAY, from);
    const query = `service_id=${service}&from=${first}&to=${addDays(first, SPAN - 1)}`;
    const answer = (await (await fetch(`${url}/api/v1/slots?${query}`)).json()) as { items: { start: string }[] };
    starts.push(...answer.items.map((item) => item.start));
  }
  return starts;
}

interface Round {
  readonly app: Load;
  readonly bare: number;
}

/** The first line alternates with the driver; the second has no peace to do so, and stands beside the same limit. */
export async function bookings(engine: Engine, loader: Loader): Promise<Line[]> {
  const alone = await measured(engine, loader, 'off');
  const limit = median(alone.map((round) => round.bare));
  const busy = await measured(engine, loader, 'on');
  return [
    lineOf('letters left to another instance', engine, alone),
    lineOf(
      'letters leaving meanwhile',
      engine,
      busy.map(({ app }) => ({ app, bare: limit })),
    ),
  ];
}

async function measured(engine: Engine, loader: Loader, courier: 'on' | 'off'): Promise<Round[]> {
  const url = await engine.freshUrl();
  const app = await startApp(url, courier);
  try {
    const starts = await startsOf(app, SERVICES.open, 360);
    const book = () => {
      const job = { kind: 'book', url: app.url, clients: CLIENTS, service: SERVICES.open, ms: ROUND_MS } as const;
      return loader.ask({ ...job, starts: starts.splice(0, STARTS) });
    };
    for (let round = 0; round < WARM_ROUNDS; round++) await book();
    const driver = await openBareDriver(url);
    const rounds: Round[] = [];
    for (let round = 0; round < ROUNDS; round++)
      rounds.push({ app: await book(), bare: courier === 'off' ? await rawRate(driver) : NaN });
    await driver.close();
    return rounds;
  } finally {
    await app.stop();
  }
}

let next = 0;

/** @returns bookings a second that the driver writes, alone, from as many hands. */
async function rawRate(driver: BareDriver): Promise<number> {
  const start = performance.now();
  let written = 0;
  const hand = async () => {
    while (performance.now() - start < ROUND_MS) {
      await driver.book({ counter: ELSEWHERE + (next % 8), tick: 6 * Math.floor(next++ / 8) });
      written++;
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, hand));
  return (written * 1000) / (performance.now() - start);
}

function lineOf(letters: string, engine: Engine, rounds: readonly Round[]): Line {
  const share = median(rounds.map((r) => rateOf(r.app) / r.bare));
  const others = rounds.flatMap((r) => Object.keys(r.app.statuses)).filter((status) => status !== '201');
  if (others.length) throw new Error(`POST /bookings answered ${others.join(', ')}`);
  return {
    what: `POST /bookings, ${CLIENTS} clients, ${letters}`,
    engine: engine.name,
    ratio: percent(share),
    wanted: { figure: `≥ ${percent(WANTED)}`, reached: share >= WANTED },
    ours: `${perSecond(median(rounds.map((r) => rateOf(r.app))))}, p50 ${millis(median(rounds.map((r) => r.app.p50)))}`,
    limit: perSecond(median(rounds.map((r) => r.bare))),
  };
}

const rateOf = ({ statuses, seconds }: Load): number => (statuses['201'] ?? 0) / seconds;
