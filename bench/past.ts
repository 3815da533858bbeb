// SPDX-License-Identifier: AGPL-3.0-or-later
import { Booking } from '../src/bookings/booking.ts';
import type { Registers } from '../src/database/registers.ts';
import { addDays, instantOf } from '../src/time/day.ts';
import type { Interval, Minute } from '../src/time/interval.ts';
import { FIRST_DAY, START } from './authority.ts';
import { withRegisters, type Engine } from './house.ts';
import { timeOfAsync } from './measure.ts';
import { micros, times, type Line } from './table.ts';

/** History must not slow the question: the same thirty days, without and with years of bookings behind them. */

const PAST = 20_000;
const AHEAD = 1_000;
const CALLS = 60;
const ZONE = 'Europe/Rome';

const today = instantOf(FIRST_DAY, 0, ZONE);
const month: Interval = { start: today, end: instantOf(addDays(FIRST_DAY, 30), 0, ZONE) };

let made = 0;

export function newBooking(counter: number, start: Minute): Booking {
  const id = `bench-${++made}`;
  const now = Date.parse(START);
  return new Booking({
    id,
    authorityId: 'bench',
    reference: made.toString(36),
    officeId: 'agenda',
    serviceId: 'agenda',
    counter,
    start,
    end: start + 30,
    busyUntil: start + 30,
    mode: 'in_person',
    status: 'confirmed',
    sequence: 0,
    version: 0,
    generation: 0,
    language: 'it',
    givenName: 'Anna',
    familyName: 'Ferrero',
    email: 'anna@example.org',
    addressFails: 0,
    phone: null,
    emailHash: id,
    reason: null,
    fields: {},
    caseNumber: null,
    manageHash: id,
    meetingHash: id,
    meetingRoom: null,
    cancelledBy: null,
    createdAt: now,
    updatedAt: now,
  });
}

const CHUNK = 250;

export async function seed({ books, database }: Registers, bookings: readonly Booking[]): Promise<void> {
  for (let i = 0; i < bookings.length; i += CHUNK)
    await database.transaction(async (tx) => {
      for (const booking of bookings.slice(i, i + CHUNK)) await books.insert(tx, booking);
    });
}

export const countersOf = async ({ authorities }: Registers, service: string): Promise<number[]> =>
  (await authorities.find('bench'))!.countersFor(service, service).map(({ key }) => key);

/** Bookings of half an hour, one after the other on each counter, day and night. */
const inARow = (counters: readonly number[], from: Minute, count: number): Booking[] =>
  Array.from({ length: count }, (_, i) =>
    newBooking(counters[i % counters.length]!, from + Math.floor(i / counters.length) * 30),
  );

export async function past(engine: Engine): Promise<Line> {
  return withRegisters(await engine.freshUrl(), async (registers) => {
    const counters = await countersOf(registers, 'agenda');
    const ask = () => registers.books.busyTimes(counters, month, Date.parse(START));
    await seed(registers, inARow(counters, today, AHEAD));
    const without = await timeOfAsync(ask, CALLS);
    await seed(registers, inARow(counters, today - (PAST / counters.length + 100) * 30, PAST));
    const behind = await timeOfAsync(ask, CALLS);
    const growth = behind / without;
    return {
      what: `busy times of 30 days, with ${PAST} past bookings and with 0`,
      engine: engine.name,
      ratio: times(growth),
      wanted: { figure: '≤ × 1.25, flat', reached: growth <= 1.25 },
      ours: micros(behind),
      limit: micros(without),
    };
  });
}
