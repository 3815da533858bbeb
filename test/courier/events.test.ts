// SPDX-License-Identifier: AGPL-3.0-or-later
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Booking } from '../../src/bookings/booking.ts';
import type { Change } from '../../src/bookings/change.ts';
import type { Authority } from '../../src/offices/authority.ts';
import type { Counter, GoogleCalendar, Office, Service } from '../../src/offices/definition.ts';
import { at, counter, House, seat, unionWith } from '../kit/desks.ts';
import { engines } from '../kit/engines.ts';
import { awaitLetters, lettersIn } from '../kit/mailbox.ts';
import { FakeGoogle, type FaultKind, type Operation } from '../kit/google.ts';
import { courierTo } from '../kit/google/craft.ts';
import { officeWith, serviceWith } from '../offices/sample.ts';

const START = at('2027-03-30T10:00');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const STAFF: Change = { by: { kind: 'staff', id: 'staff-1', name: 'Mario Bianchi' } };

describe.each(engines)('Events for Google on $name', (engine) => {
  let house: House;
  let google: FakeGoogle;
  let authority: Authority;
  let first: string;
  let second: string;
  let reports: string[];
  let post: ReturnType<typeof courierTo>;
  let tests = 0;

  beforeAll(async () => {
    house = await House.open(await engine.freshUrl());
  });
  afterAll(() => house.close());
  beforeEach(async () => {
    house.clock.set('2027-03-20T08:00:00+01:00');
    tests++;
    google = await FakeGoogle.start(house.clock);
    [first, second] = [`first-${tests}@group.example`, `second-${tests}@group.example`];
    for (const id of [first, second]) google.addCalendar(id);
    reports = [];
    authority = await settle();
    post = courierTo(google, house, (event) => reports.push(event));
  });
  afterEach(async () => {
    await google.stop();
    await house.database.run('DELETE FROM outbox');
  });

  const desk = (id: string, googleCalendar: GoogleCalendar | null): Counter => ({
    ...counter(id, seat(['consulenza'])),
    googleCalendar,
  });
  const shared = (id: string): GoogleCalendar => ({ id, access: 'service_account' });
  const settle = (
    counters: Counter[] = [desk('uno', shared(first)), desk('due', shared(second))],
    { office = {}, service = {} }: { office?: Partial<Office>; service?: Partial<Service> } = {},
  ) => {
    const offices = [officeWith({ ...office, services: [serviceWith(service)] })];
    return house.settle(unionWith(1, { id: `unione-${tests}`, offices, counters }));
  };
  const book = (start = START) => house.book(authority, start);
  const asItIs = async ({ id }: Booking): Promise<Booking> => (await house.registers.books.byId(id))!;
  const keyOf = (id: string): number => authority.counters.find((c) => c.id === id)!.key;
  const calendarOf = (booking: Booking): string => authority.counterByKey(booking.counter)!.googleCalendar!.id;
  const other = (calendar: string): string => (calendar === first ? second : first);
  const reseat = async (booking: Booking): Promise<Booking> =>
    house.changes.reseat(authority, booking, booking.counter === keyOf('uno') ? keyOf('due') : keyOf('uno'), STAFF);
  const rows = (booking: Booking) =>
    house.database.rows<{ status: string; attempts: number; due_at: number; last_error: string | null }>(
      `SELECT status, attempts, due_at, last_error FROM outbox WHERE booking_id = ? AND recipient = 'google' ORDER BY position`,
      [booking.id],
    );
  const link = async (booking: Booking) => (await house.registers.calendarLinks.find(booking.counter))!;
  /** What was asked of Google, in order: `insert 200`. */
  const asked = () =>
    google.log
      .filter(({ operation }) => operation !== 'token')
      .map(({ operation, status }) => `${operation} ${status}`);
  /** When they begin, in a calendar. */
  const starts = (calendar: string) => google.events(calendar).map(({ start }) => start.dateTime!.slice(0, 16));
  /** Carries, and again each time something is to be tried later, until nothing is left. */
  async function carryUntilDone(booking: Booking, most = 40): Promise<void> {
    for (let n = 0; n < most; n++) {
      await post.carry();
      const waiting = (await rows(booking)).find(({ status }) => status === 'owed');
      if (!waiting) return;
      house.clock.set(Math.max(house.clock.now(), waiting.due_at));
    }
  }

  test('A booking is an event in the calendar of its counter, with nothing of the citizen but the reference', async () => {
    const booking = await book();
    await post.carry();
    const [event] = google.events(calendarOf(booking));
    expect(event).toMatchObject({
      summary: `Consulenza SUAP · ${booking.reference.slice(0, 3)} ${booking.reference.slice(3)}`,
      start: { dateTime: '2027-03-30T10:00:00+02:00', timeZone: 'Europe/Rome' },
      end: { dateTime: '2027-03-30T10:30:00+02:00', timeZone: 'Europe/Rome' },
      status: 'confirmed',
      location: expect.stringContaining('Piazza Alfieri 2'),
      transparency: 'opaque',
      visibility: 'private',
      source: { url: `http://localhost:3000/operatore/appuntamenti/${booking.reference}` },
      extendedProperties: { private: { app: 'sportello', bk: booking.id, rev: '0' } },
    });
    expect(event!.attendees).toBeUndefined();
    expect(JSON.stringify(google.log)).not.toMatch(/Anna|Rossi|citizen-/);
    expect(google.log.at(-1)!.query).toContain('sendUpdates=none');
    expect(asked()).toEqual(['insert 200']);
    expect(await rows(booking)).toMatchObject([{ status: 'sent' }]);
  });

  test('The name is shown where the office wants it, and a booking that waits for a yes is tentative', async () => {
    authority = await settle(undefined, { office: { calendarShows: 'name' }, service: { confirmation: 'staff' } });
    const booking = await book();
    await post.carry();
    expect(google.events(calendarOf(booking))[0]).toMatchObject({ status: 'tentative' });
    expect(google.events(calendarOf(booking))[0]!.summary).toContain('Anna Rossi');
    await house.changes.confirm(authority, booking, STAFF);
    await post.carry();
    expect(google.events(calendarOf(booking))[0]).toMatchObject({ status: 'confirmed' });
  });

  test('A move changes the event and keeps what staff wrote in it; a cancellation takes it away', async () => {
    let booking = await book();
    await post.carry();
    const [event] = google.events(calendarOf(booking));
    google.staffChange(calendarOf(booking), event!.id, { colorId: '11' });
    booking = await house.changes.move(authority, booking, START + 60);
    await post.carry();
    expect(google.events(calendarOf(booking))).toMatchObject([{ id: event!.id, colorId: '11' }]);
    expect(starts(calendarOf(booking))).toEqual(['2027-03-30T11:00']);
    await house.changes.cancel(authority, booking);
    await post.carry();
    expect(google.events(calendarOf(booking))).toEqual([]);
    expect(await house.registers.calendarEvents.ofBooking(booking.id)).toEqual([]);
    expect(asked()).toEqual(['insert 200', 'patch 412', 'get 200', 'patch 200', 'delete 204']);
  });

  test('Another counter is another calendar, there and back, with no event left behind', async () => {
    let booking = await book();
    await post.carry();
    for (let n = 0; n < 3; n++) {
      booking = await reseat(booking);
      await post.carry();
      expect(starts(calendarOf(booking))).toEqual(['2027-03-30T10:00']);
      expect(starts(other(calendarOf(booking)))).toEqual([]);
    }
    expect(asked().slice(1)).toEqual(Array.from({ length: 3 }, () => ['insert 200', 'delete 204']).flat());
  });

  test('Two counters may share one calendar: the event stays, and is theirs in turn', async () => {
    authority = await settle([desk('uno', shared(first)), desk('due', shared(first))]);
    let booking = await book();
    await post.carry();
    booking = await reseat(booking);
    await post.carry();
    expect(asked()).toEqual(['insert 200', 'patch 200']);
    expect(await house.registers.calendarEvents.ofBooking(booking.id)).toMatchObject([{ counter: booking.counter }]);
  });

  test('What changed three times meanwhile is written once, and what was cancelled meanwhile not at all', async () => {
    let booking = await book();
    booking = await house.changes.move(authority, booking, START + 60);
    booking = await house.changes.move(authority, booking, START + 90);
    const cancelled = await book();
    await house.changes.cancel(authority, cancelled);
    await post.carry();
    expect(asked()).toEqual(['insert 200']);
    expect(starts(calendarOf(booking))).toEqual(['2027-03-30T11:30']);
    expect((await rows(booking)).map(({ status }) => status)).toEqual(['sent', 'sent', 'sent']);
  });

  test('A counter without a calendar owes Google nothing', async () => {
    authority = await settle([desk('uno', null)]);
    expect(await rows(await book())).toEqual([]);
  });

  test.each<[Operation, FaultKind, string]>([
    ['insert', 'lost', 'insert 0, insert 409, get 200'],
    ['insert', '409', 'insert 409, get 200'],
    ['insert', 'reset', 'insert 0, insert 200'],
    ['insert', 'html', 'insert 200, insert 200'],
    ['patch', 'lost', 'patch 0, patch 412, get 200'],
    ['patch', '412', 'patch 412, get 200, patch 200'],
    ['patch', '404', 'patch 404, get 404, insert 200'],
    ['patch', '410', 'patch 410, get 200, patch 200'],
    ['patch', '503', 'patch 503, patch 200'],
    ['patch', 'truncated', 'patch 200, patch 200'],
    ['delete', 'lost', 'delete 0, delete 410'],
    ['delete', '410', 'delete 410'],
    ['delete', '404', 'delete 404'],
    ['delete', 'html', 'delete 200, delete 204'],
    ['delete', '500', 'delete 500, delete 204'],
  ])('%s %s: one event for a live booking and none for a cancelled one', async (operation, kind, calls) => {
    let booking = await book();
    if (operation !== 'insert') {
      await post.carry();
      google.log.length = 0;
      if (operation === 'patch') booking = await house.changes.move(authority, booking, START + 60);
      else await house.changes.cancel(authority, booking);
    }
    google.faults.add({ kind, on: operation });
    await carryUntilDone(booking);
    expect(asked().join(', ')).toBe(calls);
    expect(starts(calendarOf(booking))).toHaveLength(operation === 'delete' ? 0 : 1);
    expect(await house.registers.calendarEvents.ofBooking(booking.id)).toHaveLength(operation === 'delete' ? 0 : 1);
  });

  test('An event staff deleted comes back when its booking changes', async () => {
    let booking = await book();
    await post.carry();
    const [event] = google.events(calendarOf(booking));
    google.staffDelete(calendarOf(booking), event!.id);
    booking = await house.changes.move(authority, booking, START + 60);
    await post.carry();
    expect(starts(calendarOf(booking))).toEqual(['2027-03-30T11:00']);
    google.calendar(calendarOf(booking)).purge(event!.id);
    booking = await house.changes.move(authority, booking, START + 90);
    await post.carry();
    expect(starts(calendarOf(booking))).toEqual(['2027-03-30T11:30']);
    expect(await house.registers.calendarEvents.ofBooking(booking.id)).toMatchObject([{ version: 2 }]);
  });

  test('A courier that died after it asked Google leaves no second event', async () => {
    const booking = await book();
    const [row] = await house.registers.outbox.claim(house.clock.now(), 1, 'events');
    await post.carrier.agree(row!);
    await house.database.run('UPDATE outbox SET lease_until = 0');
    await post.carry();
    expect(asked()).toEqual(['insert 200']);
    await house.database.run('DELETE FROM calendar_events WHERE booking_id = ?', [booking.id]);
    await house.database.run(`UPDATE outbox SET status = 'owed' WHERE booking_id = ?`, [booking.id]);
    await post.carry();
    expect(asked().slice(1)).toEqual(['insert 409', 'get 200']);
    expect(google.events(calendarOf(booking))).toHaveLength(1);
  });

  test('An event that we may not look at is not taken for deleted: no second one is made', async () => {
    google.faults.add({ kind: 'lost', on: 'insert' }, { kind: 'forbidden', on: 'get' });
    const booking = await book();
    await carryUntilDone(booking);
    expect(asked()).toEqual(['insert 0', 'insert 409', 'get 403', 'insert 409', 'get 200']);
    expect(google.events(calendarOf(booking))).toHaveLength(1);
    expect(await rows(booking)).toMatchObject([{ status: 'sent' }]);
  });

  test('Google down for an hour: the booking stands at once, letters leave, and the event comes after', async () => {
    google.down = true;
    const booking = await book();
    expect(booking.status).toBe('confirmed');
    expect(await post.courier.carryOut()).toBe(2);
    for (let minute = 0; minute < 60; minute++) {
      await post.carry();
      house.clock.advance(MINUTE);
    }
    const tried = google.log.length;
    expect(google.events(calendarOf(booking))).toEqual([]);
    google.down = false;
    await carryUntilDone(booking);
    expect(starts(calendarOf(booking))).toEqual(['2027-03-30T10:00']);
    expect(tried).toBeLessThan(25);
    expect(new Set(reports.map((report) => report.split(' ', 2).join(' ')))).toEqual(new Set(['event delayed']));
  });

  test('Letters leave while Google keeps us waiting, and a stop waits for neither', async () => {
    google.faults.add({ kind: 'silent', times: Infinity });
    post.courier.start();
    try {
      await house.bookings.book(authority, house.request(START), house.repeat());
      await awaitLetters(() => lettersIn(post.mailDir), 2);
      while (asked().length === 0) await house.clock.turn();
      expect(asked()).toEqual(['insert 0']);
    } finally {
      const stopped = post.courier.stop();
      house.clock.advance(MINUTE);
      await stopped;
      house.registers.onChange(() => undefined);
    }
  });

  test('Where a quota is used up we wait as long as Google says', async () => {
    google.faults.add({ kind: 'quota', retryAfter: 600 });
    const booking = await book();
    await post.carry();
    expect((await rows(booking))[0]).toMatchObject({ status: 'owed', due_at: house.clock.now() + 600_000 });
    house.clock.advance(599_000);
    await post.carry();
    expect(asked()).toEqual(['insert 403']);
    house.clock.advance(1_000);
    await post.carry();
    expect(asked()).toEqual(['insert 403', 'insert 200']);
  });

  test('Where we are not let in the link says so, the event waits for days, and nobody hammers', async () => {
    const oauth: GoogleCalendar = { id: first, access: 'oauth' };
    google.addCalendar(first, { roles: { 'mario@comune.example': 'writer' } });
    authority = await settle([desk('uno', oauth)]);
    const booking = await book();
    await house.registers.calendarLinks.of(authority.id, booking.counter, first);
    await house.registers.calendarLinks.keepToken(booking.counter, post.sealed.seal(google.tokens.consent()));
    google.tokens.revoke('mario@comune.example');
    for (let hour = 0; hour < 72; hour += 3) {
      if (hour < 12) await book(START + 1440 + 10 * hour);
      for (let n = 0; n < 2; n++) await post.carry();
      house.clock.advance(3 * HOUR);
    }
    expect(await link(booking)).toMatchObject({ state: 'reauthorize', error: 'reauthorize: 400 invalid_grant' });
    expect(google.log.map(({ operation }) => operation)).toEqual(Array.from({ length: 24 }, () => 'token'));
    expect((await rows(booking))[0]).toMatchObject({ status: 'owed' });
    await house.registers.calendarLinks.keepToken(booking.counter, post.sealed.seal(google.tokens.consent()));
    await house.registers.outbox.hurryEvents(authority.id, house.clock.now());
    await post.carry();
    expect(google.events(first).length).toBeGreaterThan(1);
    expect(await link(booking)).toMatchObject({ state: 'ok', error: null });
  });

  test('A calendar nobody shared with us is told, and filled when it is shared', async () => {
    google.calendar(first).roles.clear();
    google.calendar(second).roles.clear();
    const booking = await book();
    await post.carry();
    expect(await link(booking)).toMatchObject({ state: 'error', error: 'fatal: 404 calendar-not-found' });
    for (const id of [first, second]) google.addCalendar(id);
    house.clock.advance(HOUR);
    await post.carry();
    expect(google.events(calendarOf(booking))).toHaveLength(1);
    expect(await link(booking)).toMatchObject({ state: 'ok' });
  });

  test('One that Google will never take is dead and told, and holds nobody up', async () => {
    google.faults.add({ kind: '400' });
    const poisoned = await book();
    await post.carry();
    const next = await book(START + 60);
    await post.carry();
    expect(await rows(poisoned)).toMatchObject([{ status: 'dead', last_error: 'fatal: 400 badRequest' }]);
    expect(await rows(next)).toMatchObject([{ status: 'sent' }]);
    expect(reports).toEqual(['event dead fatal: 400 badRequest']);
    const state = (what: 'letters' | 'events') => house.registers.outbox.state(house.clock.now(), what);
    expect([await state('events'), await state('letters')]).toMatchObject([{ dead: 1 }, { dead: 0 }]);
  });

  test('A room of Meet is kept with the booking, waited for, and done without', async () => {
    google.tokens.delegatedBy.add('comune.example');
    google.addCalendar(first, { roles: { 'mario@comune.example': 'writer' } });
    const meet: Partial<Service> = { video: 'meet', modes: ['video', 'in_person'] };
    authority = await settle([desk('uno', { ...shared(first), as: 'mario@comune.example' })], { service: meet });
    const video = (start: number) => house.book(authority, start, { mode: 'video' });
    const roomOf = async (booking: Booking) => (await asItIs(booking)).meetingRoom;
    const booking = await video(START);
    await post.carry();
    expect(await roomOf(booking)).toBe(google.events(first)[0]!.hangoutLink);
    expect(google.events(first)[0]!.location).toBe('In video');
    await house.changes.move(authority, booking, START + 30);
    await post.carry();
    expect(await roomOf(booking)).toBe(google.events(first)[0]!.hangoutLink);
    expect(await roomOf(await house.book(authority, START + 60))).toBeNull();
    google.calendar(first).meet = 'pending';
    const waited = await video(START + 90);
    await post.carry();
    expect(await roomOf(waited)).toBeNull();
    await carryUntilDone(waited);
    expect(await roomOf(waited)).toMatch(/^https:\/\/meet\.google\.com\//);
    google.calendar(first).meetLooks = Infinity;
    const never = await video(START + 120);
    await carryUntilDone(never);
    expect([await roomOf(never), (await rows(never))[0]]).toMatchObject([null, { status: 'sent' }]);
    google.calendar(first).meet = 'failure';
    const failed = await video(START + 150);
    await post.carry();
    expect([await roomOf(failed), (await rows(failed))[0]]).toMatchObject([null, { status: 'sent' }]);
  });

  test('A service account of its own has no Meet: the event is made without', async () => {
    authority = await settle(undefined, { service: { video: 'meet', modes: ['video'] } });
    const booking = await house.book(authority, START, { mode: 'video' });
    await post.carry();
    expect(asked()).toEqual(['insert 400', 'insert 200']);
    expect((await asItIs(booking)).meetingRoom).toBeNull();
  });

  test('Three couriers at one outbox write each event once', async () => {
    const times = Array.from({ length: 6 }, (_, n) => START + 30 * n);
    const bookings = await Promise.all([...times, ...times].map((start) => book(start)));
    const couriers = [post, courierTo(google, house), courierTo(google, house)];
    await Promise.all(couriers.map(({ carry }) => carry()));
    expect(google.events(first).length + google.events(second).length).toBe(bookings.length);
    expect(asked()).toEqual(bookings.map(() => 'insert 200'));
  });
});
