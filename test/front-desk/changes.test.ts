// SPDX-License-Identifier: AGPL-3.0-or-later
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Booking } from '../../src/bookings/booking.ts';
import type { Authority } from '../../src/offices/authority.ts';
import type { AuthorityDefinition, Office, Service } from '../../src/offices/definition.ts';
import { officeWith, serviceWith } from '../offices/sample.ts';
import { SeededChance } from '../kit/chance.ts';
import { at, counter, House, outcomeOf, refused, said, seat, tally, unionWith, wishFor } from '../kit/desks.ts';
import { engines } from '../kit/engines.ts';
import { broken } from '../kit/invariants.ts';

const START = at('2027-03-10T10:00');
const DAY = 1440;
const MINUTE = 60_000;

const union = (id: string, counters: number, service: Partial<Service> = {}, office: Partial<Office> = {}) =>
  unionWith(counters, { id, offices: [officeWith({ slotStep: 15, services: [serviceWith(service)], ...office })] });

describe.each(engines)('At the change desk on $name', (engine) => {
  let house: House;
  let tests = 0;

  beforeAll(async () => {
    house = await House.open(await engine.freshUrl());
  });
  afterAll(() => house.close());
  beforeEach(() => house.clock.set('2027-03-01T07:00:00+01:00'));

  const settle = (counters = 1, service?: Partial<Service>, office?: Partial<Office>) =>
    house.settle(union(`unione-${tests++}`, counters, service, office));
  const current = async (authority: Authority, booking: Booking) =>
    (await house.bookings.byReference(authority, booking.reference))!;
  const sound = async (authority: Authority) =>
    expect(await broken(house.registers, authority, house.clock.now())).toEqual([]);
  const ticks = (booking: Booking) =>
    house.database.rows<{ tick: number }>('SELECT tick FROM claims WHERE holder = ? ORDER BY tick', [booking.id]);
  const letters = (booking: Booking) =>
    house.database.rows<{ kind: string; recipient: string; due_at: number; status: string }>(
      'SELECT kind, recipient, due_at, status FROM outbox WHERE booking_id = ? ORDER BY position',
      [booking.id],
    );
  const everything = async (authority: Authority) => {
    const tables = ['bookings', 'outbox', 'holds', 'idempotency_keys'];
    const rows = tables.map((t) =>
      house.database.rows(`SELECT * FROM ${t} WHERE authority_id = ? ORDER BY 1, 2, 3`, [authority.id]),
    );
    return [...(await Promise.all(rows)), await house.database.rows('SELECT * FROM claims ORDER BY counter, tick')];
  };

  test('Each move and the cancellation add one to the sequence, and the place left is free again', async () => {
    const authority = await settle();
    let booking = await house.book(authority, START);
    for (const [n, start] of [START + 60, START + 120, START - 60].entries()) {
      booking = await house.changes.move(authority, booking, start);
      expect([booking.sequence, booking.start, booking.end]).toEqual([n + 1, start, start + 30]);
      expect(await current(authority, booking)).toEqual(booking);
    }
    await house.book(authority, START);
    const cancelled = await house.changes.cancel(authority, booking);
    expect([cancelled.sequence, cancelled.status]).toEqual([4, 'cancelled']);
    expect(await ticks(booking)).toEqual([]);
    await house.book(authority, START - 60);
    expect((await letters(booking)).map((l) => l.kind)).toEqual(
      ['confirmed', 'moved', 'moved', 'moved', 'cancelled'].flatMap((kind) => [kind, kind]),
    );
    await sound(authority);
  });

  test('Its own time does not stand in its way', async () => {
    const authority = await settle(1, { duration: 45, bufferAfter: 15 });
    const booking = await house.book(authority, START);
    const offer = { serviceId: 'consulenza', from: '2027-03-10', through: '2027-03-10' };
    const others = await house.timetable.offer(authority, offer);
    expect(others.slots.map((s) => s.start)).not.toContain(START + 15);
    const own = await house.timetable.offer(authority, { ...offer, except: booking });
    expect(own.slots.map((s) => s.start)).toEqual(expect.arrayContaining([START, START + 15, START - 15]));
    const later = await house.changes.move(authority, booking, START + 15);
    expect((await ticks(booking)).map((t) => t.tick * 5)).toEqual(
      Array.from({ length: 12 }, (_, i) => START + 15 + 5 * i),
    );
    await house.changes.move(authority, later, START - 15);
    expect((await ticks(booking)).map((t) => t.tick * 5)).toEqual(
      Array.from({ length: 12 }, (_, i) => START - 15 + 5 * i),
    );
    await sound(authority);
  });

  test('It goes to another counter when its own is taken, and stays when it can', async () => {
    const authority = await settle(2);
    const [first, second] = [await house.book(authority, START), await house.book(authority, START + 60)];
    expect(first.counter).not.toBe(second.counter);
    const crossed = await house.changes.move(authority, first, START + 60);
    expect(crossed.counter).toBe(first.counter);
    const back = await house.changes.move(authority, crossed, START);
    const third = await house.book(authority, START + 120);
    expect(third.counter).toBe(back.counter);
    const seated = await house.changes.move(authority, back, START + 120);
    expect(seated.counter).toBe(second.counter);
    await sound(authority);
  });

  test('The same start changes nothing and tells nobody', async () => {
    const authority = await settle();
    const booking = await house.book(authority, START);
    const before = await everything(authority);
    expect(await house.changes.move(authority, booking, START)).toEqual(booking);
    expect(await everything(authority)).toEqual(before);
  });

  test('A move that is refused leaves everything as it was', async () => {
    const authority = await settle(1, {
      notice: 120,
      horizon: 20 * DAY,
      limits: { perPerson: 1, per: { days: 2, minutes: 0 } },
    });
    const email = 'anna@example.org';
    const booking = await house.book(authority, START, { email });
    await house.book(authority, START + 5 * DAY, { email });
    await house.book(authority, START + 30);
    await house.holds.hold(authority, wishFor(START + 60));
    const before = await everything(authority);
    const why = (start: number) => outcomeOf(house.changes.move(authority, booking, start));
    expect(await why(at('2027-03-13T10:00'))).toBe('closed');
    expect(await why(START + 5)).toBe('off-grid');
    expect(await why(at('2027-03-01T09:00') - 15)).toBe('closed');
    expect(await why(at('2027-03-22T10:00'))).toBe('too-far');
    expect(await why(START + 6 * DAY)).toBe('already-booked');
    expect(await why(START + 5 * DAY)).toBe('already-booked');
    expect(await why(START + 30)).toBe('slot-taken');
    expect(await why(START + 60)).toBe('slot-taken');
    house.clock.set(START * MINUTE - 60 * MINUTE);
    expect(await why(START + 15)).toBe('too-soon');
    expect(await everything(authority)).toEqual(before);
  });

  test('The alternatives are the nearest it could move to, and not where it is', async () => {
    const authority = await settle();
    const booking = await house.book(authority, START);
    await house.book(authority, START + 30);
    const { more } = await refused(house.changes.move(authority, booking, START + 30));
    expect(more.alternatives!.map((a) => said(a.start).slice(11))).toEqual(['11:00', '09:45', '11:15']);
  });

  test('Of seven that move to one place at once one does, and the others stay where they are', async () => {
    const authority = await settle();
    const target = START + 5 * DAY;
    const starts = Array.from({ length: 7 }, (_, i) => at('2027-03-10T09:00') + 30 * i);
    const bookings: Booking[] = [];
    for (const start of starts) bookings.push(await house.book(authority, start));
    expect(await tally(bookings.map((b) => house.changes.move(authority, b, target)))).toEqual({
      ok: 1,
      'slot-taken': 6,
    });
    const now = await Promise.all(bookings.map((b) => current(authority, b)));
    expect(now.filter((b) => b.start === target)).toHaveLength(1);
    for (const [i, b] of now.entries()) if (b.start !== target) expect(b).toEqual(bookings[i]);
    await sound(authority);
  });

  test('Two who exchange their places at once never both lose them', async () => {
    const authority = await settle();
    for (let round = 0; round < 5; round++) {
      const day = START + (round % 2) * DAY;
      const pair = [await house.book(authority, day), await house.book(authority, day + 60)] as const;
      await tally([
        house.changes.move(authority, pair[0], day + 60),
        house.changes.move(authority, pair[1], day),
        house.book(authority, day + 30).then((b) => house.changes.cancel(authority, b)),
      ]);
      await sound(authority);
      for (const b of pair) await house.changes.cancel(authority, await current(authority, b));
    }
  });

  test('Cancelled twice, even at once, is told once', async () => {
    const authority = await settle();
    const booking = await house.book(authority, START);
    const both = await Promise.all([1, 2, 3, 4].map(() => house.changes.cancel(authority, booking)));
    for (const cancelled of both) expect([cancelled.status, cancelled.sequence]).toEqual(['cancelled', 1]);
    expect((await letters(booking)).filter((l) => l.kind === 'cancelled')).toHaveLength(2);
    expect(await outcomeOf(house.changes.move(authority, booking, START + 60))).toBe('cancelled');
    expect(await outcomeOf(house.changes.move(authority, both[0]!, booking.start))).toBe('cancelled');
    await sound(authority);
  });

  test('Twenty moves of one booking at once all have their turn', async () => {
    const authority = await settle();
    const booking = await house.book(authority, START);
    const moves = Array.from({ length: 20 }, (_, i) =>
      house.changes.move(authority, booking, START + DAY + 15 * (i % 8)),
    );
    expect(Object.keys(await tally(moves))).toEqual(['ok']);
    await sound(authority);
  });

  test('A move and a cancellation at once end in one or the other, soundly', async () => {
    const authority = await settle();
    for (let round = 0; round < 5; round++) {
      const booking = await house.book(authority, START + round * 30);
      await tally([
        house.changes.move(authority, booking, START + 7 * DAY + round * 30),
        house.changes.cancel(authority, booking),
      ]);
      expect((await current(authority, booking)).status).toBe('cancelled');
      await sound(authority);
    }
  });

  test('What the service allows no more is too late, to the minute and on the wall clock', async () => {
    const openings = [{ date: '2027-03-28', opens: 540, closes: 780 }];
    const authority = await settle(2, { cancelUntil: { days: 1, minutes: 0 } }, { openings });
    const sunday = at('2027-03-28T10:00');
    const [moved, cancelled] = [await house.book(authority, sunday), await house.book(authority, sunday)];
    house.clock.set('2027-03-27T10:00:01+01:00');
    expect(await outcomeOf(house.changes.move(authority, moved, sunday + 60))).toBe('too-late');
    expect(await outcomeOf(house.changes.cancel(authority, cancelled))).toBe('too-late');
    house.clock.set('2027-03-27T10:00:00+01:00');
    expect(await outcomeOf(house.changes.cancel(authority, cancelled))).toBe('ok');
    const later = await house.changes.move(authority, moved, sunday + 60);
    expect(later.sequence).toBe(1);
    house.clock.set('2027-03-01T07:00:00+01:00');
    const atOnce = await settle();
    const booking = await house.book(atOnce, START);
    house.clock.set(START * MINUTE + 1);
    expect(await outcomeOf(house.changes.cancel(atOnce, booking))).toBe('too-late');
    house.clock.set(START * MINUTE);
    expect(await outcomeOf(house.changes.cancel(atOnce, booking))).toBe('ok');
  });

  test('A move stays within the person’s limit, its own old start not counted', async () => {
    const authority = await settle(1, { limits: { perPerson: 1, per: { days: 7, minutes: 0 } } });
    const email = 'anna@example.org';
    const booking = await house.book(authority, START, { email });
    expect(await outcomeOf(house.changes.move(authority, booking, START + DAY))).toBe('ok');
    const other = await house.book(authority, START + 14 * DAY, { email });
    expect(await outcomeOf(house.changes.move(authority, other, START + 7 * DAY))).toBe('already-booked');
    expect(await outcomeOf(house.changes.move(authority, other, START + 8 * DAY))).toBe('ok');
    await sound(authority);
  });

  test('Reminders fall due three wall-clock days and two hours before, and follow the booking', async () => {
    const reminders = [
      { days: 3, minutes: 0 },
      { days: 0, minutes: 120 },
    ];
    const authority = await settle(1, { reminders });
    const dues = async (booking: Booking) =>
      (await letters(booking))
        .filter((l) => l.kind === 'reminder')
        .map((l) => `${said(Number(l.due_at) / MINUTE)} ${l.recipient}`);
    house.clock.set('2027-03-20T08:00:00+01:00');
    const booking = await house.book(authority, at('2027-03-30T09:00'));
    expect(await dues(booking)).toEqual(['2027-03-27T09:00 citizen', '2027-03-30T07:00 citizen']);
    const moved = await house.changes.move(authority, booking, at('2027-03-31T12:30'));
    expect(await dues(booking)).toEqual(['2027-03-28T12:30 citizen', '2027-03-31T10:30 citizen']);
    await sound(authority);
    const near = await house.changes.move(authority, moved, at('2027-03-23T08:00') + 60);
    expect(await dues(booking)).toEqual(['2027-03-20T09:00 citizen', '2027-03-23T07:00 citizen']);
    house.clock.set('2027-03-20T09:00:00+01:00');
    const nearer = await house.changes.move(authority, near, at('2027-03-22T09:00'));
    expect(await dues(booking)).toEqual(['2027-03-22T07:00 citizen']);
    await house.changes.cancel(authority, nearer);
    expect(await dues(booking)).toEqual([]);
    expect(await dues(await house.book(authority, at('2027-03-22T10:00')))).toEqual(['2027-03-22T08:00 citizen']);
    house.clock.set('2027-03-22T09:00:00+01:00');
    expect(await dues(await house.book(authority, at('2027-03-22T11:00')))).toEqual([]);
    expect(await dues(await house.book(authority, at('2027-03-22T11:30')))).toEqual(['2027-03-22T09:30 citizen']);
  });

  describe('after a random day of the office', () => {
    const seed = process.env['SEED'] ?? `${Date.now()}`;
    const chance = new SeededChance(`day ${seed}`);
    const pick = (n: number): number => Buffer.from(chance.bytes(4)).readUInt32BE() % n;
    let authority: Authority;

    const definition = (id: string): AuthorityDefinition =>
      unionWith(0, {
        id,
        offices: [
          officeWith({
            slotStep: 15,
            services: [
              serviceWith({ id: 'quarter', duration: 15, reminders: [{ days: 3, minutes: 0 }] }),
              serviceWith({ id: 'three', duration: 45, bufferAfter: 10, reminders: [{ days: 0, minutes: 120 }] }),
              serviceWith({ id: 'slow', confirmation: 'staff' }),
            ],
          }),
        ],
        counters: [counter('a', seat(['quarter', 'three', 'slow'])), counter('b', seat(['three', 'slow']))],
      });

    test('Claims, letters and answers still say the same', async () => {
      authority = await house.settle(definition(`unione-${tests++}`));
      const service = () => ['quarter', 'three', 'slow'][pick(3)]!;
      const start = () => at('2027-03-10T09:00') + 15 * pick(16) + DAY * pick(2);
      const bookings: Booking[] = [];
      const tickets: { id: string; secret: string; start: number; serviceId: string }[] = [];
      const any = <T>(list: T[]): T | undefined => list[pick(Math.max(1, list.length))];
      const book = async () => void bookings.push(await house.book(authority, start(), { serviceId: service() }));
      const hold = async () => {
        const wish = wishFor(start(), { serviceId: service() });
        const { hold: held, secret } = await house.holds.hold(authority, wish);
        tickets.push({ id: held.id, secret, start: wish.start, serviceId: wish.serviceId });
      };
      const spend = async () => {
        const ticket = any(tickets);
        if (!ticket) return;
        bookings.push(await house.book(authority, ticket.start, { serviceId: ticket.serviceId, hold: ticket }));
      };
      const renew = async () => {
        const ticket = any(tickets);
        if (!ticket) return;
        const wish = wishFor(pick(2) ? ticket.start : start(), { serviceId: ticket.serviceId });
        const { hold: held, secret } = await house.holds.renew(authority, wish, ticket);
        tickets.push({ id: held.id, secret, start: wish.start, serviceId: wish.serviceId });
      };
      const release = async () => {
        const ticket = any(tickets);
        if (ticket) await house.holds.release(authority, ticket);
      };
      const move = async () => {
        const booking = any(bookings);
        if (booking) await house.changes.move(authority, booking, start());
      };
      const cancel = async () => {
        const booking = any(bookings);
        if (booking) await house.changes.cancel(authority, booking);
      };
      const acts = [book, book, hold, hold, spend, renew, release, move, move, cancel];
      const outcomes: Record<string, number> = {};
      for (let round = 0; round < 30; round++) {
        const counts = await tally(Array.from({ length: 8 }, () => acts[pick(acts.length)]!()));
        for (const [outcome, n] of Object.entries(counts)) outcomes[outcome] = (outcomes[outcome] ?? 0) + n;
        const problems = await broken(house.registers, authority, house.clock.now());
        if (problems.length) throw new Error(`seed ${seed}, round ${round}: ${problems.join('; ')}`);
        house.clock.advance(pick(2) * 2 * MINUTE);
      }
      expect(Object.keys(outcomes)).toEqual(expect.arrayContaining(['ok', 'slot-taken']));
      expect(outcomes['ok']).toBeGreaterThan(40);
    });

    test('And a claim, a letter or an answer that does not fit would be noticed', async () => {
      const [booking] = await house.database.rows<{ id: string; counter: number }>(
        `SELECT id, counter FROM bookings WHERE authority_id = ? AND status = 'confirmed' LIMIT 1`,
        [authority.id],
      );
      const { id, counter: seated } = booking!;
      const planted = [
        [`DELETE FROM claims WHERE holder = '${id}'`, 'no claim'],
        [`INSERT INTO claims (counter, tick, holder) VALUES (${seated}, 7, 'nobody')`, 'a claim of nobody'],
        [`DELETE FROM outbox WHERE booking_id = '${id}' AND recipient = 'office'`, 'letters'],
        [`UPDATE bookings SET version = version + 1 WHERE id = '${id}'`, 'version'],
        [`UPDATE bookings SET status = 'done' WHERE id = '${id}'`, 'its story says'],
        [`DELETE FROM idempotency_keys WHERE booking_id = '${id}'`, 'a booking without an answer'],
        [`DELETE FROM bookings WHERE id = '${id}'`, 'a letter without a booking'],
      ] as const;
      for (const [sql, found] of planted) {
        await house.database.run(sql);
        const problems = await broken(house.registers, authority, house.clock.now());
        expect(problems.some((problem) => problem.includes(found))).toBe(true);
      }
    });
  });
});
