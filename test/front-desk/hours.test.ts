// SPDX-License-Identifier: AGPL-3.0-or-later
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Booking } from '../../src/bookings/booking.ts';
import { HoursDesk, type Decision, type Preview } from '../../src/front-desk/hours/hours-desk.ts';
import { newPlaces } from '../../src/front-desk/hours/new-places.ts';
import { proposedAuthority } from '../../src/front-desk/hours/proposal.ts';
import { standsOutside } from '../../src/front-desk/hours/standing.ts';
import type { Authority } from '../../src/offices/authority.ts';
import type { AuthorityDefinition, Office } from '../../src/offices/definition.ts';
import { at, counter, House, outcomeOf, said, seat, unionWith } from '../kit/desks.ts';
import { engines } from '../kit/engines.ts';
import { broken } from '../kit/invariants.ts';
import { officeWith, serviceWith, WORKDAYS } from '../offices/sample.ts';

const BY = { kind: 'staff', id: 'staff-1', name: 'Maria Bianchi' } as const;

/** The definition with its only office otherwise. */
const withOffice = ({ definition }: Authority, parts: Partial<Office>): AuthorityDefinition => ({
  ...definition,
  offices: definition.offices.map((office) => ({ ...office, ...parts })),
});

const closedOn = (date: string) => ({ closures: [{ from: date, through: date, reason: 'Trasloco' }] });
const losers = ({ lose }: Preview) => lose.map(({ booking, why }) => `${said(booking.start)} ${why}`);

describe.each(engines)('At the desk of hours on $name', (engine) => {
  let house: House;
  let desk: HoursDesk;
  let tests = 0;

  beforeAll(async () => {
    house = await House.open(await engine.freshUrl());
    desk = new HoursDesk(house.registers, house.changes, house.rules, house.issuer);
  });
  afterAll(() => house.close());
  beforeEach(() => house.clock.set('2027-03-01T07:00:00+01:00'));

  const settle = (counters = 1, parts: Partial<AuthorityDefinition> = {}) =>
    house.settle(unionWith(counters, { id: `orari-${tests++}`, ...parts }));
  const book = (authority: Authority, ...starts: string[]) =>
    Promise.all(starts.map((start) => house.book(authority, at(start))));
  const decide = (...pairs: [Booking, Decision][]) => new Map(pairs.map(([booking, d]) => [booking.id, d]));
  const now = async (authority: Authority) => (await house.registers.authorities.find(authority.id))!;
  const again = async ({ id }: Booking) => (await house.registers.books.byId(id))!;
  const letters = async ({ id }: Booking) => {
    const rows = await house.database.rows<{ kind: string; facts: string }>(
      "SELECT kind, facts FROM outbox WHERE booking_id = ? AND recipient = 'citizen' ORDER BY position",
      [id],
    );
    return rows.map(({ kind, facts }) => [kind, (JSON.parse(facts) as { note?: string }).note]);
  };
  const sound = async (authority: Authority) =>
    expect(await broken(house.registers, authority, house.clock.now())).toEqual([]);

  test('A preview counts who stays, names who loses their place, and changes nothing', async () => {
    const authority = await settle();
    await book(authority, '2027-03-02T09:00', '2027-03-02T12:30', '2027-03-03T12:00');
    const shorter = withOffice(authority, { openingHours: [{ days: WORKDAYS, opens: 540, closes: 750 }] });
    const preview = await desk.preview(authority, shorter);
    expect(losers(preview)).toEqual(['2027-03-02T12:30 closed']);
    expect(preview.stay).toBe(2);
    expect(preview.changes).toEqual([{ kind: 'office', id: 'suap', what: 'changed', key: 'opening_hours' }]);
    expect((await now(authority)).revision).toBe(authority.revision);
  });

  test('What is past or called off loses nothing', async () => {
    const authority = await settle();
    const [early, late] = await book(authority, '2027-03-02T09:00', '2027-03-02T10:00');
    await house.changes.cancel(authority, late!);
    expect(losers(await desk.preview(authority, withOffice(authority, closedOn('2027-03-02'))))).toEqual([
      '2027-03-02T09:00 closed',
    ]);
    house.clock.set('2027-03-02T09:00:00+01:00');
    expect((await desk.preview(authority, withOffice(authority, closedOn('2027-03-02')))).lose).toEqual([]);
    expect(early!.isLive).toBe(true);
  });

  test('Each way to lose a place has its name', async () => {
    const services = [serviceWith({ modes: ['in_person', 'video'] }), serviceWith({ id: 'altro' })];
    const counters = [
      counter('a', seat(['consulenza', 'altro'])),
      counter('b', seat(['consulenza'], { days: ['tue', 'wed'] })),
    ];
    const authority = await settle(0, { offices: [officeWith({ services })], counters });
    const { definition } = authority;
    const start = at('2027-03-02T09:00');
    const narrow = await house.book(authority, start);
    const other = await house.book(authority, start, { serviceId: 'altro' });
    const video = await house.book(authority, at('2027-03-03T09:00'), { mode: 'video' });
    const why = async (next: AuthorityDefinition) =>
      (await desk.preview(authority, next)).lose.map(({ booking, why: w }) => [booking.id, w]);

    expect(await why({ ...definition, offices: [officeWith({ services: [services[0]!] })] })).toEqual([
      [other.id, 'service'],
    ]);
    expect(await why(withOffice(authority, { services: [serviceWith(), services[1]!] }))).toEqual([[video.id, 'mode']]);
    expect(await why({ ...definition, counters: [counters[0]!] })).toEqual(
      [narrow, video].filter((b) => b.counter !== other.counter).map((b) => [b.id, 'counter']),
    );
    const thursdays = { ...counters[1]!, serves: [seat(['consulenza'], { days: ['thu'] as const })] };
    expect((await why({ ...definition, counters: [counters[0]!, thursdays] })).map(([, w]) => w)).toContain('counter');
    expect(new Set((await why({ ...definition, offices: [], counters: [] })).map(([, w]) => w))).toEqual(
      new Set(['office']),
    );
    const onlyProfessionals = [{ days: WORKDAYS, opens: 540, closes: 780, audience: ['professionals'] as const }];
    expect(await why(withOffice(authority, { openingHours: onlyProfessionals }))).toHaveLength(3);
  });

  test('A holiday, a clock change and a pause after the appointment are what they are at the counter', async () => {
    house.clock.set('2027-10-01T07:00:00+02:00');
    const sundays = [{ days: ['sun'] as const, opens: 0, closes: 360 }];
    const office = officeWith({ openingHours: sundays, services: [serviceWith({ bufferAfter: 30 })] });
    const authority = await settle(1, { offices: [office] });
    const skipped = await house.book(authority, at('2027-10-31T04:00'));
    const last = await house.book(authority, at('2027-10-31T05:30'));
    expect(last.busyUntil).toBe(at('2027-10-31T06:30'));
    const until = (closes: number) => withOffice(authority, { openingHours: [{ ...sundays[0]!, closes }] });
    expect((await desk.preview(authority, until(360))).lose).toEqual([]);
    expect(losers(await desk.preview(authority, until(355)))).toEqual(['2027-10-31T05:30 closed']);
    expect(losers(await desk.preview(authority, until(265)))).toEqual([
      '2027-10-31T04:00 closed',
      '2027-10-31T05:30 closed',
    ]);
    const kept = { date: '2027-10-31', opens: 240, closes: 270 };
    const feast = {
      ...withOffice(authority, { openings: [kept] }),
      municipalities: [{ id: 'mombercelli', name: 'M', hosts: [], patronSaint: { date: '10-31', name: 'Patrono' } }],
    };
    expect(losers(await desk.preview(authority, feast))).toEqual(['2027-10-31T05:30 closed']);
    expect(skipped.isLive).toBe(true);
  });

  test('Keep, move and cancel are done with one letter each, and the mark of what is kept is computed', async () => {
    const authority = await settle();
    const [keep, move, cancel] = await book(authority, '2027-03-02T09:00', '2027-03-02T09:30', '2027-03-02T10:00');
    const definition = withOffice(authority, closedOn('2027-03-02'));
    const to = at('2027-03-03T09:30');
    const decisions = decide([keep!, { to: 'keep' }], [move!, { to: 'move', start: to }], [cancel!, { to: 'cancel' }]);
    const note = 'Ci trasferiamo in piazza.';
    expect(await desk.apply(authority, definition, decisions, { by: BY, note })).toEqual({
      kept: 1,
      cancelled: 1,
      moved: 1,
      notMoved: [],
    });
    const current = await now(authority);
    expect(current.definition.offices[0]!.closures).toHaveLength(1);
    expect(await letters(keep!)).toEqual([['confirmed', undefined]]);
    expect(await letters(move!)).toEqual([
      ['confirmed', undefined],
      ['moved', note],
    ]);
    expect(await letters(cancel!)).toEqual([
      ['confirmed', undefined],
      ['cancelled', note],
    ]);
    expect(standsOutside(current, await again(keep!))).toBe('closed');
    expect(standsOutside(current, await again(move!))).toBeNull();
    expect((await again(move!)).start).toBe(to);
    expect((await again(cancel!)).cancelledBy).toBe('staff');
    const story = await house.registers.history.of(keep!);
    expect(story.map(({ what, staffName, note: told }) => [what, staffName, told]).at(-1)).toEqual([
      'kept',
      BY.name,
      note,
    ]);
    // Kept once, it is no news the next time.
    expect((await desk.preview(current, withOffice(current, { name: 'SUAP' }))).lose).toEqual([]);
    await sound(authority);
  });

  test('Nothing at all is done when a booking loses its place of which nothing was decided', async () => {
    const authority = await settle();
    const [seen] = await book(authority, '2027-03-02T09:00');
    const definition = withOffice(authority, closedOn('2027-03-02'));
    const [unseen] = await book(authority, '2027-03-02T10:00');
    const apply = () => desk.apply(authority, definition, decide([seen!, { to: 'cancel' }]), { by: BY });
    expect(await outcomeOf(apply())).toBe('changed');
    expect((await now(authority)).revision).toBe(authority.revision);
    expect((await again(seen!)).status).toBe('confirmed');
    expect((await again(unseen!)).status).toBe('confirmed');
    await sound(authority);
  });

  test('Of two who edit the same authority at once, one is told', async () => {
    const authority = await settle();
    const [first, second] = [withOffice(authority, { name: 'Prima' }), withOffice(authority, { name: 'Seconda' })];
    const results = await Promise.all(
      [first, second].map((d) => outcomeOf(desk.apply(authority, d, new Map(), { by: BY }))),
    );
    expect(results.toSorted()).toEqual(['changed', 'ok']);
    const { definition, revision } = await now(authority);
    expect(revision).toBe(authority.revision + 1);
    expect(definition.offices[0]!.name).toBe(results[0] === 'ok' ? 'Prima' : 'Seconda');
  });

  test('A move that comes too late leaves the booking valid, and says so', async () => {
    const authority = await settle();
    const [booking] = await book(authority, '2027-03-02T09:00');
    const to = at('2027-03-03T09:30');
    await house.book(authority, to);
    const definition = withOffice(authority, closedOn('2027-03-02'));
    const applied = await desk.apply(authority, definition, decide([booking!, { to: 'move', start: to }]), { by: BY });
    expect(applied.moved).toBe(0);
    expect(applied.notMoved.map(({ id }) => id)).toEqual([booking!.id]);
    expect(standsOutside(await now(authority), await again(booking!))).toBe('closed');
    expect(await letters(booking!)).toEqual([['confirmed', undefined]]);
    await sound(authority);
  });

  test('Who loses only their counter is seated at another, at the same time and without a letter', async () => {
    const authority = await settle(2);
    const [booking] = await book(authority, '2027-03-02T09:00');
    const left = authority.counters.find(({ key }) => key !== booking!.counter)!;
    const definition = {
      ...authority.definition,
      counters: authority.definition.counters.filter(({ id }) => id === left.id),
    };
    const { lose } = await desk.preview(authority, definition);
    expect(lose.map(({ why }) => why)).toEqual(['counter']);
    const places = await newPlaces(house.timetable, proposedAuthority(authority, definition), [booking!]);
    expect(places.get(booking!.id)![0]).toBe(booking!.start);
    await desk.apply(authority, definition, decide([booking!, { to: 'move', start: booking!.start }]), { by: BY });
    expect(await again(booking!)).toMatchObject({ counter: left.key, start: booking!.start, sequence: 0 });
    expect(await letters(booking!)).toEqual([['confirmed', undefined]]);
    await sound(authority);
  });

  test('The places offered first go to nobody twice, and all of them can be taken', async () => {
    const authority = await settle();
    const bookings = await book(authority, '2027-03-02T09:00', '2027-03-02T09:30', '2027-03-02T10:00');
    const definition = withOffice(authority, closedOn('2027-03-02'));
    const places = await newPlaces(house.timetable, proposedAuthority(authority, definition), bookings);
    const firsts = bookings.map(({ id }) => places.get(id)![0]!);
    expect(new Set(firsts).size).toBe(3);
    const decisions = decide(...bookings.map((b, i): [Booking, Decision] => [b, { to: 'move', start: firsts[i]! }]));
    expect((await desk.apply(authority, definition, decisions, { by: BY })).moved).toBe(3);
    await sound(authority);
  });

  test('One counter is not promised twice, to another mode or to a longer service', async () => {
    const services = [serviceWith({ modes: ['in_person', 'video'] }), serviceWith({ id: 'lungo', duration: 60 })];
    const authority = await settle(1, {
      offices: [officeWith({ services })],
      counters: [counter('sportello-1', seat(['consulenza', 'lungo']))],
    });
    const asked = [{}, { mode: 'video' }, { serviceId: 'lungo' }] as const;
    const bookings = await Promise.all(
      asked.map((parts, i) => house.book(authority, at(`2027-03-02T1${i}:00`), parts)),
    );
    const definition = withOffice(authority, closedOn('2027-03-02'));
    const { lose } = await desk.preview(authority, definition);
    const losing = lose.map(({ booking }) => booking);
    const places = await newPlaces(house.timetable, proposedAuthority(authority, definition), losing);
    const decisions = losing.map((b): [Booking, Decision] => [b, { to: 'move', start: places.get(b.id)![0]! }]);
    expect(await desk.apply(authority, definition, decide(...decisions), { by: BY })).toMatchObject({
      moved: bookings.length,
      notMoved: [],
    });
    await sound(authority);
  });

  test('A service that is removed has no new places, and its bookings can still be called off', async () => {
    const authority = await settle();
    const [booking] = await book(authority, '2027-03-02T09:00');
    const { definition } = authority;
    const gone = { ...definition, offices: [officeWith({ services: [serviceWith({ id: 'altro' })] })], counters: [] };
    expect((await newPlaces(house.timetable, proposedAuthority(authority, gone), [booking!])).get(booking!.id)).toEqual(
      [],
    );
    await desk.apply(authority, gone, decide([booking!, { to: 'cancel' }]), { by: BY });
    expect((await again(booking!)).status).toBe('cancelled');
    expect(
      await outcomeOf(house.bookings.book(await now(authority), house.request(at('2027-03-02T09:00')), house.repeat())),
    ).toBe('invalid');
    await sound(authority);
  });

  test('A decision about a booking of another authority does nothing', async () => {
    const [mine, other] = [await settle(), await settle()];
    const [theirs] = await book(other, '2027-03-02T09:00');
    const definition = withOffice(mine, closedOn('2027-03-02'));
    const applied = await desk.apply(mine, definition, decide([theirs!, { to: 'cancel' }]), { by: BY });
    expect(applied).toEqual({ kept: 0, cancelled: 0, moved: 0, notMoved: [] });
    expect((await again(theirs!)).status).toBe('confirmed');
  });
});
