// SPDX-License-Identifier: AGPL-3.0-or-later
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Booking } from '../../src/bookings/booking.ts';
import { CITIZEN, type Change } from '../../src/bookings/change.ts';
import { MARKS } from '../../src/bookings/status.ts';
import { AnswerDeadlines } from '../../src/front-desk/answer-deadlines.ts';
import type { Authority } from '../../src/offices/authority.ts';
import type { Counter, Office, Service } from '../../src/offices/definition.ts';
import { SeededChance } from '../kit/chance.ts';
import { at, counter, House, outcomeOf, refused, said, seat, tally, unionWith } from '../kit/desks.ts';
import { engines } from '../kit/engines.ts';
import { broken } from '../kit/invariants.ts';
import { officeWith, serviceWith } from '../offices/sample.ts';

const START = at('2027-03-10T10:00');
const DAY = 1440;
const MINUTE = 60_000;

const staff = (name: string, more: Partial<Change> = {}): Change => ({
  by: { kind: 'staff', id: name, name },
  ...more,
});
const MARIO = staff('Mario');
const REPLY: Change = { by: { kind: 'reply' } };

describe.each(engines)('The office changes a booking on $name', (engine) => {
  let house: House;
  let other: House;
  let deadlines: AnswerDeadlines;
  let tests = 0;

  beforeAll(async () => {
    const url = await engine.freshUrl();
    house = await House.open(url);
    // A second instance where the database lets one be.
    other = engine.name === 'SQLite' ? house : await House.open(url, { clock: house.clock, beside: true });
    deadlines = new AnswerDeadlines(house.registers, house.changes);
  });
  afterAll(async () => {
    if (other !== house) await other.close();
    await house.close();
  });
  beforeEach(() => house.clock.set('2027-03-01T07:00:00+01:00'));

  const settle = (
    service: Partial<Service> = {},
    counters: Counter[] = [counter('uno', seat(['consulenza']))],
    office: Partial<Office> = {},
  ) =>
    house.settle(
      unionWith(0, {
        id: `unione-${tests++}`,
        offices: [officeWith({ services: [serviceWith(service)], ...office })],
        counters,
      }),
    );
  const current = (booking: Booking) => house.registers.books.byId(booking.id) as Promise<Booking>;
  const fresh = async ({ id }: Authority) => (await house.registers.authorities.find(id))!;
  const sound = async (authority: Authority) =>
    expect(await broken(house.registers, authority, house.clock.now())).toEqual([]);
  const letters = async (booking: Booking) => {
    const rows = await house.database.rows<{ kind: string; recipient: string; facts: string }>(
      'SELECT kind, recipient, facts FROM outbox WHERE booking_id = ? ORDER BY position, recipient',
      [booking.id],
    );
    return rows.map(({ kind, recipient, facts }) => ({
      kind,
      recipient,
      facts: JSON.parse(facts) as Record<string, unknown>,
    }));
  };
  const story = async (booking: Booking) =>
    (await house.registers.history.of(booking)).map((e) => `${e.staffName ?? e.actor} ${e.what}`);
  const staffBook = (authority: Authority, start: number, change: Change, more: object = {}) =>
    house.bookings.book(authority, house.request(start, more), house.repeat(), change);

  test('A yes brings the first invite and the reminders, a no the sentence, each once', async () => {
    const authority = await settle({ confirmation: 'staff', reminders: [{ days: 1, minutes: 0 }] });
    const yes = await house.book(authority, START);
    const confirmed = await house.changes.confirm(authority, yes, { ...MARIO, note: 'Porti i disegni.', version: 0 });
    expect([confirmed.status, confirmed.sequence, confirmed.version]).toEqual(['confirmed', 0, 1]);
    const owed = await letters(yes);
    expect(owed.map((l) => `${l.kind} ${l.recipient}`)).toEqual([
      'requested citizen',
      'requested office',
      'confirmed citizen',
      'confirmed office',
      'reminder citizen',
    ]);
    expect(owed[2]!.facts).toMatchObject({
      by: 'staff',
      who: 'Mario',
      note: 'Porti i disegni.',
      sequence: 0,
      was: { status: 'pending' },
    });
    expect(await outcomeOf(house.changes.confirm(authority, confirmed, MARIO))).toBe('changed');
    const no = await house.book(authority, START + 30);
    const declined = await house.changes.cancel(authority, no, { ...MARIO, note: 'Non posso.' });
    expect([declined.status, declined.cancelledBy]).toEqual(['cancelled', 'staff']);
    expect(await story(no)).toEqual(['citizen booked', 'Mario declined']);
    expect(await outcomeOf(house.changes.confirm(authority, declined, MARIO))).toBe('changed');
    await house.book(authority, START + 30);
    await sound(authority);
  });

  test('A request without an answer is over when the office’s time is, or when its start has come, and told once', async () => {
    const authority = await settle({ confirmation: 'staff' }, undefined, { answerWithin: { days: 3, minutes: 0 } });
    house.clock.set('2027-03-26T10:00:00+01:00');
    // What other tests have left behind.
    await deadlines.expirePending(house.clock.now());
    const [waits, near] = [
      await house.book(authority, at('2027-04-12T10:00')),
      await house.book(authority, at('2027-03-26T12:00')),
    ];
    const answered = await house.book(authority, at('2027-04-12T10:30'));
    await house.changes.confirm(authority, answered, MARIO);
    expect(await deadlines.expirePending(house.clock.now())).toBe(0);
    house.clock.set('2027-03-26T12:00:00+01:00');
    expect(await deadlines.expirePending(house.clock.now())).toBe(1);
    expect((await current(near)).cancelledBy).toBe('deadline');
    // Three days on the wall clock, though the last of them has twenty-three hours.
    house.clock.set('2027-03-29T09:59:59+02:00');
    expect(await deadlines.expirePending(house.clock.now())).toBe(0);
    house.clock.set('2027-03-29T10:00:00+02:00');
    const elsewhere = new AnswerDeadlines(other.registers, other.changes);
    await Promise.all([deadlines, elsewhere, deadlines].map((d) => d.expirePending(house.clock.now())));
    expect([(await current(waits)).status, (await current(waits)).sequence]).toEqual(['cancelled', 1]);
    expect((await letters(waits)).map((l) => [l.kind, l.recipient, l.facts['by']])).toEqual([
      ['requested', 'citizen', 'citizen'],
      ['requested', 'office', 'citizen'],
      ['cancelled', 'citizen', 'deadline'],
      ['cancelled', 'office', 'deadline'],
    ]);
    expect((await current(answered)).status).toBe('confirmed');
    await house.book(authority, at('2027-04-12T10:00'));
    await sound(authority);
  });

  test('What binds the citizen does not bind the office: the last moment, the limit, not having an address', async () => {
    const limits = { perPerson: 1, per: { days: 7, minutes: 0 } };
    const authority = await settle({ limits, cancelUntil: { days: 2, minutes: 0 } });
    const email = 'anna@example.org';
    const first = await house.book(authority, START, { email });
    const second = await house.book(authority, START + 14 * DAY, { email });
    expect(await outcomeOf(house.changes.move(authority, second, START + DAY))).toBe('already-booked');
    expect(await outcomeOf(house.changes.move(authority, second, START + DAY, MARIO))).toBe('ok');
    house.clock.set(START * MINUTE - 60 * MINUTE);
    expect(await outcomeOf(house.changes.cancel(authority, first))).toBe('too-late');
    expect(await outcomeOf(house.changes.cancel(authority, first, REPLY))).toBe('too-late');
    expect(await outcomeOf(house.changes.cancel(authority, first, MARIO))).toBe('ok');
    const third = house.request(START + DAY + 30, { email });
    expect(await outcomeOf(house.bookings.book(authority, third, house.repeat(), MARIO))).toBe('already-booked');
    expect(
      await outcomeOf(house.bookings.book(authority, third, house.repeat(), { ...MARIO, overrule: 'Urgente' })),
    ).toBe('ok');
    const citizen = { givenName: 'Ugo', familyName: 'Gallo', email: null, phone: '0141 1' };
    const mute = await staffBook(authority, START + 2 * DAY, MARIO, { citizen });
    await house.changes.cancel(authority, mute, { ...MARIO, note: 'Chiuso' });
    expect((await letters(mute)).map((l) => l.recipient)).toEqual(['office', 'office']);
    await sound(authority);
  });

  test('With a reason it books and moves outside hours, grid, notice and horizon, and the reason is kept', async () => {
    const authority = await settle({ notice: DAY, horizon: 10 * DAY });
    const why = { ...MARIO, overrule: 'Viene da lontano' };
    for (const [start, plain] of [
      [at('2027-03-10T18:30'), 'closed'],
      [at('2027-03-13T10:00'), 'closed'],
      [at('2027-03-10T10:05'), 'off-grid'],
      [at('2027-03-01T09:30'), 'too-soon'],
      [at('2027-03-30T09:00'), 'too-far'],
      [at('2027-03-01T06:00'), 'closed'],
    ] as const) {
      expect([said(start), await outcomeOf(staffBook(authority, start, MARIO))]).toEqual([said(start), plain]);
      const booking = await staffBook(authority, start, why);
      expect([booking.end - booking.start, authority.counterByKey(booking.counter)!.name]).toEqual([30, 'uno']);
      const [entry] = await house.registers.history.of(booking);
      expect([entry!.note, entry!.detail]).toEqual(['Viene da lontano', { overruled: true }]);
    }
    const booking = await house.book(authority, START + 120);
    const evening = at('2027-03-10T19:00');
    expect(await outcomeOf(house.changes.move(authority, booking, evening, MARIO))).toBe('closed');
    const moved = await house.changes.move(authority, booking, evening, { ...why, note: 'Alle sette.' });
    expect((await house.registers.history.of(booking)).at(-1)!.detail).toMatchObject({
      overruled: true,
      said: 'Alle sette.',
    });
    // Citizens may not, even if they say why.
    expect(
      await outcomeOf(house.changes.move(authority, moved, evening + DAY, { ...CITIZEN, overrule: 'Vorrei' })),
    ).toBe('closed');
    for (const [start, reason] of [
      [START + 2, 'off-grid'],
      [START + 2.5, 'off-grid'],
      [at('2027-02-28T10:00'), 'too-soon'],
      [at('2030-03-01T10:00'), 'too-far'],
    ] as const)
      expect(await outcomeOf(staffBook(authority, start, why))).toBe(reason);
    await sound(authority);
  });

  test('With a reason it takes one more than there are counters, at a place in more, and never two at one place', async () => {
    const definition = [
      counter('uno', seat(['consulenza'])),
      counter('mercoledì', seat(['consulenza'], { days: ['wed'] })),
    ];
    const authority = await settle({ bufferAfter: 10 }, definition);
    const thursday = START + DAY;
    const nameOf = async (booking: Booking) => (await fresh(authority)).counterByKey(booking.counter)!.name;
    const why = { ...MARIO, overrule: 'Urgente' };
    await house.book(authority, thursday);
    expect(await outcomeOf(staffBook(authority, thursday, MARIO))).toBe('slot-taken');
    const extra = await staffBook(authority, thursday, why);
    expect(await nameOf(extra)).toBe('Posto in più 1');
    expect(await outcomeOf(house.book(await fresh(authority), thursday))).toBe('slot-taken');
    const five = await Promise.all(
      [house, other, house, other, house].map((h) =>
        h.bookings.book(authority, house.request(thursday), house.repeat(), why),
      ),
    );
    expect(new Set([extra, ...five].map((b) => b.counter)).size).toBe(6);
    expect((await fresh(authority)).extrasOf('suap').map((c) => c.number)).toEqual([1, 2, 3, 4, 5, 6]);
    // The places made are used again, and what an extra place has is given back like any other.
    await house.changes.cancel(await fresh(authority), extra, MARIO);
    expect(await nameOf(await staffBook(await fresh(authority), thursday, why))).toBe('Posto in più 1');
    const late = await house.book(authority, thursday + 60);
    const moved = await house.changes.move(await fresh(authority), late, thursday, why);
    expect(await nameOf(moved)).toBe('Posto in più 7');
    // Only at this counter: nobody is seated elsewhere unasked.
    const onlyAt = authority.counters[0]!.key;
    expect(await outcomeOf(staffBook(await fresh(authority), thursday, why, { onlyAt }))).toBe('slot-taken');
    await sound(authority);
  });

  test('Another counter at the same time: no letter, the same SEQUENCE, and only where it is free', async () => {
    const two = [
      counter('uno', seat(['consulenza'])),
      counter('due', seat(['consulenza'])),
      counter('altro', seat(['altro'])),
    ];
    const authority = await settle({ reminders: [{ days: 1, minutes: 0 }] }, two);
    const [first, second] = [await house.book(authority, START), await house.book(authority, START)];
    const before = await letters(first);
    expect(await house.changes.freeSeats(authority, first)).toEqual([]);
    expect(await outcomeOf(house.changes.reseat(authority, first, second.counter, MARIO))).toBe('slot-taken');
    expect(await outcomeOf(house.changes.reseat(authority, first, authority.counters[2]!.key, MARIO))).toBe(
      'slot-taken',
    );
    await house.changes.cancel(authority, second, MARIO);
    expect((await house.changes.freeSeats(authority, first)).map((c) => c.key)).toEqual([second.counter]);
    const seated = await house.changes.reseat(authority, first, second.counter, MARIO);
    expect([seated.counter, seated.sequence, seated.version]).toEqual([second.counter, 0, 1]);
    expect(await letters(first)).toEqual(before);
    const back = await house.changes.move(authority, seated, seated.start, MARIO, first.counter);
    expect([back.counter, back.sequence]).toEqual([first.counter, 0]);
    await house.book(authority, START);
    await sound(authority);
  });

  test('What happened on the day is marked and taken back, and then neither moved nor called off', async () => {
    const authority = await settle({ reminders: [{ days: 0, minutes: 120 }] });
    const booking = await house.book(authority, START);
    expect(await outcomeOf(house.changes.mark(authority, booking, 'arrived', MARIO))).toBe('too-soon');
    house.clock.set((START - 60) * MINUTE);
    expect(await outcomeOf(house.changes.mark(authority, booking, 'no_show', MARIO))).toBe('too-soon');
    const arrived = await house.changes.mark(authority, booking, 'arrived', MARIO);
    expect(await outcomeOf(house.changes.move(authority, arrived, START + 30))).toBe('too-late');
    expect(await outcomeOf(house.changes.cancel(authority, arrived, MARIO))).toBe('too-late');
    expect(await outcomeOf(house.changes.mark(authority, arrived, 'no_show', MARIO))).toBe('changed');
    await sound(authority);
    const again = await house.changes.mark(authority, arrived, 'confirmed', MARIO);
    await sound(authority);
    house.clock.set(START * MINUTE);
    const missed = await house.changes.mark(authority, again, 'no_show', MARIO);
    const came = await house.changes.mark(authority, missed, 'arrived', MARIO);
    const done = await house.changes.mark(authority, came, 'done', MARIO);
    expect([done.status, done.sequence, done.version]).toEqual(['done', 0, 5]);
    expect(await story(booking)).toEqual([
      'citizen booked',
      ...['arrived', 'reopened', 'no_show', 'arrived', 'done'].map((w) => `Mario ${w}`),
    ]);
    await sound(authority);
  });

  test('What an answer called off comes back while its time is free, with a higher SEQUENCE', async () => {
    const authority = await settle({ notice: 60, reminders: [{ days: 1, minutes: 0 }] });
    const booking = await house.book(authority, START);
    expect(await outcomeOf(house.changes.restore(authority, booking, CITIZEN))).toBe('changed');
    const off = await house.changes.cancel(authority, booking, REPLY);
    const back = await house.changes.restore(authority, off, CITIZEN);
    expect([back.status, back.sequence, back.cancelledBy]).toEqual(['confirmed', 2, null]);
    await sound(authority);
    const again = await house.changes.cancel(authority, back, REPLY);
    await house.book(authority, START);
    const { reason, more } = await refused(house.changes.restore(authority, again, CITIZEN));
    expect([reason, more.alternatives!.length]).toEqual(['slot-taken', 3]);
    house.clock.set(START * MINUTE);
    expect(await outcomeOf(house.changes.restore(authority, again, CITIZEN))).toBe('too-late');
    house.clock.set(START * MINUTE - 30 * MINUTE);
    const near = await house.changes.cancel(authority, await house.book(authority, START + 60), REPLY);
    house.clock.set(START * MINUTE + 30 * MINUTE);
    expect(await outcomeOf(house.changes.restore(authority, near, CITIZEN))).toBe('ok');
    const own = await house.changes.cancel(authority, await house.book(authority, START + DAY));
    expect(await outcomeOf(house.changes.restore(authority, own, CITIZEN))).toBe('changed');
    await sound(authority);
  });

  test('Of two who decide at once about what they saw, one hears that it has changed', async () => {
    const authority = await settle({ confirmation: 'staff' });
    for (let round = 0; round < 6; round++) {
      const booking = await house.book(authority, START + 30 * round);
      const both = await tally([
        house.changes.confirm(authority, booking, { ...MARIO, version: 0 }),
        other.changes.cancel(authority, booking, staff('Sandra', { version: 0, note: 'No' })),
      ]);
      expect(both).toEqual({ ok: 1, changed: 1 });
      expect((await story(booking)).length).toBe(2);
      await sound(authority);
    }
  });

  test('Staff who overrule and citizens who book at once never share a place', async () => {
    const authority = await settle();
    const why = { ...MARIO, overrule: 'Urgente' };
    for (let round = 0; round < 4; round++) {
      const start = START + 30 * round;
      const outcomes = await tally([
        staffBook(authority, start, why),
        house.book(authority, start),
        other.book(authority, start),
        other.bookings.book(authority, house.request(start), house.repeat(), why),
      ]);
      expect(outcomes['ok']).toBeGreaterThanOrEqual(2);
      await sound(authority);
    }
  });

  test('Of many who want one counter or their place back, each has a place of its own', async () => {
    const authority = await settle(
      {},
      ['uno', 'due', 'tre'].map((id) => counter(id, seat(['consulenza']))),
    );
    for (let round = 0; round < 4; round++) {
      const start = START + 30 * round;
      const [a, b, c] = [
        await house.book(authority, start),
        await house.book(authority, start),
        await house.book(authority, start),
      ];
      const off = await house.changes.cancel(authority, c, REPLY);
      const outcomes = await tally([
        house.changes.reseat(authority, a, c.counter, MARIO),
        other.changes.reseat(authority, b, c.counter, MARIO),
        house.changes.restore(authority, off, CITIZEN),
        other.book(authority, start),
      ]);
      expect(outcomes['ok']).toBeGreaterThanOrEqual(1);
      await sound(authority);
    }
  });

  test('A counter with a calendar owes its event for every change of place, and none for a mark', async () => {
    const calendar = { id: 'uno@group.example', access: 'service_account' } as const;
    const two = [
      { ...counter('uno', seat(['consulenza'])), googleCalendar: calendar },
      counter('due', seat(['consulenza'])),
    ];
    const authority = await settle({}, two);
    const events = async (b: Booking) => (await letters(b)).filter((l) => l.recipient === 'google').length;
    const [uno, due] = authority.counters;
    const booking = await staffBook(authority, START, MARIO, { onlyAt: uno!.key });
    expect(await events(booking)).toBe(1);
    const away = await house.changes.reseat(authority, booking, due!.key, MARIO);
    expect(await events(booking)).toBe(2);
    const moved = await house.changes.move(authority, away, START + 30, MARIO);
    expect([moved.counter, await events(booking)]).toEqual([due!.key, 2]);
    const back = await house.changes.reseat(authority, moved, uno!.key, MARIO);
    await house.changes.cancel(authority, await house.changes.move(authority, back, START, MARIO), MARIO);
    expect(await events(booking)).toBe(5);
    const marked = await staffBook(authority, START, MARIO, { onlyAt: uno!.key });
    house.clock.set((START - 60) * MINUTE);
    await house.changes.mark(authority, marked, 'arrived', MARIO);
    expect(await events(marked)).toBe(1);
  });

  test('After any day of citizens and staff everything still says the same', async () => {
    const seed = process.env['SEED'] ?? `${Date.now()}`;
    const chance = new SeededChance(`office ${seed}`);
    const pick = (n: number): number => Buffer.from(chance.bytes(4)).readUInt32BE() % n;
    const services = [
      serviceWith({ id: 'plain', bufferAfter: 10, reminders: [{ days: 0, minutes: 120 }] }),
      serviceWith({ id: 'slow', confirmation: 'staff', limits: { perPerson: 2, per: { days: 1, minutes: 0 } } }),
    ];
    const counters = [counter('a', seat(['plain', 'slow'])), counter('b', seat(['plain']))];
    const definition = unionWith(0, {
      id: `unione-${tests++}`,
      offices: [officeWith({ services, slotStep: 15, answerWithin: { days: 0, minutes: 20 } })],
      counters,
    });
    let authority = await house.settle(definition);
    const bookings: Booking[] = [];
    const start = () => at('2027-03-10T09:00') + 15 * pick(12);
    const who = (): Change =>
      [MARIO, staff('Sandra'), staff('Ugo', { overrule: 'Perché sì' }), CITIZEN, REPLY][pick(5)]!;
    const any = async () => {
      const booking = bookings[pick(Math.max(1, bookings.length))];
      return booking && (pick(3) ? current(booking) : booking);
    };
    const on = async (does: (booking: Booking) => Promise<unknown>) => {
      const booking = await any();
      if (booking) await does(booking);
    };
    const desk = () => (pick(2) ? house : other).changes;
    const seen = (change: Change, { version }: Booking) => (pick(2) ? { ...change, version } : change);
    const book = async () => {
      const serviceId = ['plain', 'slow'][pick(2)]!;
      const email = pick(3) ? `citizen-${pick(4)}@example.org` : undefined;
      const by = who();
      const change = by.by.kind === 'reply' ? CITIZEN : by;
      bookings.push(await staffBook(authority, start(), change, { serviceId, ...(email ? { email } : {}) }));
    };
    const acts = [
      book,
      book,
      () => on((b) => desk().move(authority, b, start(), seen(who(), b))),
      () => on((b) => desk().cancel(authority, b, seen(who(), b))),
      () => on((b) => desk().cancel(authority, b, REPLY)),
      () => on((b) => desk().confirm(authority, b, seen(MARIO, b))),
      () => on((b) => desk().mark(authority, b, MARKS[pick(4)]!, seen(MARIO, b))),
      () => on((b) => desk().reseat(authority, b, authority.counters[pick(2)]!.key, seen(MARIO, b))),
      () => on((b) => desk().restore(authority, b, CITIZEN)),
      async () => void (await deadlines.expirePending(house.clock.now())),
    ];
    const outcomes: Record<string, number> = {};
    for (let round = 0; round < 25; round++) {
      const counts = await tally(Array.from({ length: 8 }, () => acts[pick(acts.length)]!()));
      for (const [outcome, n] of Object.entries(counts)) outcomes[outcome] = (outcomes[outcome] ?? 0) + n;
      const problems = await broken(house.registers, authority, house.clock.now());
      if (problems.length) throw new Error(`seed ${seed}, round ${round}: ${problems.join('; ')}`);
      house.clock.advance(pick(2) * 7 * MINUTE);
      if (pick(4) === 0) authority = await fresh(authority);
    }
    expect(outcomes['ok']).toBeGreaterThan(40);
  });
});
