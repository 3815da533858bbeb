// SPDX-License-Identifier: AGPL-3.0-or-later
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { AuthorityDefinition, Office, Seat, WeeklyHours } from '../../src/offices/definition.ts';
import { addDays, eachDay, instantOf, WEEKDAYS } from '../../src/time/day.ts';
import type { Minute } from '../../src/time/interval.ts';
import { dayOf } from '../../src/time/zone.ts';
import { officeWith, serviceWith } from '../offices/sample.ts';
import { counter, House, outcomeOf, unionWith, wishFor } from '../kit/desks.ts';
import { engines } from '../kit/engines.ts';

const RUNS = Number(process.env['RUNS'] ?? 1_000);
const SEED = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
const DAY = 1440;

/** Clocks that change by an hour, by half of one, by two, at midnight, and not at all. */
const ZONES = [
  'Europe/Rome',
  'America/Havana',
  'Australia/Lord_Howe',
  'Antarctica/Troll',
  'Africa/Cairo',
  'Asia/Kathmandu',
];
/** Days on which some of them do, a holiday, a patron saint, and ordinary ones. */
const DAYS = [
  '2027-03-14 2027-03-28 2027-04-04 2027-04-30 2027-10-03 2027-10-29 2027-10-31 2027-11-07',
  '2027-04-25 2027-05-03 2027-06-15 2027-09-08 2027-12-31',
].flatMap((line) => line.split(' '));

const fives = (least: number, most: number) => fc.integer({ min: least / 5, max: most / 5 }).map((n) => n * 5);
const often = <T>(value: T, other: fc.Arbitrary<T>) => fc.oneof({ weight: 3, arbitrary: fc.constant(value) }, other);
const stretch = fc
  .tuple(fives(0, 1380), fives(30, 600))
  .map(([opens, length]) => ({ opens, closes: Math.min(DAY, opens + length) }));
const someDays = fc.subarray([...WEEKDAYS], { minLength: 1 });
const audience = often(undefined, fc.constantFrom(['public' as const], ['professionals' as const]));
const weekly: fc.Arbitrary<WeeklyHours> = fc
  .tuple(stretch, often([...WEEKDAYS], someDays), audience)
  .map(([hours, days, who]) => ({ ...hours, days, ...(who ? { audience: who } : {}) }));

/** An office that gives `asked`, and `other` at the same counters. */
const office = (id: string, anchor: string): fc.Arbitrary<Office> =>
  fc
    .record({
      slotStep: fives(5, 60),
      openingHours: fc.array(weekly, { minLength: 1, maxLength: 3 }),
      openings: fc.array(fc.tuple(fc.integer({ min: -1, max: 2 }), stretch), { maxLength: 2 }),
      closure: often(null, fc.integer({ min: -1, max: 2 })),
      duration: fives(5, 90),
      bufferAfter: often(0, fives(5, 45)),
      notice: often(0, fc.integer({ min: 0, max: 2 * DAY })),
      horizon: often(6 * DAY, fc.integer({ min: 60, max: 4 * DAY })),
      own: often<WeeklyHours[]>([], fc.array(weekly, { minLength: 1, maxLength: 2 })),
      other: fives(5, 60),
    })
    .map(({ closure, openings, duration, bufferAfter, notice, horizon, own, other, ...rest }) =>
      officeWith({
        ...rest,
        id,
        openings: openings.map(([day, hours]) => ({ ...hours, date: addDays(anchor, day) })),
        closures:
          closure === null
            ? []
            : [{ from: addDays(anchor, closure), through: addDays(anchor, closure), reason: 'Chiuso' }],
        services: [
          serviceWith({ id: 'asked', duration, bufferAfter, notice, horizon, openingHours: own }),
          serviceWith({ id: 'other', duration: other, horizon: 6 * DAY }),
        ],
      }),
    );

const seats = fc.uniqueArray(
  fc
    .tuple(
      fc.constantFrom('suap', 'vinchio'),
      fc.constantFrom(['asked'], ['asked', 'other']),
      often(undefined, someDays),
    )
    .map(([at, services, days]): Seat => ({ office: at, services, ...(days ? { days } : {}) })),
  { minLength: 1, maxLength: 2, selector: (s) => s.office },
);

interface Question {
  definition: Omit<AuthorityDefinition, 'id'>;
  anchor: string;
  /** Minutes from the midnight of the anchor. */
  now: number;
  /** Which of the slots listed are taken before the question, and how. */
  taken: { which: number; service: string; held: boolean }[];
  /** Which of the slots listed are booked to the last. */
  tried: number[];
  /** Day, minute and how far from a listed slot: starts that may or may not be listed. */
  other: { day: number; minute: number; near: number; off: number }[];
}

const question: fc.Arbitrary<Question> = fc
  .tuple(fc.constantFrom(...ZONES), fc.constantFrom(...DAYS))
  .chain(([timeZone, anchor]) =>
    fc.record({
      anchor: fc.constant(anchor),
      definition: fc
        .tuple(office('suap', anchor), office('vinchio', anchor), fc.array(seats, { minLength: 1, maxLength: 3 }))
        .map(([suap, vinchio, counters]) => {
          const { id: _, ...definition } = unionWith(0, {
            timeZone,
            offices: [suap, { ...vinchio, municipality: 'vinchio' }],
            counters: counters.map((s, i) => counter(`c${i}`, ...s)),
          });
          return definition;
        }),
      now: fc.oneof(fc.integer({ min: -2 * DAY, max: DAY }), fc.double({ min: -DAY, max: DAY, noNaN: true })),
      taken: fc.array(fc.record({ which: fc.nat(), service: fc.constantFrom('asked', 'other'), held: fc.boolean() }), {
        maxLength: 6,
      }),
      tried: fc.array(fc.nat(), { minLength: 1, maxLength: 2 }),
      other: fc.array(
        fc.record({
          day: fc.integer({ min: -1, max: 2 }),
          minute: fc.oneof(fives(0, DAY), fc.nat({ max: DAY })),
          near: fc.nat(),
          off: fc.constantFrom(-DAY, -60, -30, -15, -10, -5, -1, 0.5, 1, 5, 10, 15, 30, 60, DAY),
        }),
        { minLength: 6, maxLength: 6 },
      ),
    }),
  );

test('Every slot listed can be booked as often as it says, and no start that is not listed', async () => {
  process.stdout.write(`listed is bookable: ${RUNS} runs, SEED=${SEED}\n`);
  const house = await House.open(await engines[0]!.freshUrl());
  await house.database.writer.query('PRAGMA synchronous = OFF');
  const seen = { listed: 0, booked: 0, refusals: new Map<string, number>() };
  let authorities = 0;

  async function holds({ definition, anchor, now, taken, tried, other }: Question): Promise<void> {
    const midnight = instantOf(anchor, 0, definition.timeZone);
    house.clock.set(Math.round((midnight + now) * 60_000));
    const authority = await house.settle({ ...definition, id: `a${authorities++}` });
    if (!authority.officesGiving('asked', 'public').some((o) => authority.countersFor(o.id, 'asked').length)) return;
    const [from, through] = [addDays(anchor, -1), addDays(anchor, 2)];
    const listed = async (serviceId: string) =>
      (await house.timetable.offer(authority, { serviceId, from, through })).slots;
    for (const { which, service, held } of taken) {
      const slots = await listed(service);
      if (!slots.length) continue;
      const { officeId, start } = slots[which % slots.length]!;
      const more = { officeId, serviceId: service };
      if (held) await house.holds.hold(authority, wishFor(start, more));
      else await house.book(authority, start, more);
    }

    const slots = await listed('asked');
    seen.listed += slots.length;
    const isListed = (officeId: string, start: Minute) =>
      slots.some((s) => s.officeId === officeId && s.start === start);
    const days = eachDay(from, through);
    const wishes = other.flatMap(({ day, minute, near, off }) => {
      const wall = instantOf(days[day + 1]!, Math.min(minute, DAY - 1), authority.zone);
      const slot = slots[near % Math.max(1, slots.length)];
      const anywhere = { officeId: authority.offices[near % 2]!.id, start: wall };
      return slot ? [anywhere, { officeId: slot.officeId, start: slot.start + off }] : [anywhere];
    });
    for (const { officeId, start } of wishes) {
      if (isListed(officeId, start) || !days.includes(dayOf(start, authority.zone))) continue;
      const outcome = await outcomeOf(house.book(authority, start, { officeId, serviceId: 'asked' }));
      if (outcome === 'ok') throw new Error(`${officeId} ${start} is not listed and was booked`);
      seen.refusals.set(outcome, (seen.refusals.get(outcome) ?? 0) + 1);
    }

    for (const [i, which] of (slots.length ? tried : []).entries()) {
      const slot = slots[which % slots.length]!;
      const { officeId, start, end } = slot;
      const before = (await listed('asked')).find((s) => s.officeId === officeId && s.start === start)?.free ?? 0;
      if (i === 0 && before !== slot.free) throw new Error('a refusal changed what is free');
      for (let n = 0; n < before; n++) {
        const booking = await house.book(authority, start, { officeId, serviceId: 'asked' });
        expect([booking.start, booking.end]).toEqual([start, end]);
        seen.booked++;
      }
      const more = await outcomeOf(house.book(authority, start, { officeId, serviceId: 'asked' }));
      if (more !== 'slot-taken') throw new Error(`after ${before} bookings the next is ${more}`);
    }
  }

  try {
    await fc.assert(fc.asyncProperty(question, holds), { numRuns: RUNS, seed: SEED, endOnFailure: true });
    const [doubles] = await house.database.rows<{ n: number }>(
      `SELECT COUNT(*) AS n FROM bookings a JOIN bookings b ON a.counter = b.counter AND a.id < b.id
        AND a.starts_at < b.busy_until AND b.starts_at < a.busy_until`,
    );
    expect(doubles!.n).toBe(0);
    // The questions were worth asking: places were found, and every reason for a no was met.
    expect(seen.booked).toBeGreaterThan(RUNS / 2);
    expect([...seen.refusals.keys()].sort()).toEqual(['closed', 'off-grid', 'slot-taken', 'too-far', 'too-soon']);
    process.stdout.write(
      `${seen.listed} listed, ${seen.booked} booked, refused ${JSON.stringify([...seen.refusals])}\n`,
    );
  } finally {
    await house.close();
  }
}, 180_000);
