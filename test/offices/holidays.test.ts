// SPDX-License-Identifier: AGPL-3.0-or-later
import { expect, test } from '@jest/globals';
import { holidayOn } from '../../src/offices/holidays.ts';
import { addDays, eachDay } from '../../src/time/day.ts';

/** The Gregorian Easter by the method of Meeus, Jones and Butcher, which knows no library. */
function easterOf(year: number): string {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const f = Math.floor((b + 8) / 25);
  const g = Math.floor((b - f + 1) / 3);
  const h = (19 * a + b - Math.floor(b / 4) - g + 15) % 30;
  const l = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - h - (c % 4)) % 7;
  const m = Math.floor((a + 11 * h + 22 * l) / 451);
  const n = h + l - 7 * m + 114;
  return `${year}-${String(Math.floor(n / 31)).padStart(2, '0')}-${String((n % 31) + 1).padStart(2, '0')}`;
}

const FIXED = ['01-01', '01-06', '04-25', '05-01', '06-02', '08-15', '11-01', '12-08', '12-25', '12-26'];
const YEARS = Array.from({ length: 17 }, (_, i) => 2024 + i);

test('The computation of Easter in this test gives the dates everyone knows', () => {
  const known = ['2000-04-23', '2024-03-31', '2025-04-20', '2026-04-05', '2027-03-28', '2038-04-25'];
  expect(known.map((day) => easterOf(Number(day.slice(0, 4))))).toEqual(known);
});

test.each(YEARS)('Every day of %i is a holiday or not as the law has it', (year) => {
  const easter = easterOf(year);
  const fixed = year >= 2026 ? [...FIXED, '10-04'] : FIXED;
  const lawful = new Set([...fixed.map((date) => `${year}-${date}`), easter, addDays(easter, 1)]);
  const kept = eachDay(`${year}-01-01`, `${year}-12-31`).filter((day) => holidayOn(day) !== null);
  expect(kept).toEqual([...lawful].sort());
});

test.each([
  ['2025-10-04', null],
  ['2026-10-04', "Festa nazionale di San Francesco d'Assisi"],
  ['2027-10-04', "Festa nazionale di San Francesco d'Assisi"],
  ['2027-03-29', 'Lunedì dell’Angelo'],
  ['2027-06-02', 'Festa della Repubblica'],
  ['2027-05-09', null],
  ['2027-11-04', null],
])('On %s the holiday is %j', (day, name) => {
  expect(holidayOn(day)).toBe(name);
});

test.each(YEARS)('A patron saint of %i is kept on one day, by date or by Easter', (year) => {
  const days = eachDay(`${year}-01-01`, `${year}-12-31`);
  const keptFor = (date: string) => days.filter((day) => holidayOn(day, { date, name: 'Il patrono' }) === 'Il patrono');
  expect(keptFor('05-03')).toEqual([`${year}-05-03`]);
  expect(keptFor('easter+50')).toEqual([addDays(easterOf(year), 50)].filter((day) => holidayOn(day) === null));
  expect(keptFor('easter+39')).toEqual([addDays(easterOf(year), 39)].filter((day) => holidayOn(day) === null));
  expect(keptFor('02-29')).toEqual(year % 4 ? [] : [`${year}-02-29`]);
});

test('A patron on a national holiday leaves it its own name', () => {
  expect(holidayOn('2027-08-15', { date: '08-15', name: 'Il patrono' })).toMatch(/^Assunzione/);
});

test.each(['0000-01-01', '0001-12-25', '0099-01-01', '1948-12-25'])(
  'Before the law of 1949 there is none: %s',
  (day) => {
    expect(holidayOn(day, { date: day.slice(5), name: 'Il patrono' })).toBeNull();
  },
);

test('The last Christmas of the calendar is still one, after any number of years asked about', () => {
  for (let year = 2100; year < 2250; year++) expect(holidayOn(`${year}-12-25`)).toMatch(/^Natale/);
  expect(holidayOn('9999-12-25')).toMatch(/^Natale/);
  expect(holidayOn('9999-12-31', { date: 'easter+50', name: 'Il patrono' })).toBeNull();
  expect(holidayOn('2027-12-25')).toMatch(/^Natale/);
});
