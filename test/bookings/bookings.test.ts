// SPDX-License-Identifier: AGPL-3.0-or-later
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { isEmail, isOneLine, isPhone, isText, lengthOf } from '../../src/bookings/contact.ts';
import { checkFields, LONGEST_FIELD } from '../../src/bookings/fields.ts';
import { Hold, HOLD_MS } from '../../src/bookings/hold.ts';
import { exceeds } from '../../src/bookings/limit.ts';
import { linksOf } from '../../src/bookings/links.ts';
import { noticesOf, remindersOf } from '../../src/bookings/notices.ts';
import { newReference, normalised, spaced } from '../../src/bookings/reference.ts';
import { sha256, Tokens } from '../../src/bookings/token.ts';
import type { Field } from '../../src/offices/definition.ts';
import { toMillis } from '../../src/time/clock.ts';
import { serviceWith } from '../offices/sample.ts';
import { bookingWith } from '../mail/sample.ts';
import { SeededChance } from '../kit/chance.ts';
import { at, ROME, said } from '../kit/desks.ts';

const MINUTE = 60_000;

describe('References and tokens', () => {
  test('A reference is seven letters that cannot be misheard, and is found again however it is typed', () => {
    const chance = new SeededChance('references');
    const many = Array.from({ length: 5_000 }, () => newReference(chance));
    for (const reference of many) expect(reference).toMatch(/^[2-9A-HJ-NP-Z]{7}$/);
    expect(new Set(many).size).toBe(many.length);
    expect(new Set(many.join('')).size).toBe(32);
    expect(spaced('7K4M9QX')).toBe('7K4 M9QX');
    for (const typed of ['7K4 M9QX', '7k4-m9qx', ' 7k4m9qx\n']) expect(normalised(typed)).toBe('7K4M9QX');
  });

  test('A token has 256 bits and is another for another kind, booking, generation or secret', () => {
    const tokens = new Tokens('one');
    const booking = { id: 'a', generation: 0 };
    const all = [
      tokens.derive('manage', booking),
      tokens.derive('meeting', booking),
      tokens.derive('manage', { ...booking, generation: 1 }),
      tokens.derive('manage', { ...booking, id: 'b' }),
      new Tokens('two').derive('manage', booking),
    ];
    expect(new Set(all).size).toBe(5);
    for (const token of all) expect(Buffer.from(token, 'base64url')).toHaveLength(32);
    expect(tokens.derive('manage', booking)).toBe(all[0]);
    expect(tokens.hashOf('manage', booking)).toBe(sha256(all[0]!));
  });

  test('One person is known by the address however it is written, and not without the secret', () => {
    const tokens = new Tokens('one');
    expect(tokens.emailHash(' Anna@Example.ORG ')).toBe(tokens.emailHash('anna@example.org'));
    expect(tokens.emailHash('anna@example.org')).not.toBe(tokens.emailHash('anna@example.com'));
    expect(tokens.emailHash('anna@example.org')).not.toBe(new Tokens('two').emailHash('anna@example.org'));
    expect(tokens.emailHash('anna@example.org')).not.toBe(sha256('anna@example.org'));
  });

  test('Only a video booking has a meeting link', () => {
    const tokens = new Tokens('one');
    const links = linksOf(bookingWith({ mode: 'video' }), tokens, 'https://prenota.example');
    expect(links.meeting).toMatch(/^https:\/\/prenota\.example\/incontro\/[\w-]{43}$/);
    expect(links.manage).toMatch(/^https:\/\/prenota\.example\/appuntamento\/[\w-]{43}$/);
    expect([links.move, links.cancel]).toEqual([`${links.manage}/sposta`, `${links.manage}/annulla`]);
    expect(linksOf(bookingWith({ mode: 'phone' }), tokens, 'x').meeting).toBeNull();
  });
});

describe('What a citizen writes', () => {
  test.each([
    ...['a@b.it', "o'neil+suap@sub.example.org", 'x@xn--bcher-kva.example', `${'a'.repeat(64)}@example.org`].map(
      (e) => [e, true],
    ),
    ...[
      '',
      'a',
      'a@b',
      'a@@b.it',
      'a b@c.it',
      'a@b.it,c@d.it',
      '"a b"@c.it',
      'Anna <a@b.it>',
      'a@b.it\nBcc: c@d.it',
    ].map((e) => [e, false]),
    ...['.a@b.it', 'a.@b.it', 'a..b@c.it', 'a@-b.it', 'a@b-.it', 'a@1.2.3.4', 'a@[127.0.0.1]', 'à@b.it'].map((e) => [
      e,
      false,
    ]),
    [`${'a'.repeat(65)}@example.org`, false],
    [`a@${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.${'e'.repeat(60)}.${'f'.repeat(10)}.it`, false],
  ] as [string, boolean][])('The address %j is one: %j', (text, is) => {
    expect(isEmail(text)).toBe(is);
  });

  test('Phones, lines and texts', () => {
    for (const phone of ['+39 0141 123456', '0141/123456', '(0141) 12-34-56', '12345'])
      expect(isPhone(phone)).toBe(true);
    for (const phone of ['', '1234', 'chiamami', '+39+39 12345', '1'.repeat(31), '12345\u0000'])
      expect(isPhone(phone)).toBe(false);
    expect([isOneLine('Anna è qui'), isOneLine('a\nb'), isOneLine('a\u2028b'), isOneLine('a\ud800')]).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect([isText('a\r\nb\tc'), isText('a\u0000b'), isText('a\u0085b'), isText('\udc00')]).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect([lengthOf('è'), lengthOf('👩'), lengthOf('')]).toEqual([1, 1, 0]);
  });

  test('A service’s own questions are answered as it asks, in the citizen’s language', () => {
    const field = (id: string, type: Field['type'], required = false, options: string[] = []): Field => ({
      id,
      label: id,
      type,
      required,
      options,
    });
    const service = serviceWith({
      fields: [field('testo', 'text', true), field('numero', 'number'), field('scelta', 'choice', false, ['A', 'B'])],
    });
    const wrong = (values: Record<string, string>) => checkFields(service, values).map((e) => e.field);
    expect(wrong({ testo: 'x', numero: '-12,5', scelta: 'B' })).toEqual([]);
    expect(wrong({ testo: 'x', numero: '', scelta: ' ' })).toEqual([]);
    expect(wrong({})).toEqual(['fields.testo']);
    expect(wrong({ testo: '   ' })).toEqual(['fields.testo']);
    expect(wrong({ testo: 'x'.repeat(LONGEST_FIELD + 1) })).toEqual(['fields.testo']);
    expect(wrong({ testo: 'x', numero: '1e5', scelta: 'a' })).toEqual(['fields.numero', 'fields.scelta']);
    expect(wrong({ testo: 'x', altro: 'y', toString: 'z' })).toEqual(['fields.altro', 'fields.toString']);
    expect(checkFields(serviceWith({ fields: [field('constructor', 'text', true)] }), {})).toHaveLength(1);
    expect(checkFields(service, {}, 'it')[0]!.detail).toBe('Questo dato è obbligatorio.');
  });
});

describe('Limits and holds', () => {
  test('One more start exceeds a limit exactly when some window would hold too many', () => {
    const days = fc.integer({ min: 0, max: 40 });
    fc.assert(
      fc.property(
        fc.array(days, { maxLength: 8 }),
        days,
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 14 }),
        (others, mine, perPerson, length) => {
          const start = (day: number) => at('2027-03-10T10:00') + day * 1440;
          const fits = (all: number[]) =>
            Array.from({ length: 60 }, (_, from) => from - 15).every(
              (from) => all.filter((day) => from <= day && day < from + length).length <= perPerson,
            );
          fc.pre(fits(others));
          const limits = { perPerson, per: { days: length, minutes: 0 } };
          // Whole days apart in elapsed time, so in winter time throughout.
          expect(exceeds(limits, others.map(start), start(mine), 'Africa/Lagos')).toBe(!fits([...others, mine]));
        },
      ),
      { numRuns: 500 },
    );
  });

  test('A week is a week across the change of the hour', () => {
    const limits = { perPerson: 1, per: { days: 7, minutes: 0 } };
    for (const [first, second] of [
      ['2027-03-24T10:00', '2027-03-31T10:00'],
      ['2027-10-27T10:00', '2027-11-03T10:00'],
    ] as const) {
      expect(exceeds(limits, [at(first)], at(second), ROME)).toBe(false);
      expect(exceeds(limits, [at(first)], at(second) - 5, ROME)).toBe(true);
      expect(exceeds(limits, [at(second)], at(first) + 5, ROME)).toBe(true);
    }
  });

  test('A hold is renewed for five minutes from now, to thirty in all, and never shortened', () => {
    const hold = new Hold({
      id: 'h',
      authorityId: 'a',
      officeId: 'o',
      serviceId: 's',
      counter: 1,
      start: 0,
      busyUntil: 30,
      secretHash: '',
      createdAt: 0,
      expiresAt: HOLD_MS,
    });
    expect([0, 60, 299].map((s) => hold.renewalAt(s * 1000) / 1000)).toEqual([300, 360, 599]);
    const late = new Hold({ ...hold, expiresAt: 29 * MINUTE });
    expect(late.renewalAt(28 * MINUTE)).toBe(30 * MINUTE);
    expect(new Hold({ ...hold, expiresAt: 31 * MINUTE }).renewalAt(29 * MINUTE)).toBe(31 * MINUTE);
    expect([hold.isLiveAt(HOLD_MS - 1), hold.isLiveAt(HOLD_MS)]).toEqual([true, false]);
  });
});

describe('Notices', () => {
  test('Every change owes one letter to each reader, after those of the change before', () => {
    const booking = bookingWith();
    const moved = booking.movedTo(
      { start: booking.start + 60, end: booking.end + 60, busyUntil: booking.busyUntil + 60, counter: 2 },
      5,
    );
    const [first, second] = [noticesOf(booking, 'confirmed', 1), noticesOf(moved, 'moved', 5, { was: booking })];
    expect(second.map((n) => n.recipient)).toEqual(['citizen', 'office']);
    expect(Math.min(...second.map((n) => n.position))).toBeGreaterThan(Math.max(...first.map((n) => n.position)));
    expect(second[0]!.facts).toMatchObject({
      start: moved.start,
      sequence: 1,
      saidAt: 5,
      was: { start: booking.start },
    });
  });

  test('Reminders keep the wall-clock hour, and one whose moment has passed is not owed', () => {
    const service = [
      { days: 0, minutes: 120 },
      { days: 3, minutes: 0 },
    ];
    const due = (start: string, now: string) =>
      remindersOf(bookingWith({ start: at(start) }), service, ROME, toMillis(at(now))).map((n) =>
        said(n.dueAt / MINUTE),
      );
    expect(due('2027-03-30T09:00', '2027-03-20T09:00')).toEqual(['2027-03-27T09:00', '2027-03-30T07:00']);
    expect(due('2027-11-02T09:00', '2027-10-20T09:00')).toEqual(['2027-10-30T09:00', '2027-11-02T07:00']);
    expect(due('2027-03-31T02:30', '2027-03-20T09:00')[0]).toBe('2027-03-28T03:00');
    expect(due('2027-03-30T09:00', '2027-03-27T09:00')).toEqual(['2027-03-30T07:00']);
    expect(due('2027-03-30T09:00', '2027-03-30T07:00')).toEqual([]);
  });

  test('Two reminders of one moment are one', () => {
    const twice = [
      { days: 1, minutes: 0 },
      { days: 0, minutes: 1440 },
    ];
    expect(remindersOf(bookingWith({ start: at('2027-03-10T09:00') }), twice, ROME, 0)).toHaveLength(1);
  });
});
