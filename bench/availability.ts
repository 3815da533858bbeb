// SPDX-License-Identifier: AGPL-3.0-or-later
import { freeSlots, type CounterTimes, type SlotQuestion } from '../src/availability/free-slots.ts';
import { Authority } from '../src/offices/authority.ts';
import { addDays, eachDay, type Day } from '../src/time/day.ts';
import type { Interval } from '../src/time/interval.ts';
import { definition, FIRST_DAY, SERVICES } from './authority.ts';
import { timeOf } from './measure.ts';
import { micros, percent, times, type Line } from './table.ts';

/** The computation alone, in this process: openings cold and warm, then the sweep; and how it grows. */

const DAYS = [7, 30, 90, 365];
const COUNTERS = [1, 8];
const BOOKINGS = [0, 1_000, 10_000];
const WANTED_US = 100;
const DURATION = 30;

interface Case {
  readonly counters: number;
  readonly days: number;
  readonly bookings: number;
}

export function availability(): Line[] {
  const cases = COUNTERS.flatMap((counters) =>
    DAYS.flatMap((days) => BOOKINGS.map((bookings) => ({ counters, days, bookings }))),
  );
  return [...cases.map(lineOf), ...COUNTERS.map(growthInDays)];
}

const newAuthority = (): Authority => new Authority(definition(), 1, new Map());
const warm = newAuthority();

/** What is open on these days: wall-clock rules become instants, once a day and authority. */
function openingsOf(authority: Authority, days: readonly Day[]): Interval[] {
  const office = authority.office(SERVICES.agenda)!;
  const service = office.services[0]!;
  return days.flatMap((day) => authority.days.forService(office, service, 'public', day).open);
}

function questionOf(openings: readonly Interval[], counters: readonly CounterTimes[]): SlotQuestion {
  return { openings, step: DURATION, duration: DURATION, bufferAfter: 0, earliest: 0, latest: Infinity, counters };
}

/** Spread evenly over the grid and the counters; more than there are places sit on top of each other. */
function busyCounters(openings: readonly Interval[], { counters, bookings }: Case): CounterTimes[] {
  const slots = freeSlots(questionOf(openings, [{ key: 0, present: null, busy: [] }]));
  const each = bookings / counters;
  return Array.from({ length: counters }, (_, key) => ({
    key,
    present: null,
    busy: Array.from({ length: each }, (_b, i) => slots[Math.floor(((i + key / counters) * slots.length) / each)]!),
  }));
}

interface Timed {
  readonly cold: number;
  readonly warm: number;
  readonly bare: number;
}

function timed(asked: Case): Timed {
  const days = eachDay(FIRST_DAY, addDays(FIRST_DAY, asked.days - 1));
  const openings = openingsOf(warm, days);
  const counters = busyCounters(openings, asked);
  const grid = freeSlots(questionOf(openings, [{ key: 0, present: null, busy: [] }])).map((slot) => slot.start);
  const fresh = Array.from({ length: 8 }, newAuthority);
  const cold = fresh.map((authority) => {
    const start = performance.now();
    freeSlots(questionOf(openingsOf(authority, days), counters));
    return (performance.now() - start) * 1000;
  });
  return {
    cold: Math.min(...cold),
    warm: timeOf(() => freeSlots(questionOf(openingsOf(warm, days), counters))),
    bare: timeOf(() => bareWalk(grid, counters)),
  };
}

/** The raw limit: every start and every busy time of every counter looked at once, and nothing made of it. */
function bareWalk(grid: readonly number[], counters: readonly CounterTimes[]): number {
  let sum = 0;
  for (const { busy } of counters) {
    for (const start of grid) sum += start & 1;
    for (const interval of busy) sum += interval.end & 1;
  }
  return sum;
}

function lineOf(asked: Case): Line {
  const { cold, warm: us, bare } = timed(asked);
  const isFigure = asked.counters === 8 && asked.days === 30 && asked.bookings === 1_000;
  return {
    what: `availability, counters ${asked.counters}, days ${asked.days}, bookings ${asked.bookings}`,
    ratio: percent(bare / us),
    wanted: isFigure ? { figure: `< ${WANTED_US} µs`, reached: us < WANTED_US } : undefined,
    ours: `${micros(us)} (cold ${micros(cold)})`,
    limit: micros(bare),
  };
}

/** Twelve times the days may cost twelve times as much; here as a factor of that. */
function growthInDays(counters: number): Line {
  const [few, many] = [30, 365];
  const [short, long] = [few, many].map((days) => timed({ counters, days, bookings: 1_000 }).warm) as [number, number];
  const growth = long / short / (many / few);
  return {
    what: `availability, counters ${counters}, growth from ${few} to ${many} days`,
    ratio: times(growth),
    wanted: { figure: '≤ × 1.10 of linear', reached: growth <= 1.1 },
    ours: `${micros(short)} → ${micros(long)}`,
    limit: 'linear',
  };
}
