// SPDX-License-Identifier: AGPL-3.0-or-later
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  freeCounters,
  freeSlots,
  refusalOf,
  type CounterTimes,
  type SlotQuestion,
} from '../../src/availability/free-slots.ts';
import { DayBook } from '../../src/offices/day-book.ts';
import { toMinute } from '../../src/time/clock.ts';
import { covers, merge, overlaps, type Interval } from '../../src/time/interval.ts';
import { offsetAt, readStart, rfc3339, timeOf } from '../../src/time/zone.ts';
import { authorityWith, officeWith } from '../offices/sample.ts';
import { wallIn } from '../time/oracle.ts';

fc.configureGlobal({ numRuns: 1000 });

/** One counter at an office open from nine to one, slots of half an hour every quarter, unless said otherwise. */
const asking = (parts: Partial<SlotQuestion> = {}): SlotQuestion => ({
  openings: [{ start: 540, end: 780 }],
  step: 15,
  duration: 30,
  bufferAfter: 0,
  earliest: -Infinity,
  latest: Infinity,
  counters: [free(1)],
  ...parts,
});
const free = (key: number): CounterTimes => ({ key, present: null, busy: [] });
const taken = (key: number, ...busy: [number, number][]): CounterTimes => ({
  key,
  present: null,
  busy: busy.map(([start, end]) => ({ start, end })),
});
const there = (key: number, ...present: [number, number][]): CounterTimes => ({
  key,
  present: present.map(([start, end]) => ({ start, end })),
  busy: [],
});
const starts = (q: SlotQuestion): number[] => freeSlots(q).map((slot) => slot.start);

test.each([
  ['09:00 for 45 minutes runs into it', 540, 45, false],
  ['10:00 for 30 minutes begins in it', 600, 30, false],
  ['09:30 for 45 minutes is the same', 570, 45, false],
  ['09:15 for 90 minutes goes round it', 555, 90, false],
  ['09:45 for 15 minutes lies within it', 585, 15, false],
  ['10:15 for 30 minutes begins where it ends', 615, 30, true],
  ['09:00 for 30 minutes ends where it begins', 540, 30, true],
])('With 09:30–10:15 taken: %s', (_, start, duration, bookable) => {
  const q = asking({ duration, counters: [taken(1, [570, 615])] });
  expect(starts(q).includes(start)).toBe(bookable);
  expect(freeCounters(q, start)).toEqual(bookable ? [1] : []);
  expect(refusalOf(q, start)).toBeNull();
});

test('A slot carries its end, without the buffer, and how many counters could take it', () => {
  const q = asking({
    openings: [{ start: 540, end: 600 }],
    step: 30,
    bufferAfter: 15,
    counters: [free(1), taken(2, [600, 610])],
  });
  expect(freeSlots(q)).toEqual([
    { start: 540, end: 570, free: 2 },
    { start: 570, end: 600, free: 1 },
  ]);
});

test('A buffer may pass the closing, and keeps the next appointment away', () => {
  expect(starts(asking({ openings: [{ start: 540, end: 570 }], bufferAfter: 60 }))).toEqual([540]);
  const q = asking({ bufferAfter: 10, counters: [taken(1, [540, 580], [660, 700])] });
  expect(starts(q)).toEqual([585, 600, 615, 705, 720, 735, 750]);
});

test('The grid starts anew at each opening', () => {
  const openings = [
    { start: 545, end: 610 },
    { start: 620, end: 660 },
  ];
  expect(starts(asking({ openings, step: 20 }))).toEqual([545, 565, 620]);
});

test('Notice and horizon let through the very instant they name', () => {
  expect(starts(asking({ earliest: 600, latest: 630 }))).toEqual([600, 615, 630]);
  expect(starts(asking({ earliest: 600.001, latest: 629.999 }))).toEqual([615]);
  expect(starts(asking({ earliest: 10_000 }))).toEqual([]);
});

test('A counter is asked only while it is there', () => {
  expect(starts(asking({ counters: [there(1, [540, 600], [660, 700])] }))).toEqual([540, 555, 570, 660]);
  expect(starts(asking({ counters: [there(1)] }))).toEqual([]);
  expect(starts(asking({ counters: [] }))).toEqual([]);
});

test.each([
  ['before the opening', 525, 'closed'],
  ['on the grid, ending after the closing', 765, 'closed'],
  ['off the grid, ending after the closing', 760, 'closed'],
  ['when no counter is there', 720, 'closed'],
  ['off the grid, and too soon', 547, 'off-grid'],
  ['with seconds', 615.5, 'off-grid'],
  ['off the grid, and too far', 671, 'off-grid'],
  ['before the notice', 585, 'too-soon'],
  ['at the notice', 600, null],
  ['at the horizon', 660, null],
  ['after the horizon', 675, 'too-far'],
])('The reason comes in the order of the contract: %s', (_, start, reason) => {
  expect(refusalOf(asking({ earliest: 600, latest: 660, counters: [there(1, [540, 720])] }), start)).toBe(reason);
});

test.each([
  ['four half hours in March', '2027-03-28', ['01:00+01', '01:30+01', '03:00+02', '03:30+02']],
  [
    'eight in October, told apart by their offset',
    '2027-10-31',
    ['01:00+02', '01:30+02', '02:00+02', '02:30+02', '02:00+01', '02:30+01', '03:00+01', '03:30+01'],
  ],
  ['six on any other night', '2027-06-06', ['01:00+02', '01:30+02', '02:00+02', '02:30+02', '03:00+02', '03:30+02']],
])('An opening from one to four has %s', (_, day, times) => {
  const opens = { opens: 60, closes: 240 };
  const office = officeWith({ openingHours: [{ days: ['sun'], ...opens }], openings: [{ date: day, ...opens }] });
  const { open } = new DayBook(authorityWith({ offices: [office] })).forOffice(office, day);
  const slots = freeSlots(asking({ openings: open, step: 30, duration: 30 }));
  expect(slots.map(({ start }) => rfc3339(start, 'Europe/Rome'))).toEqual(
    times.map((time) => `${day}T${time.replace('+', ':00+')}:00`),
  );
  expect(slots.every(({ start, end }) => end - start === 30)).toBe(true);
});

test('No slot starts in a gap, outside the hours, or where its text would mean another instant', () => {
  const zones = ['Europe/Rome', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'America/St_Johns'];
  const wallOf = fc.constantFrom(...zones).chain((zone) => fc.tuple(fc.constant(zone), wallIn(zone)));
  const hours = fc.tuple(fc.integer({ min: 0, max: 287 }), fc.integer({ min: 1, max: 24 }));
  const step = fc.constantFrom(5, 10, 15, 20, 30, 60);
  fc.assert(
    fc.property(wallOf, hours, step, ([timeZone, { day }], [from, length], duration) => {
      const [opens, closes] = [from * 5, Math.min(1440, (from + length) * 5)];
      const office = officeWith({ openingHours: [], openings: [{ date: day, opens, closes }] });
      const { open } = new DayBook(authorityWith({ timeZone, offices: [office] })).forOffice(office, day);
      const slots = freeSlots(asking({ openings: open, step: duration, duration }));
      const whole = open.reduce((sum, { start, end }) => sum + Math.floor((end - start) / duration), 0);
      expect(slots.length).toBe(whole);
      for (const { start } of slots) {
        const text = rfc3339(start, timeZone);
        expect(readStart(text, timeZone)).toEqual({ minute: start });
        expect(readStart(text.slice(0, 19), timeZone)).not.toEqual({ problem: 'nonexistent' });
        // Until 2011 St John's put the clock back at 00:01, and the evening before came a second time in an opening.
        const isEveningAgain = text.slice(0, 10) < day;
        if (isEveningAgain) expect(offsetAt(start, timeZone)).toBeLessThan(offsetAt(open[0]!.start, timeZone));
        else expect([text.slice(0, 10), timeOf(start, timeZone) < closes]).toEqual([day, true]);
      }
    }),
  );
});

const ofFive = (min: number, max: number) => fc.integer({ min, max }).map((n) => n * 5);
const stretch = (min: number, max: number) =>
  fc.tuple(ofFive(0, 120), ofFive(min, max)).map(([start, length]): Interval => ({ start, end: start + length }));
const byStart = (intervals: Interval[]) => intervals.toSorted((a, b) => a.start - b.start);
const counter = fc.record({
  key: fc.integer(),
  present: fc.option(fc.array(stretch(1, 60), { maxLength: 4 }).map(byStart)),
  busy: fc.array(stretch(1, 20), { maxLength: 8 }).map(byStart),
});
/** To the millisecond, as a clock gives it. */
const moment = fc.integer({ min: 0, max: 700 * 60_000 }).map(toMinute);
const limit = (none: number) => fc.oneof(fc.constant(none), ofFive(-10, 150), moment);
const question: fc.Arbitrary<SlotQuestion> = fc.record({
  openings: fc.array(stretch(1, 50), { minLength: 1, maxLength: 4 }).map(merge),
  step: ofFive(1, 12),
  duration: ofFive(1, 12),
  bufferAfter: fc.oneof(fc.constant(0), ofFive(0, 6)),
  earliest: limit(-Infinity),
  latest: limit(Infinity),
  counters: fc.uniqueArray(counter, { maxLength: 4, selector: (c) => c.key }),
});

/** The same answer without cleverness: for each start of each grid, each counter against everything it has. */
function listedNaively(q: SlotQuestion): { start: number; end: number; keys: number[] }[] {
  const listed = [];
  for (const opening of q.openings)
    for (let start = opening.start; start + q.duration <= opening.end; start += q.step) {
      const slot = { start, end: start + q.duration };
      const claimed = { start, end: slot.end + q.bufferAfter };
      const able = q.counters.filter(
        (c) => (c.present ?? q.openings).some((p) => covers(p, slot)) && !c.busy.some((b) => overlaps(b, claimed)),
      );
      const inTime = q.earliest <= start && start <= q.latest;
      if (able.length && inTime) listed.push({ ...slot, keys: able.map((c) => c.key) });
    }
  return listed;
}

test('The sweep lists what asking each counter about each start lists', () => {
  fc.assert(
    fc.property(question, (q) => {
      const expected = listedNaively(q).map(({ start, end, keys }) => ({ start, end, free: keys.length }));
      expect(freeSlots(q)).toEqual(expected);
    }),
  );
});

test('A start is listed exactly when there is no refusal and a counter is free', () => {
  const probe = fc.oneof(
    ofFive(-5, 200),
    fc.integer({ min: 0, max: 700 }),
    fc.integer({ min: 0, max: 700 * 60_000 }).map(toMinute), // an instant has whole milliseconds
  );
  fc.assert(
    fc.property(question, fc.array(probe, { maxLength: 10 }), (q, probes) => {
      const listed = new Map(listedNaively(q).map(({ start, keys }) => [start, keys]));
      for (const start of [...probes, ...listed.keys()]) {
        const counters = freeCounters(q, start);
        expect(counters).toEqual(listed.get(start) ?? []);
        if (counters.length) expect(refusalOf(q, start)).toBeNull();
        if (refusalOf(q, start)) expect(counters).toEqual([]);
      }
      for (const slot of freeSlots(q)) expect(freeCounters(q, slot.start).length).toBe(slot.free);
    }),
  );
});

test('What is taken by nobody is refused for a reason, or listed', () => {
  const idle = question.map((q) => ({ ...q, counters: q.counters.map((c) => ({ ...c, busy: [] })) }));
  fc.assert(
    fc.property(idle, ofFive(-5, 200), (q, start) => {
      expect(refusalOf(q, start) === null).toBe(starts(q).includes(start));
    }),
  );
});

test('Taking a free counter takes that place and no place it does not touch', () => {
  fc.assert(
    fc.property(question, fc.nat(), (q, pick) => {
      const slots = freeSlots(q);
      const chosen = slots.at(pick % (slots.length || 1));
      fc.pre(chosen !== undefined);
      const { start, end } = chosen;
      const key = freeCounters(q, start).at(0) ?? NaN;
      const claimed = { start, end: end + q.bufferAfter };
      const counters = q.counters.map((c) => (c.key === key ? { ...c, busy: byStart([...c.busy, claimed]) } : c));
      const after = new Map(freeSlots({ ...q, counters }).map((slot) => [slot.start, slot.free]));
      for (const slot of slots) {
        const touched = overlaps(claimed, { start: slot.start, end: slot.end + q.bufferAfter });
        const lost = touched && freeCounters(q, slot.start).includes(key) ? 1 : 0;
        expect(after.get(slot.start) ?? 0).toBe(slot.free - lost);
      }
    }),
  );
});

test('The question is left as it was asked', () => {
  fc.assert(
    fc.property(question, (q) => {
      const copy = structuredClone(q);
      freeSlots(q);
      freeCounters(q, 100);
      refusalOf(q, 100);
      expect(q).toEqual(copy);
    }),
    { numRuns: 100 },
  );
});
