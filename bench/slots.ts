// SPDX-License-Identifier: AGPL-3.0-or-later
import { freeSlots } from '../src/availability/free-slots.ts';
import { addDays, eachDay } from '../src/time/day.ts';
import { FIRST_DAY, SERVICES } from './authority.ts';
import type { Child } from './child.ts';
import type { Ask } from './client.ts';
import { startApp, startBareRoute, withRegisters, type Engine } from './house.ts';
import type { Job, Load } from './load.ts';
import { median } from './measure.ts';
import { countersOf, newBooking, seed } from './past.ts';
import { millis, percent, perSecond, type Line } from './table.ts';

/** `GET /slots` for thirty days, eight counters and a thousand bookings, beside the same JSON from a bare route. */

const CLIENTS = 16;
const ROUNDS = 3;
const ROUND_MS = 1_200;
const WANTED = 0.4;

export type Loader = Child<Job, Load>;

const askFor = (from: number, days: number, more = ''): Ask => {
  const first = addDays(FIRST_DAY, from);
  const query = `service_id=${SERVICES.agenda}&from=${first}&to=${addDays(first, days - 1)}${more}`;
  return { path: `/api/v1/slots?${query}` };
};

const SAME = [askFor(0, 30)];
/** More questions than the app remembers answers, all of about the same size: each is computed. */
const DIFFERENT = Array.from({ length: 300 }, (_, i) =>
  askFor(i % 30, 29 + (Math.floor(i / 30) % 5), i < 150 ? '' : '&mode=in_person'),
);

/** Every second place and a little less: a thousand of some two thousand four hundred. */
async function fill(url: string): Promise<void> {
  await withRegisters(url, async (registers) => {
    const authority = (await registers.authorities.find('bench'))!;
    const office = authority.office(SERVICES.agenda)!;
    const days = eachDay(FIRST_DAY, addDays(FIRST_DAY, 29));
    const openings = days.flatMap((day) => authority.days.forService(office, office.services[0]!, 'public', day).open);
    const counters = await countersOf(registers, SERVICES.agenda);
    const step = { step: 30, duration: 30, bufferAfter: 0, earliest: 0, latest: Infinity };
    const starts = freeSlots({ openings, ...step, counters: [{ key: 0, present: null, busy: [] }] });
    const places = starts.flatMap(({ start }) => counters.map((counter) => ({ counter, start })));
    const taken = places.filter((_, i) => (i * 7) % 17 < 7).slice(0, 1_000);
    await seed(
      registers,
      taken.map(({ counter, start }) => newBooking(counter, start)),
    );
  });
}

export async function slots(engine: Engine, loader: Loader): Promise<Line[]> {
  const url = await engine.freshUrl();
  await fill(url);
  const app = await startApp(url, 'on');
  const answer = await (await fetch(app.url + SAME[0]!.path)).text();
  const bare = await startBareRoute(answer);
  const rate = async (server: { url: string }, asks: readonly Ask[]): Promise<Load> => {
    const load = await loader.ask({ kind: 'repeat', url: server.url, clients: CLIENTS, asks, ms: ROUND_MS });
    if (Object.keys(load.statuses).join() !== '200') throw new Error(`GET /slots: ${JSON.stringify(load.statuses)}`);
    return load;
  };
  try {
    await rate(bare, SAME);
    await rate(app, DIFFERENT);
    const rounds: { same: Load; different: Load; limit: Load }[] = [];
    for (let i = 0; i < ROUNDS; i++)
      rounds.push({
        same: await rate(app, SAME),
        limit: await rate(bare, SAME),
        different: await rate(app, DIFFERENT),
      });
    const size = `${Math.round(answer.length / 1000)} kB`;
    const limit = median(rounds.map((r) => perSecondOf(r.limit)));
    const line = (what: string, of: 'same' | 'different', wanted?: number): Line => {
      const share = median(rounds.map((r) => perSecondOf(r[of]) / perSecondOf(r.limit)));
      return {
        what,
        engine: engine.name,
        ratio: percent(share),
        wanted: wanted ? { figure: `≥ ${percent(wanted)}`, reached: share >= wanted } : undefined,
        ours: `${perSecond(median(rounds.map((r) => perSecondOf(r[of]))))}, p50 ${millis(median(rounds.map((r) => r[of].p50)))}`,
        limit: perSecond(limit),
      };
    };
    return [
      line(`GET /slots, ${size}, 16 clients asking the same`, 'same', WANTED),
      line('GET /slots, each answer computed', 'different'),
    ];
  } finally {
    await Promise.all([app.stop(), bare.stop()]);
  }
}

const perSecondOf = ({ statuses, seconds }: Load): number => (statuses['200'] ?? 0) / seconds;
