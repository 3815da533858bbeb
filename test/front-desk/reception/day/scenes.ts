// SPDX-License-Identifier: AGPL-3.0-or-later
import * as fc from 'fast-check';
import type { Millis } from '../../../../src/time/clock.ts';
import type { Hours } from './model.ts';

const CITIZENS = ['knock', 'look', 'touch', 'say', 'withdraw', 'callBack', 'knockAgain', 'arrive'] as const;
const CLERKS = ['open', 'hold', 'recall', 'hand', 'close', 'tell', 'pause', 'resume'] as const;
/** What no desk does in one transaction, and what happens to a network or a calendar: never at once with another act. */
const ALONE = ['look', 'lose', 'move', 'cancel', 'nothing'] as const;

export type What = (typeof CITIZENS)[number] | (typeof CLERKS)[number] | (typeof ALONE)[number];

/** Somebody does something; numbers choose among those who can. */
export interface Act {
  readonly what: What;
  readonly who: number;
  readonly which: number;
  /** At which of the two instances. */
  readonly at: number;
}

/** After a while, one act, or several at the same moment. */
export interface Step {
  readonly after: Millis;
  readonly acts: readonly Act[];
}

/** A day as it is replayed. */
export interface Scene {
  readonly day: keyof typeof DAYS;
  /** How far the second instance's clock is ahead of the first's. */
  readonly skew: Millis;
  readonly bookings: readonly { readonly office: number; readonly fives: number }[];
  readonly steps: readonly Step[];
}

interface Place {
  readonly timeZone: string;
  /** Minutes of the wall clock. */
  readonly opens: number;
  readonly closes: number;
  readonly hours: Hours;
  readonly begins: Millis;
}

const place = (timeZone: string, opens: number, closes: number, from: string, until: string): Place => {
  const hours = { opens: Date.parse(from), closes: Date.parse(until) };
  return { timeZone, opens, closes, hours, begins: Math.max(hours.opens - 60_000, hours.closes - 21 * 60_000) };
};

/** An ordinary one, one whose clocks jump over two o'clock, and one on which they show it twice: its last hour. */
export const DAYS = {
  ordinary: place('Europe/Rome', 540, 560, '2027-03-02T09:00:00+01:00', '2027-03-02T09:20:00+01:00'),
  short: place('America/New_York', 110, 190, '2027-03-14T01:50:00-05:00', '2027-03-14T03:10:00-04:00'),
  long: place('Europe/Rome', 115, 185, '2027-10-31T01:55:00+02:00', '2027-10-31T03:05:00+01:00'),
};

const WEIGHTS: Partial<Record<What, number>> = {
  knock: 6,
  look: 5,
  arrive: 5,
  open: 6,
  lose: 4,
  close: 3,
  knockAgain: 3,
  hold: 2,
  hand: 3,
};
const among = (all: readonly What[]): fc.Arbitrary<What> =>
  fc.oneof(...all.map((what) => ({ weight: WEIGHTS[what] ?? 1, arbitrary: fc.constant(what) })));

const actOf = (what: fc.Arbitrary<What>): fc.Arbitrary<Act> =>
  fc.record({ what, who: fc.nat(99), which: fc.nat(99), at: fc.nat(1) });

const one = actOf(among([...CITIZENS, ...CLERKS, ...ALONE])).map((act) => [act]);
/** At once, and mostly with the same person. */
const several = fc
  .tuple(
    fc.array(actOf(among([...CITIZENS, ...CLERKS].filter((what) => what !== 'look'))), { minLength: 2, maxLength: 3 }),
    fc.nat(3),
  )
  .map(([acts, apart]) => (apart ? acts.map((act) => ({ ...act, who: acts[0]!.who })) : acts));
/** Two clerks who open, two who knock. */
const race = fc
  .tuple(fc.constantFrom<What>('open', 'knock', 'arrive', 'knockAgain'), fc.nat(99), fc.nat(99))
  .map(([what, who, which]) => [0, 1].map((at): Act => ({ what, who, which: which + at, at })));

const pause = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 20_000 }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 300 }) },
  { weight: 2, arbitrary: fc.integer({ min: 20_000, max: 90_000 }) },
);
const step: fc.Arbitrary<Step> = fc.record({
  after: pause,
  acts: fc.oneof({ weight: 6, arbitrary: one }, { weight: 2, arbitrary: several }, { weight: 2, arbitrary: race }),
});

export const scene: fc.Arbitrary<Scene> = fc.record({
  day: fc.constantFrom<keyof typeof DAYS>('ordinary', 'ordinary', 'short', 'long'),
  skew: fc.constantFrom(0, 0, 40, -40, 1_500, -1_500),
  bookings: fc.array(fc.record({ office: fc.nat(1), fives: fc.integer({ min: -1, max: 5 }) }), { maxLength: 3 }),
  steps: fc.array(step, { minLength: 15, maxLength: 45, size: 'max' }),
});
