// SPDX-License-Identifier: AGPL-3.0-or-later
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createConnection } from 'mysql2/promise';
import { sha256 } from '../../src/bookings/token.ts';
import { Claims } from '../../src/database/claims.ts';
import { Guards } from '../../src/database/guards.ts';
import { Sweeper } from '../../src/database/sweeper.ts';
import { Rules } from '../../src/front-desk/rules.ts';
import type { Authority } from '../../src/offices/authority.ts';
import type { AuthorityDefinition } from '../../src/offices/definition.ts';
import { officeWith, serviceWith } from '../offices/sample.ts';
import { at, counter, House, outcomeOf, refused, said, seat, tally, unionWith, wishFor } from '../kit/desks.ts';
import { engines } from '../kit/engines.ts';
import { broken } from '../kit/invariants.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const START = at('2027-03-02T10:00');
const OFTEN = Array.from({ length: 50 }, (_, i) => i);

/** Several services of different lengths given by one counter. */
const services = [
  serviceWith({ id: 'quarter', duration: 15 }),
  serviceWith({ id: 'half', duration: 30 }),
  serviceWith({ id: 'three', duration: 45 }),
  serviceWith({ id: 'tidied', duration: 30, bufferAfter: 15 }),
  serviceWith({ id: 'strict', notice: 120, horizon: 10 * 1440, modes: ['in_person', 'phone'] }),
  serviceWith({
    id: 'asking',
    fields: [
      { id: 'foglio', label: 'Foglio', type: 'number', required: true, options: [] },
      { id: 'zona', label: 'Zona', type: 'choice', required: false, options: ['A', 'B'] },
    ],
  }),
  serviceWith({ id: 'slow', confirmation: 'staff', reminders: [{ days: 3, minutes: 0 }] }),
  serviceWith({ id: 'once', limits: { perPerson: 1, per: { days: 7, minutes: 0 } } }),
  serviceWith({ id: 'twice', limits: { perPerson: 2, per: { days: 7, minutes: 0 } } }),
  serviceWith({ id: 'studios', audience: ['professionals'] }),
];
const manyServices = (id: string, counters = 1): AuthorityDefinition =>
  unionWith(0, {
    id,
    offices: [officeWith({ slotStep: 15, services })],
    counters: Array.from({ length: counters }, (_, i) => counter(`c${i}`, seat(services.map((s) => s.id)))),
  });

describe.each(engines)('At the booking desk on $name', (engine) => {
  let house: House;
  let union: Authority;
  let tests = 0;

  beforeAll(async () => {
    house = await House.open(await engine.freshUrl());
  });
  afterAll(() => house.close());

  /** Every test has an authority, and so counters, of its own. */
  beforeEach(async () => {
    house.clock.set('2027-03-01T07:00:00+01:00');
    union = await house.settle(unionWith(1, { id: `unione-${tests++}` }));
  });

  const settle = (definition: (id: string) => AuthorityDefinition) => house.settle(definition(`unione-${tests++}`));
  const free = (start = START, serviceId = 'consulenza', authority = union) =>
    house.listed(authority, said(start).slice(0, 10), undefined, serviceId).then((s) => s.includes(said(start)));
  const lettersOf = (authority = union) =>
    house.database.rows<{ kind: string; recipient: string }>(
      'SELECT kind, recipient FROM outbox WHERE authority_id = ? ORDER BY position',
      [authority.id],
    );

  test('A booking has its place, its reference, its links, and a letter to each reader', async () => {
    const booking = await house.book(union, START, { reason: 'Un passo carraio', language: 'en' });
    expect(booking).toMatchObject({ status: 'confirmed', sequence: 0, start: START, end: START + 30, language: 'en' });
    expect(booking.reference).toMatch(/^[2-9A-HJ-NP-Z]{7}$/);
    expect(await house.bookings.byReference(union, booking.reference)).toEqual(booking);
    const tokens = (['manage', 'meeting'] as const).map((kind) => house.tokens.derive(kind, booking));
    expect(await house.bookings.byToken(union, 'manage', tokens[0]!)).toEqual(booking);
    expect(await house.bookings.byToken(union, 'meeting', tokens[1]!)).toEqual(booking);
    expect(await house.bookings.byToken(union, 'manage', tokens[1]!)).toBeNull();
    expect(await house.bookings.byToken(union, 'manage', booking.manageHash)).toBeNull();
    expect(await lettersOf()).toEqual([
      { kind: 'confirmed', recipient: 'citizen' },
      { kind: 'confirmed', recipient: 'office' },
    ]);
    const other = await house.settle(unionWith(1, { id: `unione-${tests++}` }));
    expect(await house.bookings.byReference(other, booking.reference)).toBeNull();
    expect(await house.bookings.byToken(other, 'manage', tokens[0]!)).toBeNull();
  });

  test('A place that waits for the office is taken at once and owes no reminder', async () => {
    const authority = await settle(manyServices);
    const booking = await house.book(authority, at('2027-03-09T10:00'), { serviceId: 'slow' });
    expect(booking.status).toBe('pending');
    expect((await lettersOf(authority)).map((l) => l.kind)).toEqual(['requested', 'requested']);
    expect(await outcomeOf(house.book(authority, booking.start, { serviceId: 'half' }))).toBe('slot-taken');
    expect(await broken(house.registers, authority, house.clock.now())).toEqual([]);
  });

  test.each([
    ['09:00', 'three', 'slot-taken'],
    ['10:00', 'half', 'slot-taken'],
    ['09:30', 'three', 'slot-taken'],
    ['09:45', 'quarter', 'slot-taken'],
    ['09:15', 'quarter', 'ok'],
    ['10:15', 'half', 'ok'],
    ['09:00', 'half', 'ok'],
    ['09:00', 'tidied', 'slot-taken'],
    ['12:30', 'tidied', 'ok'],
  ])('With 09:30 to 10:15 taken, %s for %s is %s', async (time, serviceId, outcome) => {
    const authority = await settle(manyServices);
    await house.book(authority, at('2027-03-02T09:30'), { serviceId: 'three' });
    const start = at(`2027-03-02T${time}`);
    expect(await free(start, serviceId, authority)).toBe(outcome === 'ok');
    expect(await outcomeOf(house.book(authority, start, { serviceId }))).toBe(outcome);
    expect(await broken(house.registers, authority, house.clock.now())).toEqual([]);
  });

  test('The buffer after an appointment is taken though it is no part of its end', async () => {
    const authority = await settle(manyServices);
    const booking = await house.book(authority, START, { serviceId: 'tidied' });
    expect([booking.end, booking.busyUntil]).toEqual([START + 30, START + 45]);
    expect(await outcomeOf(house.book(authority, START + 30, { serviceId: 'quarter' }))).toBe('slot-taken');
    expect(await outcomeOf(house.book(authority, START + 45, { serviceId: 'quarter' }))).toBe('ok');
  });

  test('Fifty at once for one place make one booking and forty-nine refusals with alternatives', async () => {
    const ended = await Promise.allSettled(OFTEN.map(() => house.book(union, START)));
    const booked = ended.filter((e) => e.status === 'fulfilled');
    expect(booked).toHaveLength(1);
    for (const end of ended)
      if (end.status === 'rejected') {
        expect(end.reason).toMatchObject({ reason: 'slot-taken' });
        const alternatives = (end.reason as { more: { alternatives: { start: number }[] } }).more.alternatives;
        expect(alternatives.map((a) => said(a.start))).toEqual([
          '2027-03-02T09:30',
          '2027-03-02T10:30',
          '2027-03-02T09:00',
        ]);
      }
    expect(await lettersOf()).toHaveLength(2);
    expect(await broken(house.registers, union, house.clock.now())).toEqual([]);
  });

  test('Fifty at once where three counters are free make three', async () => {
    const authority = await settle((id) => unionWith(3, { id }));
    expect(await tally(OFTEN.map(() => house.book(authority, START)))).toEqual({ ok: 3, 'slot-taken': 47 });
    expect(await broken(house.registers, authority, house.clock.now())).toEqual([]);
  });

  test('Without claims the same fifty would double it, and the invariants say so', async () => {
    class NoClaims extends Claims {
      override take(): Promise<void> {
        return Promise.resolve();
      }
    }
    const url = await engine.freshUrl();
    const naive = await House.open(url, { faulty: { claims: new NoClaims() } });
    try {
      const authority = await naive.settle(unionWith());
      const outcomes = await tally(OFTEN.map(() => naive.book(authority, START)));
      expect(outcomes['ok']).toBeGreaterThan(1);
      const problems = await broken(naive.registers, authority, naive.clock.now());
      expect(problems.some((p) => p.includes('overlaps'))).toBe(true);
      expect(problems.some((p) => p.startsWith('no claim'))).toBe(true);
    } finally {
      await naive.close();
    }
  });

  test('The counter with the fewest services comes first, then the one least used that day', async () => {
    const authority = await settle((id) =>
      unionWith(0, {
        id,
        offices: [officeWith({ services: [serviceWith(), serviceWith({ id: 'altro' })] })],
        counters: [
          counter('broad', seat(['consulenza', 'altro'])),
          counter('narrow-1', seat(['consulenza'])),
          counter('narrow-2', seat(['consulenza'])),
        ],
      }),
    );
    const nameOf = (b: { counter: number }) => authority.counterByKey(b.counter)!.id;
    const names: string[] = [];
    for (const time of ['09:00', '09:30', '10:00', '10:00', '10:00'])
      names.push(nameOf(await house.book(authority, at(`2027-03-02T${time}`))));
    expect(names).toEqual(['narrow-1', 'narrow-2', 'narrow-1', 'narrow-2', 'broad']);
    expect(nameOf(await house.book(authority, at('2027-03-03T09:00')))).toBe('narrow-1');
  });

  test('Refusals come in the order of the contract', async () => {
    const authority = await settle(manyServices);
    const hold = { id: 'unknown', secret: 'x' };
    house.clock.set('2027-03-02T09:30:00+01:00');
    const strict = { serviceId: 'strict', hold };
    const why = (start: number, parts: object) => outcomeOf(house.book(authority, start, { ...strict, ...parts }));
    const sunday = at('2027-03-07T10:00');
    expect(await why(sunday, { officeId: 'nowhere' })).toBe('invalid');
    expect(await why(sunday, { serviceId: 'none' })).toBe('invalid');
    expect(await why(sunday, { serviceId: 'studios' })).toBe('invalid');
    expect(await why(sunday, { mode: 'video' })).toBe('invalid');
    expect(await why(sunday, { mode: 'phone' })).toBe('invalid');
    expect(await why(sunday, { fields: { altro: 'x' } })).toBe('invalid');
    expect(await why(sunday, {})).toBe('closed');
    expect(await why(at('2027-03-02T12:45'), {})).toBe('closed');
    expect(await why(at('2027-03-02T12:35'), {})).toBe('closed');
    expect(await why(at('2027-03-02T10:05'), {})).toBe('off-grid');
    expect(await why(at('2027-03-02T10:00') + 0.5, {})).toBe('off-grid');
    expect(await why(at('2027-03-02T11:15'), {})).toBe('too-soon');
    expect(await why(at('2027-03-12T09:45'), {})).toBe('too-far');
    expect(await why(at('2027-03-12T09:30'), {})).toBe('hold-expired');
    expect(await why(at('2027-03-02T11:30'), {})).toBe('hold-expired');
    const email = 'already@example.org';
    await house.book(authority, at('2027-03-03T10:00'), { serviceId: 'once', email });
    const again = (start: string, parts: object = {}) =>
      outcomeOf(house.book(authority, at(start), { serviceId: 'once', email, ...parts }));
    expect(await again('2027-03-03T10:00', { hold })).toBe('hold-expired');
    expect(await again('2027-03-03T10:00')).toBe('already-booked');
    expect(await again('2027-03-04T10:00')).toBe('already-booked');
    expect(await again('2027-03-03T10:00', { email: 'other@example.org' })).toBe('slot-taken');
  });

  test('A wrong answer to a service’s own question names its field', async () => {
    const authority = await settle(manyServices);
    const parts = { serviceId: 'asking', fields: { foglio: 'dodici', zona: 'C', altro: 'x' } };
    const { more } = await refused(house.book(authority, START, parts));
    expect(more.errors!.map((e) => e.field).sort()).toEqual(['fields.altro', 'fields.foglio', 'fields.zona']);
    const good = await house.book(authority, START, { serviceId: 'asking', fields: { foglio: '12', zona: 'B' } });
    expect((await house.bookings.byReference(authority, good.reference))!.fields).toEqual({ foglio: '12', zona: 'B' });
  });

  describe('within the limits of a person', () => {
    const quarters = Array.from({ length: 16 }, (_, i) => at('2027-03-02T09:00') + 15 * i).slice(0, 15);

    test('Fifteen at once of one address make exactly as many as the service allows', async () => {
      const authority = await settle((id) => manyServices(id, 20));
      const same = quarters.map((start, i) => ({ start, email: i % 2 ? 'Carla@Example.org' : ' carla@example.org' }));
      const outcomes = await tally(
        same.map(({ start, email }) => house.book(authority, start, { serviceId: 'twice', email })),
      );
      expect(outcomes).toEqual({ ok: 2, 'already-booked': 13 });
      expect(await broken(house.registers, authority, house.clock.now())).toEqual([]);
    });

    test('A window is seven days of the wall clock, also where the hour changes', async () => {
      const authority = await settle(manyServices);
      const email = 'anna@example.org';
      const again = (start: string) => outcomeOf(house.book(authority, at(start), { serviceId: 'once', email }));
      house.clock.set('2027-03-20T08:00:00+01:00');
      expect(await again('2027-03-24T10:00')).toBe('ok');
      expect(await again('2027-03-31T09:45')).toBe('already-booked');
      expect(await again('2027-03-31T10:00')).toBe('ok');
      expect(await again('2027-04-06T10:00')).toBe('already-booked');
    });

    test('Cancelled ones do not count, nor do other services or other people', async () => {
      const authority = await settle(manyServices);
      const email = 'anna@example.org';
      const first = await house.book(authority, START, { serviceId: 'once', email });
      expect(await outcomeOf(house.book(authority, START + 60, { serviceId: 'half', email }))).toBe('ok');
      expect(await outcomeOf(house.book(authority, START + 90, { serviceId: 'once', email: 'b@example.org' }))).toBe(
        'ok',
      );
      await house.changes.cancel(authority, first);
      expect(await outcomeOf(house.book(authority, START, { serviceId: 'once', email }))).toBe('ok');
    });
  });

  describe('with one key', () => {
    test('Ten parallel repeats make one booking, ten equal answers, one pair of letters', async () => {
      const [request, repeat] = [house.request(START), house.repeat()];
      const ten = await Promise.all(OFTEN.slice(0, 10).map(() => house.bookings.book(union, request, repeat)));
      for (const answer of ten) expect(answer).toEqual(ten[0]);
      expect(await lettersOf()).toHaveLength(2);
      expect(await broken(house.registers, union, house.clock.now())).toEqual([]);
    });

    test('Ten parallel repeats that spend a hold are one booking too', async () => {
      const { hold, secret } = await house.holds.hold(union, wishFor(START));
      const [request, repeat] = [house.request(START, { hold: { id: hold.id, secret } }), house.repeat()];
      const ten = await Promise.all(OFTEN.slice(0, 10).map(() => house.bookings.book(union, request, repeat)));
      expect(new Set(ten.map((b) => b.reference)).size).toBe(1);
      expect(await lettersOf()).toHaveLength(2);
    });

    test('A repeat is answered as the first time, whatever became of the booking, for 24 hours', async () => {
      const [request, repeat] = [house.request(START + 3 * 1440), house.repeat()];
      const first = await house.bookings.book(union, request, repeat);
      const moved = await house.changes.move(union, first, START + 3 * 1440 + 60);
      await house.changes.cancel(union, moved);
      const { start, end, status, sequence, counter: seated, reference } = first;
      house.clock.advance(24 * HOUR - 1);
      const again = await house.bookings.book(union, request, repeat);
      expect(again).toMatchObject({ start, end, status, sequence, counter: seated, reference });
      house.clock.advance(1);
      const anew = await house.bookings.book(union, request, repeat);
      expect(anew.reference).not.toBe(reference);
    });

    test('Another body is a mismatch, and a refusal is not remembered', async () => {
      const repeat = house.repeat();
      const blocker = await house.book(union, START);
      const request = house.request(START);
      expect(await outcomeOf(house.bookings.book(union, request, repeat))).toBe('slot-taken');
      await house.changes.cancel(union, blocker);
      expect(await outcomeOf(house.bookings.book(union, request, repeat))).toBe('ok');
      const other = { ...repeat, bodyHash: 'another body' };
      expect(await outcomeOf(house.bookings.book(union, request, other))).toBe('idempotency-mismatch');
      const nonsense = house.request(START, { officeId: 'nowhere' });
      expect(await outcomeOf(house.bookings.book(union, nonsense, other))).toBe('idempotency-mismatch');
    });

    test('Keys are compared byte by byte, for each caller and authority', async () => {
      const keys = ['key', 'Key', 'key ', ' key', 'kéy', 'ke\u0301y', 'k'.repeat(255), `${'k'.repeat(254)}K`];
      const authority = await settle((id) => unionWith(20, { id }));
      const references = new Set<string>();
      for (const key of keys) references.add((await house.book(authority, START, {}, { key })).reference);
      references.add((await house.book(authority, START, {}, { key: 'key', caller: 'studio' })).reference);
      references.add((await house.book(union, START, {}, { key: 'key' })).reference);
      expect(references.size).toBe(keys.length + 2);
    });
  });

  describe('a hold', () => {
    test('Keeps the place five minutes to the second, from everyone else', async () => {
      const { hold } = await house.holds.hold(union, wishFor(START));
      expect(hold.expiresAt).toBe(house.clock.now() + 5 * MINUTE);
      house.clock.advance(5 * MINUTE - 1);
      expect(await free()).toBe(false);
      expect(await outcomeOf(house.book(union, START))).toBe('slot-taken');
      expect(await outcomeOf(house.holds.hold(union, wishFor(START)))).toBe('slot-taken');
      house.clock.advance(1);
      expect(await free()).toBe(true);
      expect(await outcomeOf(house.book(union, START))).toBe('ok');
      expect(await broken(house.registers, union, house.clock.now())).toEqual([]);
    });

    test('Becomes the booking of who has its secret, once', async () => {
      const { hold, secret } = await house.holds.hold(union, wishFor(START));
      const booking = await house.book(union, START, { hold: { id: hold.id, secret } });
      expect(booking.counter).toBe(hold.counter);
      expect(await outcomeOf(house.book(union, START, { hold: { id: hold.id, secret } }))).toBe('hold-expired');
      expect(await broken(house.registers, union, house.clock.now())).toEqual([]);
    });

    test('Is spent by one of two who show the same ticket at once', async () => {
      const { hold, secret } = await house.holds.hold(union, wishFor(START));
      const ticket = { id: hold.id, secret };
      const both = OFTEN.slice(0, 10).map(() => house.book(union, START, { hold: ticket }));
      expect(await tally(both)).toEqual({ ok: 1, 'hold-expired': 9 });
    });

    test('Is of no use with a wrong secret, for another slot, released, expired, or of another authority', async () => {
      const authority = await settle((id) => unionWith(2, { id }));
      const { hold, secret } = await house.holds.hold(authority, wishFor(START));
      const ticket = { id: hold.id, secret };
      const using = (start: number, shown: typeof ticket, where = authority) =>
        outcomeOf(house.book(where, start, { hold: shown }));
      expect(await using(START, { ...ticket, secret: 'guess' })).toBe('hold-expired');
      expect(await using(START, { ...ticket, secret: '' })).toBe('hold-expired');
      expect(await using(START + 30, ticket)).toBe('hold-expired');
      expect(await using(START, ticket, union)).toBe('hold-expired');
      expect(await outcomeOf(house.holds.release(authority, { ...ticket, secret: 'guess' }))).toBe('not-found');
      expect(await outcomeOf(house.holds.release(union, ticket))).toBe('not-found');
      await house.holds.release(authority, ticket);
      expect(await using(START, ticket)).toBe('hold-expired');
      expect(await outcomeOf(house.holds.release(authority, ticket))).toBe('not-found');
      const late = await house.holds.hold(authority, wishFor(START));
      house.clock.advance(5 * MINUTE);
      expect(await using(START, { id: late.hold.id, secret: late.secret })).toBe('hold-expired');
      expect(await outcomeOf(house.holds.release(authority, { id: late.hold.id, secret: late.secret }))).toBe(
        'not-found',
      );
    });

    test('Is renewed by each step of the form, thirty minutes at most', async () => {
      const from = house.clock.now();
      let held = await house.holds.renew(union, wishFor(START));
      const { id } = held.hold;
      const expiries: number[] = [];
      for (let step = 0; step < 8; step++) {
        house.clock.advance(4 * MINUTE);
        held = await house.holds.renew(union, wishFor(START), { id: held.hold.id, secret: held.secret });
        if (held.hold.id === id) expiries.push((held.hold.expiresAt - from) / MINUTE);
      }
      expect(expiries).toEqual([9, 13, 17, 21, 25, 29, 30]);
      expect(await broken(house.registers, union, house.clock.now())).toEqual([]);
    });

    test('Is retaken silently once expired, unless another has the place', async () => {
      const first = await house.holds.renew(union, wishFor(START));
      house.clock.advance(6 * MINUTE);
      const again = await house.holds.renew(union, wishFor(START), { id: first.hold.id, secret: first.secret });
      expect(again.hold.id).not.toBe(first.hold.id);
      expect(await house.counts(`holds WHERE authority_id = '${union.id}'`)).toBe(1);
      house.clock.advance(6 * MINUTE);
      await house.book(union, START);
      const lost = await refused(house.holds.renew(union, wishFor(START), { id: again.hold.id, secret: again.secret }));
      expect([lost.reason, lost.more.alternatives?.length]).toEqual(['slot-taken', 3]);
    });

    test('Lets its place go when the citizen chooses another, and keeps it when the other is taken', async () => {
      const held = await house.holds.renew(union, wishFor(START));
      await house.book(union, START + 30);
      const ticket = { id: held.hold.id, secret: held.secret };
      expect(await outcomeOf(house.holds.renew(union, wishFor(START + 30), ticket))).toBe('slot-taken');
      expect(await free()).toBe(false);
      await house.holds.renew(union, wishFor(START + 60), ticket);
      expect([await free(), await free(START + 60)]).toEqual([true, false]);
    });

    test('Does not stand in the way of its own holder, who chooses a time that overlaps it', async () => {
      const authority = await settle(manyServices);
      const held = await house.holds.renew(authority, wishFor(START, { serviceId: 'three' }));
      const ticket = { id: held.hold.id, secret: held.secret };
      const next = await house.holds.renew(authority, wishFor(START + 15, { serviceId: 'three' }), ticket);
      expect(next.hold.start).toBe(START + 15);
      expect(await house.counts(`holds WHERE authority_id = '${authority.id}'`)).toBe(1);
      expect(await broken(house.registers, authority, house.clock.now())).toEqual([]);
    });

    test('Is refused where a booking would be', async () => {
      expect(await outcomeOf(house.holds.hold(union, wishFor(START + 1)))).toBe('off-grid');
      expect(await outcomeOf(house.holds.hold(union, wishFor(at('2027-03-06T10:00'))))).toBe('closed');
      expect(await tally(OFTEN.slice(0, 20).map(() => house.holds.hold(union, wishFor(START))))).toEqual({
        ok: 1,
        'slot-taken': 19,
      });
      expect(await broken(house.registers, union, house.clock.now())).toEqual([]);
    });

    test('Is tidied away once expired, and nothing else is', async () => {
      await house.holds.hold(union, wishFor(START));
      await house.book(union, START + 60);
      house.clock.advance(4 * MINUTE);
      const { hold } = await house.holds.hold(union, wishFor(START + 120));
      house.clock.advance(2 * MINUTE);
      const listed = await house.listed(union, '2027-03-02');
      await new Sweeper(house.database).sweep(house.clock.now());
      expect(await house.listed(union, '2027-03-02')).toEqual(listed);
      const left = await house.database.reading.query(`SELECT id FROM holds WHERE authority_id = '${union.id}'`);
      expect(left).toEqual([{ id: hold.id }]);
      expect(await broken(house.registers, union, house.clock.now())).toEqual([]);
      const expired = `claims WHERE expires_at <= ${house.clock.now()}`;
      expect(await house.counts(expired)).toBe(0);
    });

    test('Is worth nothing where its counter has left the service meanwhile', async () => {
      const authority = await settle((id) => unionWith(2, { id }));
      const { hold, secret } = await house.holds.hold(authority, wishFor(START));
      const left = authority.counterByKey(hold.counter)!.id;
      const counters = authority.definition.counters.map((c) => (c.id === left ? { ...c, retired: true } : c));
      const edited = await house.settle({ ...authority.definition, counters });
      expect(await outcomeOf(house.book(edited, START, { hold: { id: hold.id, secret } }))).toBe('hold-expired');
    });
  });
});

describe.each(engines)('Hours edited at another desk on $name', (engine) => {
  let edit: (() => Promise<void>) | undefined;

  /** The real rules, and something that happens just after they have looked. */
  class OvertakenRules extends Rules {
    override async allow(...asked: Parameters<Rules['allow']>): ReturnType<Rules['allow']> {
      const allowed = await super.allow(...asked);
      const now = edit;
      edit = undefined;
      await now?.();
      return allowed;
    }
  }
  let here: House;
  let there: House;

  beforeAll(async () => {
    const url = await engine.freshUrl();
    here = await House.open(url, { rules: OvertakenRules });
    there = await House.open(url, { beside: true });
  });
  afterAll(async () => {
    await here.close();
    await there.close();
  });

  const closing = (definition: AuthorityDefinition) => async () => {
    const office = {
      ...definition.offices[0]!,
      closures: [{ from: '2027-03-02', through: '2027-03-02', reason: 'Sciopero' }],
    };
    await there.registers.authorities.save({ ...definition, offices: [office] });
  };

  test('Between the look and the write of a booking are not missed', async () => {
    const authority = await here.settle(unionWith(1, { id: 'booked' }));
    edit = closing(authority.definition);
    expect(await outcomeOf(here.book(authority, START))).toBe('closed');
    expect(await here.counts(`bookings WHERE authority_id = 'booked'`)).toBe(0);
  });

  test('And if the place still stands it is booked all the same', async () => {
    const authority = await here.settle(unionWith(1, { id: 'renamed' }));
    edit = async () => void (await there.registers.authorities.save({ ...authority.definition, name: 'Altro nome' }));
    expect(await outcomeOf(here.book(authority, START))).toBe('ok');
  });

  test('Between the look and the write of a move are not missed either', async () => {
    const authority = await here.settle(unionWith(1, { id: 'moved' }));
    const booking = await here.book(authority, at('2027-03-03T10:00'));
    edit = closing(authority.definition);
    expect(await outcomeOf(here.changes.move(authority, booking, START))).toBe('closed');
    edit = async () => void (await there.registers.authorities.save({ ...authority.definition, name: 'Altro nome' }));
    expect(await outcomeOf(here.changes.move(authority, booking, at('2027-03-03T11:00')))).toBe('ok');
  });
});

test('A repeat waits five seconds for the first request on MariaDB, and then hears that it is in progress', async () => {
  const url = await engines[1]!.freshUrl();
  const house = await House.open(url);
  const first = await createConnection({ uri: url });
  try {
    const authority = await house.settle(unionWith());
    await first.query('START TRANSACTION');
    const columns = 'authority_id, caller, key_hash, body_hash, booking_id, answer, created_at';
    const row = ['unione', 'anonymous', sha256('slow'), 'body', 'b', '{}', house.clock.now()];
    await first.query(`INSERT INTO idempotency_keys (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?)`, row);
    const from = performance.now();
    expect(await outcomeOf(house.book(authority, START, {}, { key: 'slow' }))).toBe('idempotency-in-progress');
    expect(performance.now() - from).toBeGreaterThan(4_500);
    expect(await outcomeOf(house.book(authority, START))).toBe('ok');
    await first.query('ROLLBACK');
    expect(await outcomeOf(house.book(authority, START + 30, {}, { key: 'slow' }))).toBe('ok');
  } finally {
    await first.end();
    await house.close();
  }
});

test('Without the guard one person’s race would pass the limit on MariaDB', async () => {
  /** Lets three look before any of them has written, as an unlucky moment would. */
  class NoGuards extends Guards {
    readonly #three = Promise.withResolvers<void>();
    #met = 0;
    override meet(): Promise<void> {
      if (++this.#met === 3) this.#three.resolve();
      return this.#three.promise;
    }
  }
  const naive = await House.open(await engines[1]!.freshUrl(), { faulty: { guards: new NoGuards() } });
  try {
    const authority = await naive.settle(manyServices('unione', 20));
    const starts = OFTEN.slice(0, 15).map((i) => at('2027-03-02T09:00') + 15 * i);
    const email = 'carla@example.org';
    const outcomes = await tally(starts.map((start) => naive.book(authority, start, { serviceId: 'twice', email })));
    expect(outcomes['ok']).toBeGreaterThan(2);
  } finally {
    await naive.close();
  }
});
