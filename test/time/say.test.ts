// SPDX-License-Identifier: AGPL-3.0-or-later
import { expect, test } from '@jest/globals';
import { sayDate, sayDay, sayMonth, sayRange, sayTime, sayWhen } from '../../src/time/say.ts';

const ROME = 'Europe/Rome';
const at = (text: string): number => Date.parse(text) / 60_000;

test('Dates are said as people say them, in both languages', () => {
  const [start, end, now] = [at('2027-03-30T07:00Z'), at('2027-03-30T07:30Z'), at('2027-03-01T12:00Z')];
  expect(sayWhen(start, end, ROME, 'it', now)).toBe('martedì 30 marzo, ore 9:00–9:30');
  expect(sayWhen(start, end, ROME, 'en', now)).toBe('Tuesday 30 March, 9:00–9:30');
  expect(sayMonth('2027-04-01', 'it')).toBe('aprile 2027');
  expect(sayMonth('2027-04-01', 'en')).toBe('April 2027');
});

test('The year is said only when it is another one, by the calendar of the zone', () => {
  const newYear = at('2027-12-31T23:30Z'); // in Rome 2028 has begun
  expect(sayDay(newYear, ROME, 'it', at('2027-12-31T12:00Z'))).toBe('sabato 1 gennaio 2028');
  expect(sayDay(newYear, ROME, 'it', at('2027-12-31T23:05Z'))).toBe('sabato 1 gennaio');
  expect(sayDay(newYear, 'UTC', 'en', at('2027-12-31T12:00Z'))).toBe('Friday 31 December');
  expect(sayDate('2026-04-05', 'en', '2027-01-01')).toBe('Sunday 5 April 2026');
});

test('The hour that comes twice is said with which of the two it is, no other hour is', () => {
  const [first, second] = [at('2027-10-31T00:30Z'), at('2027-10-31T01:30Z')];
  expect(sayTime(first, ROME, 'it')).toBe('2:30 (ora legale)');
  expect(sayTime(second, ROME, 'en')).toBe('2:30 (winter time)');
  expect(sayRange(at('2027-10-30T23:30Z'), first - 30, ROME, 'it')).toBe('1:30–2:00 (ora legale)');
  expect(sayTime(second + 30, ROME, 'it')).toBe('3:00');
  expect(sayTime(at('2027-03-28T01:00Z'), ROME, 'it')).toBe('3:00');
  expect(sayTime(at('2027-04-03T15:15Z'), 'Australia/Lord_Howe', 'en')).toBe('1:45 (winter time)');
});
