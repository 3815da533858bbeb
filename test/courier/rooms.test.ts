// SPDX-License-Identifier: AGPL-3.0-or-later
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import type { Booking } from '../../src/bookings/booking.ts';
import type { Change } from '../../src/bookings/change.ts';
import { noticeTo } from '../../src/bookings/notices.ts';
import { Retention } from '../../src/database/retention.ts';
import { Rooms } from '../../src/database/reception/rooms.ts';
import type { Authority } from '../../src/offices/authority.ts';
import type { Service, VideoProvider } from '../../src/offices/definition.ts';
import { Arrival } from '../../src/waiting-room/arrival.ts';
import { at, House, unionWith } from '../kit/desks.ts';
import { engines } from '../kit/engines.ts';
import { awaitLetters, lettersIn } from '../kit/mailbox.ts';
import { carriedBy, JITSI } from '../kit/video/carried.ts';
import { GoToStub } from '../kit/video/go-to.ts';
import type { VideoFault } from '../kit/video/stub.ts';
import { WherebyStub } from '../kit/video/whereby.ts';
import { officeWith, serviceWith } from '../offices/sample.ts';

const START = at('2027-03-30T10:00');
const LATER = at('2027-03-30T11:00');
const NOW = '2027-03-20T08:00:00+01:00';
const MINUTE = 60_000;
const STAFF: Change = { by: { kind: 'staff', id: 'staff-1', name: 'Mario Bianchi' } };
const ANNA = { role: 'citizen', name: 'Anna Rossi' } as const;
const MARIO = { role: 'staff', name: 'Mario Bianchi' } as const;
/** With what never ends; all else is given its time, however busy the machine. */
const SHORT = 400;
const ENDLESS: VideoFault[] = ['silent', 'halting'];

/** The process ends before it can write down what it was given. */
class DyingRooms extends Rooms {
  override keep(): Promise<boolean> {
    return Promise.reject(new Error('killed'));
  }
}

describe.each(engines)('Rooms for video calls on $name', (engine) => {
  let house: House;
  let authority: Authority;
  let whereby: WherebyStub;
  let goTo: GoToStub;
  let carried: ReturnType<typeof carriedBy>;
  let tests = 0;

  beforeAll(async () => {
    house = await House.open(await engine.freshUrl());
  });
  afterAll(() => house.close());
  beforeEach(async () => {
    house.clock.set(NOW);
    tests++;
    [whereby, goTo] = [await WherebyStub.start(house.clock), await GoToStub.start(house.clock)];
    carried = carry();
    authority = await served('whereby');
  });
  afterEach(async () => {
    await Promise.all([whereby.stop(), goTo.stop()]);
    for (const table of ['outbox', 'credentials', 'authorities']) await house.database.run(`DELETE FROM ${table}`);
  });

  /** A courier as another process would have it. */
  const carry = (patience?: number) =>
    carriedBy(house, { whereby: whereby.settings, goto: goTo.settings, jitsi: JITSI }, patience);
  /** What the authority file says of the service now. */
  const served = (video: VideoProvider, more: Partial<Service> = {}) => {
    const services = [serviceWith({ modes: ['video', 'in_person'], video, ...more })];
    return house.settle(unionWith(2, { id: `unione-${tests}`, offices: [officeWith({ services })] }));
  };
  const book = (start = START) => house.book(authority, start, { mode: 'video' });
  const fresh = async ({ id }: Booking): Promise<Booking> => (await house.registers.books.byId(id))!;
  const wayIn = async (booking: Booking, who: typeof ANNA | typeof MARIO = ANNA) =>
    carried.waysIn.of(authority, await fresh(booking), null, who);
  const rooms = ({ id }: Booking) => house.registers.rooms.ofBooking(id);
  const rowsOf = ({ id }: Booking) =>
    house.database.rows<{ status: string; due_at: number }>(
      `SELECT status, due_at FROM outbox WHERE booking_id = ? AND recipient = 'video'`,
      [id],
    );
  const OWN = (provider: VideoProvider, trouble: string) => ({ provider, url: null, trouble });

  test('A room is made after the booking, and each enters it by an address of their own', async () => {
    const booking = await book();
    expect(whereby.log).toEqual([]);
    expect(await wayIn(booking)).toEqual(OWN('whereby', 'no-room'));
    await carried.carry();
    const [room] = whereby.live;
    expect(await wayIn(booking)).toEqual({ provider: 'whereby', url: room!.roomUrl, trouble: null });
    expect((await wayIn(booking, MARIO)).url).toBe(room!.hostRoomUrl);
    const [kept] = await rooms(booking);
    expect(kept).toMatchObject({ state: 'ready', externalId: room!.meetingId });
    expect(kept!.staffUrl).not.toContain('roomKey');
  });

  test('Nothing is asked of anybody for who comes in person, or has yet to be told yes', async () => {
    await house.book(authority, START, { mode: 'in_person' });
    authority = await served('whereby', { confirmation: 'staff' });
    const waiting = await book(LATER);
    await carried.carry();
    expect(whereby.log).toEqual([]);
    await house.changes.confirm(authority, waiting, STAFF);
    await carried.carry();
    expect(whereby.live).toHaveLength(1);
  });

  test.each<VideoFault>([
    'silent',
    'reset',
    '500',
    '429',
    '401',
    '403',
    'redirect',
    'html',
    'truncated',
    'huge',
    'halting',
  ])(
    'While Whereby answers with %s the booking stands, its letters leave, and the call is in our own room',
    async (fault) => {
      whereby.fault(fault, { times: 100 });
      carried = carry(ENDLESS.includes(fault) ? SHORT : undefined);
      const booking = await book();
      await carried.carry();
      while ((await carried.courier.carryOut()) > 0);
      expect(await awaitLetters(() => lettersIn(carried.mailDir), 2)).toHaveLength(2);
      expect((await fresh(booking)).status).toBe('confirmed');
      expect(await wayIn(booking)).toEqual(OWN('whereby', 'no-room'));
      expect((await rowsOf(booking))[0]).toMatchObject({ status: 'owed' });
      expect(carried.reports[0]).toMatch(/^room delayed (again|configuration)/);
    },
  );

  test('Letters leave while a provider keeps silent', async () => {
    whereby.fault('silent', { times: 100 });
    await book();
    const slow = carriedBy(house, { whereby: whereby.settings });
    slow.courier.start();
    await awaitLetters(() => lettersIn(slow.mailDir), 2);
    while (whereby.log.length === 0) await turn();
    // The room is still being asked for: it is neither made nor given up.
    expect(whereby.log.map(({ status, fault }) => [status, fault])).toEqual([[0, 'silent']]);
    expect(slow.reports).toEqual([]);
    whereby.hangUp();
    await slow.courier.stop();
  });

  test('Once Whereby is back there is a room', async () => {
    whereby.down = true;
    const booking = await book();
    await carried.carry();
    whereby.down = false;
    house.clock.advance(5 * MINUTE);
    await carried.carry();
    expect((await wayIn(booking)).url).toBe(whereby.live[0]!.roomUrl);
  });

  test('Whoever asks for patience is left alone for so long', async () => {
    whereby.fault('429');
    const booking = await book();
    await carried.carry();
    expect((await rowsOf(booking))[0]!.due_at).toBeGreaterThanOrEqual(house.clock.now() + 90_000);
  });

  test('A key that is refused is tried again, for as long as the call is ahead', async () => {
    whereby.fault('401', { times: 1000 });
    const booking = await book();
    for (let hours = 0; hours < 24; hours++) {
      await carried.carry();
      house.clock.advance(60 * MINUTE);
    }
    expect((await rowsOf(booking))[0]).toMatchObject({ status: 'owed' });
    expect(whereby.log.length).toBeLessThanOrEqual(2 * 24);
    house.clock.set('2027-03-30T12:00:00+02:00');
    await carried.carry();
    expect((await rowsOf(booking))[0]).toMatchObject({ status: 'sent' });
  });

  test('An answer that is lost after the room was made leaves no stray', async () => {
    whereby.fault('lost', { on: 'POST' });
    const booking = await book();
    await carried.carry();
    expect(whereby.live).toHaveLength(1);
    expect((await rooms(booking))[0]).toMatchObject({ state: 'owed', externalId: null });
    house.clock.advance(5 * MINUTE);
    await carried.carry();
    expect(whereby.meetings).toHaveLength(2);
    expect((await wayIn(booking)).url).toBe(whereby.live[0]!.roomUrl);
    expect(whereby.live).toHaveLength(1);
  });

  test.each<VideoProvider>(['whereby', 'goto'])(
    'A courier that dies once %s has made the room leaves one stray at most, and the next takes it away',
    async (provider) => {
      authority = await served(provider);
      const booking = await book();
      const [row] = await house.registers.outbox.claim(house.clock.now(), 1, 'rooms');
      const { registers } = house;
      const { rooms: living } = registers;
      Object.assign(registers, { rooms: new DyingRooms(house.database) });
      await expect(carried.carrier.agree(row!)).rejects.toThrow('killed');
      Object.assign(registers, { rooms: living });
      const made = provider === 'goto' ? goTo : whereby;
      expect(made.live).toHaveLength(1);
      await house.database.run('UPDATE outbox SET lease_until = 0');
      const next = carry();
      await next.carry();
      expect(made.meetings).toHaveLength(2);
      expect(made.live).toHaveLength(1);
      expect((await rooms(booking))[0]).toMatchObject({ state: 'ready', externalId: idOf(made.live[0]!) });
    },
  );

  test('Two couriers that ask at once for the same booking end with one room', async () => {
    const booking = await book();
    const [notice] = [noticeTo('video', booking, 'room', house.clock.now())];
    const id = house.issuer.id();
    await house.database.transaction((tx) => house.registers.outbox.owe(tx, booking, [notice], () => id));
    const couriers = [carry(), carry()];
    for (let round = 0; round < 6; round++) {
      await Promise.all(couriers.map((courier) => courier.carry()));
      house.clock.advance(5 * MINUTE);
    }
    expect(whereby.live).toHaveLength(1);
    expect((await wayIn(booking)).url).toBe(whereby.live[0]!.roomUrl);
  });

  test('With another time comes another room at Whereby, and the old one goes', async () => {
    const booking = await book();
    await carried.carry();
    await house.changes.move(authority, booking, LATER, STAFF);
    expect(await wayIn(booking)).toEqual(OWN('whereby', 'no-room'));
    await carried.carry();
    expect(whereby.meetings).toHaveLength(2);
    expect(whereby.live).toHaveLength(1);
    expect(whereby.live[0]!.endDate).toBe('2027-03-30T09:30:00.000Z');
    expect((await wayIn(booking)).url).toBe(whereby.live[0]!.roomUrl);
  });

  test('With another time a meeting at GoTo stays the same and is told; one that was deleted there is made anew', async () => {
    authority = await served('goto');
    const booking = await book();
    await carried.carry();
    const [{ meetingid }] = goTo.live as [(typeof goTo.live)[0]];
    const moved = await house.changes.move(authority, booking, LATER, STAFF);
    await carried.carry();
    expect(goTo.live).toMatchObject([{ meetingid, starttime: '2027-03-30T09:00:00Z' }]);
    expect((await wayIn(booking)).url).toContain(String(meetingid));
    Object.assign(goTo.live[0]!, { deleted: true });
    await house.changes.move(authority, moved, START, STAFF);
    await carried.carry();
    expect(goTo.live).toMatchObject([{ starttime: '2027-03-30T08:00:00Z' }]);
    expect((await wayIn(booking)).url).toContain(String(goTo.live[0]!.meetingid));
  });

  test.each<VideoProvider>(['whereby', 'goto'])('A call that is off has no room at %s any more', async (provider) => {
    authority = await served(provider);
    const booking = await book();
    await carried.carry();
    const made = provider === 'goto' ? goTo : whereby;
    expect(made.live).toHaveLength(1);
    await house.changes.cancel(authority, booking, STAFF);
    await carried.carry();
    expect(made.live).toEqual([]);
    expect((await rooms(booking))[0]).toMatchObject({ state: 'gone', citizenUrl: null, staffUrl: null });
  });

  test('What is marked on the day asks for nothing', async () => {
    const booking = await book();
    await carried.carry();
    house.clock.set('2027-03-30T10:01:00+02:00');
    await house.changes.mark(authority, await fresh(booking), 'arrived', STAFF);
    expect(await house.registers.outbox.state(house.clock.now(), 'rooms')).toMatchObject({ pending: 0 });
    expect((await wayIn(booking)).url).toBe(whereby.live[0]!.roomUrl);
  });

  test('A room that is refused is asked for no more, staff are told, and another time is tried anew', async () => {
    whereby.fault('400', { on: 'POST' });
    const booking = await book();
    await carried.carry();
    expect(carried.reports).toEqual(['room dead fatal: 400 bad_request']);
    expect(await wayIn(booking, MARIO)).toEqual(OWN('whereby', 'refused'));
    expect(await house.registers.rooms.failures(START - 60)).toBe(1);
    expect(await carried.upkeep.round()).toBe(0);
    await house.changes.move(authority, booking, LATER, STAFF);
    await carried.carry();
    expect((await wayIn(booking)).url).toBe(whereby.live[0]!.roomUrl);
    expect(await house.registers.rooms.failures(START - 60)).toBe(0);
  });

  test('A room that was refused is tried anew when the service has been without the provider for a while', async () => {
    whereby.fault('400', { on: 'POST' });
    const booking = await book();
    await carried.carry();
    for (const provider of ['builtin', 'whereby'] as const) {
      authority = await served(provider);
      expect(await carried.upkeep.round()).toBe(1);
      await carried.carry();
    }
    expect((await wayIn(booking)).url).toBe(whereby.live[0]!.roomUrl);
  });

  test('Another provider in the authority file breaks no link, and the rooms follow', async () => {
    const booking = await book();
    await carried.carry();
    const ways: (string | null)[] = [];
    const settleOn = async (provider: VideoProvider, more: Partial<Service> = {}) => {
      authority = await served(provider, more);
      ways.push((await wayIn(booking)).url);
      await carried.upkeep.round();
      await carried.carry();
      return (await wayIn(booking)).url;
    };
    expect(await settleOn('goto')).toContain('gotomeeting.example');
    expect([whereby.live.length, goTo.live.length]).toEqual([0, 1]);
    expect(await settleOn('jitsi')).toMatch(/^https:\/\/meet\.comune\.example\/[0-9a-f]{32}\?jwt=/);
    expect(goTo.live).toEqual([]);
    expect(await settleOn('url', { videoUrl: 'https://stanza.example/suap' })).toBe('https://stanza.example/suap');
    expect(await settleOn('builtin')).toBeNull();
    expect(await settleOn('whereby')).toBe(whereby.live[0]!.roomUrl);
    // At once, before anybody was asked: our own room, or one that needs no asking.
    expect(ways.map((url) => url && new URL(url).hostname)).toEqual([
      null,
      'meet.comune.example',
      'stanza.example',
      null,
      null,
    ]);
    expect(await carried.upkeep.round()).toBe(0);
  });

  test('A room that somebody may be in is left standing', async () => {
    const booking = await book();
    await carried.carry();
    authority = await served('builtin');
    house.clock.set('2027-03-30T09:55:00+02:00');
    expect(await carried.upkeep.round()).toBe(0);
    await house.database.transaction((tx) =>
      house.registers.outbox.owe(tx, booking, [noticeTo('video', booking, 'room', 0)], () => `again-${tests}`),
    );
    await carried.carry();
    expect(whereby.live).toHaveLength(1);
    expect(await wayIn(booking)).toEqual({ provider: 'builtin', url: null, trouble: null });
  });

  test('Appointments made before a provider was named, or was set up, get their room', async () => {
    authority = await served('builtin');
    const booking = await book();
    const stranger = await house.book(authority, LATER, { mode: 'in_person' });
    authority = await served('whereby');
    const unknowing = carriedBy(house, {});
    expect(await unknowing.upkeep.round()).toBe(0);
    expect(await unknowing.waysIn.of(authority, booking, null, MARIO)).toEqual(OWN('whereby', 'not-set-up'));
    expect(await carried.upkeep.round()).toBe(1);
    expect(await carried.upkeep.round()).toBe(0);
    await carried.carry();
    expect((await wayIn(booking)).url).toBe(whereby.live[0]!.roomUrl);
    expect(await rooms(stranger)).toEqual([]);
  });

  test('The room of Meet is the one that came with the event; until it is there, ours', async () => {
    authority = await served('meet');
    const booking = await book();
    expect(await wayIn(booking)).toEqual(OWN('meet', 'no-room'));
    await house.registers.books.keepRoom(booking.id, 'https://meet.google.com/abc-defg-hij');
    expect(await wayIn(booking)).toMatchObject({ url: 'https://meet.google.com/abc-defg-hij', trouble: null });
  });

  test('Who knocks, who comes in person, and whom staff would rather have there come into our own room', async () => {
    const booking = await book();
    await carried.carry();
    const ours = { provider: 'builtin', url: null, trouble: null };
    expect(await carried.waysIn.of(authority, null, null, ANNA)).toEqual(ours);
    const arrival = Object.assign(Object.create(Arrival.prototype) as Arrival, { ownRoom: 1 });
    expect(await carried.waysIn.of(authority, booking, arrival, ANNA)).toEqual(ours);
    const inPerson = await house.book(authority, LATER, { mode: 'in_person' });
    expect(await carried.waysIn.of(authority, inPerson, null, ANNA)).toEqual(ours);
  });

  test('The address of the staff cannot be read under another secret: they enter as the citizen does', async () => {
    const booking = await book();
    await carried.carry();
    await house.database.run(`UPDATE rooms SET staff_url = 'touched' WHERE booking_id = ?`, [booking.id]);
    expect((await wayIn(booking, MARIO)).url).toBe(whereby.live[0]!.roomUrl);
  });

  test('With whose the appointment was its room is forgotten', async () => {
    const booking = await book();
    await carried.carry();
    expect(await rooms(booking)).toHaveLength(1);
    const retention = new Retention(house.database, 10);
    const forgotten = booking.forgotten(house.clock.now());
    expect(await house.database.transaction((tx) => retention.forget(tx, booking, forgotten))).toBe(true);
    expect(await rooms(booking)).toEqual([]);
  });

  test('The refresh token of GoTo is kept sealed', async () => {
    authority = await served('goto');
    await book();
    await carried.carry();
    const [kept] = await house.database.rows<{ sealed: string; version: number }>(
      'SELECT sealed, version FROM credentials',
    );
    expect(kept!.version).toBe(1);
    expect(kept!.sealed).not.toContain('refresh');
    expect(carried.sealed.open(kept!.sealed)).toContain(goTo.refreshToken);
    expect(await carried.shelf.keep('of another instance', 1)).toBe(false);
    expect(await carried.shelf.keep('the next', 2)).toBe(true);
  });
});

const idOf = (made: { meetingId?: string; meetingid?: number }): string => made.meetingId ?? String(made.meetingid);
