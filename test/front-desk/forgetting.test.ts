// SPDX-License-Identifier: AGPL-3.0-or-later
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Booking } from '../../src/bookings/booking.ts';
import { AccessLog } from '../../src/database/staff/access-log.ts';
import { CalendarEvent, Guard, OutboxRow } from '../../src/database/rows.ts';
import { Forgetting } from '../../src/front-desk/forgetting.ts';
import type { Authority } from '../../src/offices/authority.ts';
import { at, House, outcomeOf, unionWith } from '../kit/desks.ts';
import { engines } from '../kit/engines.ts';
import { officeWith, serviceWith } from '../offices/sample.ts';

const BY_STAFF = { by: { kind: 'staff', id: 'anna', name: 'Anna Clerk' } } as const;

describe.each(engines)('What is forgotten, and when, on $name', (engine) => {
  let house: House;
  let tests = 0;

  beforeAll(async () => {
    house = await House.open(await engine.freshUrl());
  });
  afterAll(() => house.close());

  const settled = (keepDays: number, counters = 1): Promise<Authority> => {
    const services = [serviceWith({ limits: { perPerson: 9, per: { days: 7, minutes: 0 } } })];
    const privacy = { controller: 'X', dpo: 'Y', keepDays };
    return house.settle(unionWith(counters, { id: `keeps-${tests++}`, privacy, offices: [officeWith({ services })] }));
  };
  const forgetting = (batch?: number) => {
    const log = new AccessLog(house.database, house.clock, 'secret');
    return new Forgetting(house.registers, log, house.issuer, batch);
  };
  async function night(moment: string): Promise<number> {
    house.clock.set(moment);
    const chore = forgetting();
    while (await chore.round());
    return chore.anonymised;
  }
  const current = async ({ id }: Booking): Promise<Booking> => (await house.registers.books.byId(id))!;
  const early = () => house.clock.set('2027-03-01T07:00:00+01:00');

  test('Each authority keeps as long as it says: from the end, or from the cancellation, to the night after', async () => {
    early();
    const [short, long] = [await settled(7), await settled(30)];
    const kept = await house.book(short, at('2027-03-02T09:00'));
    const cancelled = await house.book(short, at('2027-03-22T09:00'));
    const ahead = await house.book(short, at('2027-03-22T10:00'));
    const other = await house.book(long, at('2027-03-02T09:00'));
    await house.changes.cancel(short, cancelled);
    const forgotten = async () =>
      (await Promise.all([kept, cancelled, ahead, other].map(current))).map(({ isForgotten }) => isForgotten);
    await night('2027-03-08T03:00:00+01:00');
    expect(await forgotten()).toEqual([false, false, false, false]);
    await night('2027-03-09T03:00:00+01:00');
    expect(await forgotten()).toEqual([false, true, false, false]);
    await night('2027-03-10T03:00:00+01:00');
    expect(await forgotten()).toEqual([true, true, false, false]);
    await night('2027-04-02T03:00:00+02:00');
    expect(await forgotten()).toEqual([true, true, true, true]);
    const { givenName, email, emailHash, manageHash, ...rest } = await current(kept);
    expect({ givenName, email, emailHash, manageHash }).toEqual({
      givenName: '',
      email: null,
      emailHash: null,
      manageHash: '',
    });
    expect(rest).toMatchObject({ reference: kept.reference, start: kept.start, status: 'confirmed', version: 1 });
    expect((await house.registers.history.of(await current(kept))).map(({ what }) => what)).toEqual([
      'booked',
      'forgotten',
    ]);
    expect(await outcomeOf(house.changes.mark(short, await current(kept), 'done', BY_STAFF))).toBe('not-found');
  });

  test('With a booking goes who came to it, also if they are still to be telephoned', async () => {
    early();
    const services = [serviceWith({ modes: ['video'] })];
    const privacy = { controller: 'X', dpo: 'Y', keepDays: 7 };
    const definition = unionWith(1, { id: `keeps-${tests++}`, privacy, offices: [officeWith({ services })] });
    const authority = await house.settle(definition);
    const booking = await house.book(authority, at('2027-03-02T09:00'), { mode: 'video' });
    house.clock.set('2027-03-02T09:00:00+01:00');
    const arrival = await house.waiting.arrive(authority, booking);
    await house.waiting.callBack(arrival, '0141 123456');
    await night('2027-03-09T03:00:00+01:00');
    expect(await house.opening.find(authority, arrival.id)).toMatchObject({ phone: '0141 123456' });
    await night('2027-03-10T03:00:00+01:00');
    expect(await house.opening.find(authority, arrival.id)).toBeNull();
  });

  test('A crowd is forgotten whole, once, by two instances at a time; guards go with the last booking', async () => {
    early();
    const authority = await settled(7, 30);
    const days = ['02', '03'].flatMap((day) => ['09:00', '10:00'].map((time) => at(`2027-03-${day}T${time}`)));
    for (const start of days)
      await Promise.all(
        Array.from({ length: 30 }, (_, i) => house.book(authority, start, { email: `p${i}@example.org` })),
      );
    const ahead = await house.book(authority, at('2027-03-30T09:00'), { email: 'p0@example.org' });
    const before = forgetting().anonymised;
    house.clock.set('2027-03-20T03:00:00+01:00');
    const chores = [forgetting(25), forgetting(25)];
    await Promise.all(
      chores.map(async (chore) => {
        while (await chore.round());
      }),
    );
    expect(chores.reduce((sum, { anonymised }) => sum + anonymised, before)).toBe(30 * days.length);
    expect(await chores[0]!.round()).toBe(false);
    const bookings = await house.database.reading.findBy(Booking, { authorityId: authority.id });
    expect(bookings.filter((b) => !b.isForgotten).map(({ id }) => id)).toEqual([ahead.id]);
    expect(new Set(bookings.map(({ version }) => version))).toEqual(new Set([0, 1]));
    const guards = await house.database.reading.findBy(Guard, { authorityId: authority.id });
    expect(guards.map(({ emailHash }) => emailHash)).toEqual([ahead.emailHash]);
    expect(await outcomeOf(house.book(authority, at('2027-03-30T10:00'), { email: 'p1@example.org' }))).toBe('ok');
  });

  test('Words of letters that have left go after a week, the letters after ninety days; what is owed stays', async () => {
    early();
    const authority = await settled(365);
    const booking = await house.book(authority, at('2027-03-02T09:00'));
    await house.changes.cancel(authority, booking, { ...BY_STAFF, note: 'Chiusi per "note": neve' });
    const letters = () =>
      house.database.reading.find(OutboxRow, {
        where: { bookingId: booking.id, kind: 'cancelled' },
        order: { recipient: 'ASC' },
      });
    const said = async () => (await letters()).map(({ facts }) => [facts.note, facts.who, facts.by]);
    const finished = (status: string, moment: string, recipient: string) =>
      house.database.run('UPDATE outbox SET status = ?, finished_at = ? WHERE booking_id = ? AND recipient = ?', [
        status,
        Date.parse(moment),
        booking.id,
        recipient,
      ]);
    await finished('sent', '2027-03-01T08:00:00+01:00', 'office');
    const blank = [undefined, undefined, 'staff'];
    const whole = ['Chiusi per "note": neve', 'Anna Clerk', 'staff'];
    await night('2027-03-08T03:00:00+01:00');
    expect(await said()).toEqual([whole, whole]);
    await night('2027-03-09T03:00:00+01:00');
    expect(await said()).toEqual([whole, blank]);
    await finished('dead', '2027-03-06T08:00:00+01:00', 'citizen');
    await night('2027-03-14T03:00:00+01:00');
    expect(await said()).toEqual([blank, blank]);
    await night('2027-05-31T03:00:00+02:00');
    expect((await letters()).map(({ recipient }) => recipient)).toEqual(['citizen']);
    await night('2027-06-05T03:00:00+02:00');
    expect(await letters()).toEqual([]);
  });

  test('When others kept a counter busy is gone the day after; the event in our calendar is written anew without a name', async () => {
    early();
    const authority = await settled(7);
    const counter = authority.counters[0]!.key;
    const booking = await house.book(authority, at('2027-03-02T09:00'));
    const event = (eventId: string, bookingId: string | null, time: string) => {
      const start = at(time);
      const mine = {
        counter,
        eventId,
        bookingId,
        start,
        end: start + 30,
        etag: 'x',
        version: 0,
        generation: 0,
        busy: 1,
      };
      return house.database.transaction((tx) => tx.insert(CalendarEvent, [mine]));
    };
    await event('ours', booking.id, '2027-03-02T09:00');
    await event('past', null, '2027-03-02T09:00');
    await event('ahead', null, '2027-03-22T09:00');
    await night('2027-03-12T03:00:00+01:00');
    const events = await house.database.reading.findBy(CalendarEvent, { counter });
    expect(events.map(({ eventId }) => eventId).toSorted()).toEqual(['ahead', 'ours']);
    const owed = await house.database.reading.findBy(OutboxRow, { bookingId: booking.id, recipient: 'google' });
    expect(owed.map(({ kind, status }) => [kind, status])).toEqual([['event', 'owed']]);
  });
});
