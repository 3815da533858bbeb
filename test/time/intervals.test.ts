// SPDX-License-Identifier: AGPL-3.0-or-later
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { SystemClock, toMillis, toMinute } from '../../src/time/clock.ts';
import { covers, merge, overlaps, without, type Interval } from '../../src/time/interval.ts';
import { TICK, ticksOf } from '../../src/time/tick.ts';

fc.configureGlobal({ numRuns: 1000 });

const interval = fc
  .tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: 0, max: 20 }))
  .map(([start, length]): Interval => ({ start, end: start + length }));
const lasting = interval.filter(({ start, end }) => start < end);
const minutesOf = ({ start, end }: Interval): number[] => Array.from({ length: end - start }, (_, i) => start + i);
const sorted = (numbers: Iterable<number>): number[] => [...new Set(numbers)].sort((a, b) => a - b);

test.each([
  ['apart', 570, 600, 610, 620, false],
  ['touching at the end', 540, 570, 570, 615, false],
  ['touching at the start', 615, 645, 570, 615, false],
  ['one minute in common', 540, 571, 570, 615, true],
  ['one within the other', 580, 590, 570, 615, true],
  ['the same', 570, 615, 570, 615, true],
])('Two intervals %s', (_, start, end, otherStart, otherEnd, expected) => {
  const [a, b] = [
    { start, end },
    { start: otherStart, end: otherEnd },
  ];
  expect([overlaps(a, b), overlaps(b, a)]).toEqual([expected, expected]);
});

test('Overlapping is having a minute in common, covering is having them all', () => {
  fc.assert(
    fc.property(lasting, lasting, (a, b) => {
      const inA = new Set(minutesOf(a));
      expect(overlaps(a, b)).toBe(minutesOf(b).some((m) => inA.has(m)));
      expect(covers(a, b)).toBe(minutesOf(b).every((m) => inA.has(m)));
    }),
  );
});

test('Merging keeps every minute, sorts, and leaves a gap between any two', () => {
  fc.assert(
    fc.property(fc.array(interval), (intervals) => {
      const merged = merge(intervals);
      expect(merged.flatMap(minutesOf)).toEqual(sorted(intervals.flatMap(minutesOf)));
      merged.reduce((last, next) => (expect(next.start).toBeGreaterThan(last), next.end), -Infinity);
    }),
  );
});

test('What is taken out of an interval is every minute of the others, and no more', () => {
  fc.assert(
    fc.property(interval, fc.array(interval, { maxLength: 5 }), (whole, taken) => {
      const gone = new Set(taken.flatMap(minutesOf));
      const left = without(whole, taken);
      expect(left.flatMap(minutesOf)).toEqual(minutesOf(whole).filter((m) => !gone.has(m)));
      expect(left.filter(({ start, end }) => start >= end)).toEqual([]);
    }),
  );
});

test('Merging leaves its argument as it was', () => {
  const intervals = [
    { start: 5, end: 9 },
    { start: 0, end: 6 },
  ];
  expect(merge(intervals)).toEqual([{ start: 0, end: 9 }]);
  expect(intervals).toEqual([
    { start: 5, end: 9 },
    { start: 0, end: 6 },
  ]);
});

test('An interval claims exactly the ticks it has a minute in, ascending', () => {
  fc.assert(
    fc.property(lasting, (whole) => {
      expect(ticksOf(whole)).toEqual(sorted(minutesOf(whole).map((m) => Math.floor(m / TICK))));
    }),
  );
});

test('Two intervals on the grid share a tick when they overlap and only then', () => {
  const onGrid = interval.map(({ start, end }): Interval => ({ start: start * TICK, end: end * TICK }));
  fc.assert(
    fc.property(
      onGrid.filter((i) => i.start < i.end),
      onGrid.filter((i) => i.start < i.end),
      (a, b) => {
        const ofA = new Set(ticksOf(a));
        expect(ticksOf(b).some((tick) => ofA.has(tick))).toBe(overlaps(a, b));
      },
    ),
  );
});

const hour = (text: string): Interval => ({ start: Date.parse(text) / 60_000, end: Date.parse(text) / 60_000 + 60 });

test('The repeated hour of October is two different hours of ticks', () => {
  const summer = ticksOf(hour('2027-10-31T02:00+02:00'));
  const winter = ticksOf(hour('2027-10-31T02:00+01:00'));
  expect(summer.filter((tick) => winter.includes(tick))).toEqual([]);
});

test('A clock set to start at a moment begins there and runs on', async () => {
  const start = Date.parse('2027-03-28T00:59:59Z');
  const clock = new SystemClock(start);
  const first = clock.now();
  expect(first).toBeGreaterThanOrEqual(start);
  expect(first).toBeLessThan(start + 5000);
  await clock.sleep(20);
  expect(clock.now()).toBeGreaterThanOrEqual(first + 15);
  expect(toMillis(toMinute(start))).toBe(start);
});

test('A clock left alone tells the time, and a sleep can be cut short', async () => {
  const clock = new SystemClock();
  expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1000);
  const stop = new AbortController();
  const sleep = clock.sleep(60_000, stop.signal);
  stop.abort();
  await expect(sleep).rejects.toMatchObject({ name: 'AbortError' });
});
