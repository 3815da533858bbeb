// SPDX-License-Identifier: AGPL-3.0-or-later
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { AuthorityDefinition, Office, Service } from '../../src/offices/definition.ts';
import { DayBook, type OpenDay } from '../../src/offices/day-book.ts';
import { addDays, eachDay, weekdayOf, WEEKDAYS, type Day } from '../../src/time/day.ts';
import type { Interval } from '../../src/time/interval.ts';
import { rfc3339 } from '../../src/time/zone.ts';
import { minutesShowing, wallIn, zoned } from '../time/oracle.ts';
import { authorityWith, officeWith, serviceWith, WORKDAYS } from './sample.ts';

const bookOf = (office: Office, parts: Partial<AuthorityDefinition> = {}) =>
  new DayBook(authorityWith({ offices: [office], ...parts }));
const shown = (intervals: readonly Interval[]): string[] =>
  intervals.map(({ start, end }) => [start, end].map((m) => rfc3339(m, 'Europe/Rome').slice(11, 16)).join('-'));
const hoursOf = (office: Office, day: Day, parts: Partial<AuthorityDefinition> = {}): string[] =>
  shown(bookOf(office, parts).forOffice(office, day).open);
const reception = (of: Office, day: Day): string[] => shown(bookOf(of).forReception(of, day).open);
const serviceHours = (office: Office, service: Service, day: Day, audience: 'public' | 'professionals' = 'public') =>
  shown(bookOf(office).forService(office, service, audience, day).open);

test('An office is open on its weekdays and shut on the others', () => {
  const days = eachDay('2027-01-11', '2027-01-17');
  const nine = ['09:00-13:00'];
  expect(days.map((day) => hoursOf(officeWith(), day))).toEqual([nine, nine, nine, nine, nine, [], []]);
});

test('Weekly hours are valid from their first day through their last', () => {
  const autumn = { days: WORKDAYS, opens: 900, closes: 1020, validFrom: '2027-09-01', validThrough: '2027-09-03' };
  const office = officeWith({ openingHours: [autumn] });
  const open = eachDay('2027-08-30', '2027-09-07').filter((day) => hoursOf(office, day).length);
  expect(open).toEqual(['2027-09-01', '2027-09-02', '2027-09-03']);
  const { validThrough: _, ...fromThenOn } = autumn;
  expect(hoursOf(officeWith({ openingHours: [fromThenOn] }), '2029-09-04')).toEqual(['15:00-17:00']);
  const { validFrom: __, ...untilThen } = autumn;
  expect(hoursOf(officeWith({ openingHours: [untilThen] }), '2025-09-04')).toEqual(['15:00-17:00']);
});

test('Technicians come Tuesday from nine to eleven, the public Thursday from three to five', () => {
  const office = officeWith({
    openingHours: [
      { days: ['tue'], opens: 540, closes: 660, audience: ['professionals'] },
      { days: ['thu'], opens: 900, closes: 1020, audience: ['public'] },
    ],
  });
  const [tuesday, thursday] = ['2027-01-12', '2027-01-14'];
  expect(serviceHours(office, serviceWith(), tuesday, 'professionals')).toEqual(['09:00-11:00']);
  expect(serviceHours(office, serviceWith(), tuesday, 'public')).toEqual([]);
  expect(serviceHours(office, serviceWith(), thursday, 'professionals')).toEqual([]);
  expect(serviceHours(office, serviceWith(), thursday, 'public')).toEqual(['15:00-17:00']);
  expect([tuesday, thursday].map((day) => hoursOf(office, day))).toEqual([[], ['15:00-17:00']]);
});

test('An extraordinary opening may be for one audience too', () => {
  const office = officeWith({
    openings: [{ date: '2027-01-16', opens: 540, closes: 600, audience: ['professionals'] }],
  });
  expect(serviceHours(office, serviceWith(), '2027-01-16', 'professionals')).toEqual(['09:00-10:00']);
  expect(serviceHours(office, serviceWith(), '2027-01-16', 'public')).toEqual([]);
});

test("A service's own hours replace the office's weekly ones, and only those", () => {
  const office = officeWith({ openings: [{ date: '2027-01-16', opens: 540, closes: 720 }] });
  const service = serviceWith({ openingHours: [{ days: ['wed'], opens: 870, closes: 930 }] });
  expect(serviceHours(office, service, '2027-01-13')).toEqual(['14:30-15:30']);
  expect(serviceHours(office, service, '2027-01-14')).toEqual([]);
  expect(serviceHours(office, service, '2027-01-16')).toEqual(['09:00-12:00']);
  expect(serviceHours(office, serviceWith({ id: 'altra', openingHours: [] }), '2027-01-14')).toEqual(['09:00-13:00']);
  expect(hoursOf(office, '2027-01-13')).toEqual(['09:00-13:00']);
});

test('The virtual door keeps its reception hours, or the opening hours when it has none', () => {
  const office = officeWith({ receptionHours: [{ days: ['mon'], opens: 600, closes: 660 }] });
  expect(reception(office, '2027-01-11')).toEqual(['10:00-11:00']);
  expect(reception(office, '2027-01-12')).toEqual([]);
  expect(reception(officeWith(), '2027-01-12')).toEqual(['09:00-13:00']);
  expect(reception(officeWith({ receptionHours: [] }), '2027-01-12')).toEqual([]);
});

const CLOSED_IN_AUGUST = [{ from: '2027-08-09', through: '2027-08-20', reason: 'Chiusura estiva' }];

test.each([
  ['a working day', 'mombercelli', '2027-01-12', null],
  ['a national holiday', 'mombercelli', '2027-06-02', 'Festa della Repubblica'],
  ['Saint Francis before the law', 'mombercelli', '2025-10-04', null],
  ['Saint Francis since the law', 'mombercelli', '2027-10-04', "Festa nazionale di San Francesco d'Assisi"],
  ['the patron on a date', 'mombercelli', '2027-05-03', 'Santa Croce'],
  ['the same day next door', 'vinchio', '2027-05-03', null],
  ['the patron fifty days after Easter', 'vinchio', '2027-05-17', 'Lunedì di Pentecoste'],
  ['that day in another year', 'vinchio', '2028-06-05', 'Lunedì di Pentecoste'],
  ['a municipality without a patron', 'altrove', '2027-05-03', null],
  ['the day before the closure', 'mombercelli', '2027-08-08', null],
  ['the first day of the closure', 'mombercelli', '2027-08-09', 'Chiusura estiva'],
  ['the last day of the closure', 'mombercelli', '2027-08-20', 'Chiusura estiva'],
  ['the day after the closure', 'mombercelli', '2027-08-21', null],
  ['a holiday within the closure', 'mombercelli', '2027-08-15', 'Assunzione di Maria'],
  ['a closure of the whole authority', 'vinchio', '2027-12-24', 'Ponte di Natale'],
])('Why it is closed: %s', (_, municipality, day, reason) => {
  const office = officeWith({ municipality, closures: CLOSED_IN_AUGUST });
  const closures = [{ from: '2027-12-24', through: '2027-12-24', reason: 'Ponte di Natale' }];
  const book = bookOf(office, { closures });
  expect(book.reasonClosed(office, day)).toBe(reason);
  if (reason) expect(book.forOffice(office, day).open).toEqual([]);
});

test("The office's own closure gives the reason before the authority's", () => {
  const office = officeWith({ closures: CLOSED_IN_AUGUST });
  const closures = [{ from: '2027-08-16', through: '2027-08-16', reason: 'Ponte' }];
  expect(bookOf(office, { closures }).reasonClosed(office, '2027-08-16')).toBe('Chiusura estiva');
});

test.each([
  ['a national holiday', '2027-06-02'],
  ['the patron', '2027-05-03'],
  ['a closure', '2027-08-10'],
  ["the authority's closure", '2027-12-24'],
])('An extraordinary opening stands on %s, alone', (_, date) => {
  const office = officeWith({ closures: CLOSED_IN_AUGUST, openings: [{ date, opens: 600, closes: 720 }] });
  const closures = [{ from: '2027-12-24', through: '2027-12-24', reason: 'Ponte di Natale' }];
  const { open, extra } = bookOf(office, { closures }).forOffice(office, date);
  expect([shown(open), shown(extra)]).toEqual([['10:00-12:00'], ['10:00-12:00']]);
});

test.each([
  ['overlapping', 720, 840, ['09:00-14:00'], ['12:00-14:00']],
  ['touching', 780, 840, ['09:00-14:00'], ['13:00-14:00']],
  ['within the ordinary hours', 600, 660, ['09:00-13:00'], ['10:00-11:00']],
  ['earlier, touching', 500, 540, ['08:20-13:00'], ['08:20-09:00']],
  ['apart', 900, 960, ['09:00-13:00', '15:00-16:00'], ['15:00-16:00']],
])('An extraordinary opening adds to the weekly hours: %s', (_, opens, closes, open, extra) => {
  const office = officeWith({ openings: [{ date: '2027-01-12', opens, closes }] });
  const day = bookOf(office).forOffice(office, '2027-01-12');
  expect([shown(day.open), shown(day.extra)]).toEqual([open, extra]);
});

test('Weekly hours that touch are one opening, in whatever order the file has them', () => {
  const morning = { days: WORKDAYS, opens: 540, closes: 660 };
  const noon = { days: WORKDAYS, opens: 660, closes: 780 };
  const late = { days: WORKDAYS, opens: 900, closes: 1020 };
  const expected = ['09:00-13:00', '15:00-17:00'];
  expect(hoursOf(officeWith({ openingHours: [late, noon, morning] }), '2027-01-12')).toEqual(expected);
});

test.each([
  ['01:00–04:00 in March lasts two hours', '2027-03-28', 60, 240, '00:00Z', '02:00Z'],
  ['01:00–04:00 in October lasts four', '2027-10-31', 60, 240, '-1:23:00Z', '03:00Z'],
  ['an opening edge in the gap moves to the change', '2027-03-28', 150, 240, '01:00Z', '02:00Z'],
  ['a closing edge in the gap moves to the change', '2027-03-28', 60, 150, '00:00Z', '01:00Z'],
  ['the whole day of March has 23 hours', '2027-03-28', 0, 1440, '-1:23:00Z', '22:00Z'],
  ['the whole day of October has 25', '2027-10-31', 0, 1440, '-1:22:00Z', '23:00Z'],
])('When the clocks change, %s', (_, date, opens, closes, from, until) => {
  const office = officeWith({ openings: [{ date, opens, closes }] });
  const at = (text: string) =>
    Date.parse(text.startsWith('-1:') ? `${addDays(date, -1)}T${text.slice(3)}` : `${date}T${text}`) / 60_000;
  expect(bookOf(office).forOffice(office, date).open).toEqual([{ start: at(from), end: at(until) }]);
});

test('An opening wholly within the gap is none', () => {
  const office = officeWith({ openings: [{ date: '2027-03-28', opens: 125, closes: 175 }] });
  expect(bookOf(office).forOffice(office, '2027-03-28')).toEqual({ open: [], extra: [] });
});

test('A door is open for the real minutes in which the wall clock shows its hours', () => {
  const zones = [
    'Europe/Rome',
    'America/New_York',
    'Australia/Lord_Howe',
    'Asia/Kathmandu',
    'Africa/Casablanca',
    'UTC',
  ];
  const wallOf = fc.constantFrom(...zones).chain((zone) => fc.tuple(fc.constant(zone), wallIn(zone)));
  const edges = fc.tuple(fc.integer({ min: 0, max: 48 }), fc.integer({ min: 0, max: 48 }));
  fc.assert(
    fc.property(wallOf, edges, ([timeZone, { day }], halfHours) => {
      const [opens, closes] = halfHours.map((n) => n * 30).sort((a, b) => a - b) as [number, number];
      fc.pre([opens, closes].every((time) => minutesShowing(day, time, timeZone).length < 2));
      const office = officeWith({ openingHours: [], openings: [{ date: day, opens, closes }] });
      const { open } = bookOf(office, { timeZone }).forOffice(office, day);
      const lasting = open.reduce((sum, { start, end }) => sum + end - start, 0);
      expect(lasting).toBe(realMinutes(day, opens, closes, timeZone));
    }),
    { numRuns: 1000 },
  );
});

/** Counted a quarter of an hour at a time, for so these clocks change, asking Temporal what the wall clock shows. */
function realMinutes(day: Day, opens: number, closes: number, zone: string): number {
  const noon = Date.parse(`${day}T12:00Z`) / 60_000;
  let open = 0;
  for (let minute = noon - 1600; minute < noon + 1600; minute += 15) {
    const wall = zoned(minute, zone);
    const time = wall.hour * 60 + wall.minute;
    if (time >= opens && time < closes && wall.toPlainDate().toString() === day) open += 15;
  }
  return open;
}

test('One book keeps offices, services, audiences, doors and days apart', () => {
  const technicians = { days: WORKDAYS, opens: 540, closes: 600, audience: ['professionals' as const] };
  const suap = officeWith({
    openingHours: [{ days: ['wed'], opens: 660, closes: 720 }, technicians],
    receptionHours: [],
  });
  const sue = officeWith({ id: 'sue' });
  const own = serviceWith({ id: 'altra', openingHours: [{ days: WORKDAYS, opens: 870, closes: 930 }] });
  const book = bookOf(suap);
  const day = '2027-01-12';
  expect(shown(book.forService(suap, serviceWith(), 'professionals', day).open)).toEqual(['09:00-10:00']);
  expect(shown(book.forService(suap, serviceWith(), 'public', day).open)).toEqual([]);
  expect(shown(book.forService(suap, serviceWith(), 'public', '2027-01-13').open)).toEqual(['11:00-12:00']);
  expect(shown(book.forService(suap, own, 'public', day).open)).toEqual(['14:30-15:30']);
  expect(shown(book.forService(sue, serviceWith(), 'public', day).open)).toEqual(['09:00-13:00']);
  expect(shown(book.forOffice(suap, '2027-01-13').open)).toEqual(['11:00-12:00']);
  expect(shown(book.forOffice(sue, '2027-01-13').open)).toEqual(['09:00-13:00']);
  expect(shown(book.forReception(suap, '2027-01-13').open)).toEqual([]);
});

test('The book says the same however it is asked, and again the second time', () => {
  const weekly = fc.record({
    days: fc.uniqueArray(fc.constantFrom(...WEEKDAYS), { minLength: 1 }),
    opens: fc.integer({ min: 0, max: 140 }).map((n) => n * 5),
    closes: fc.integer({ min: 141, max: 288 }).map((n) => n * 5),
    audience: fc.option(fc.constant(['professionals' as const]), { nil: undefined }),
  });
  const dates = fc.integer({ min: 0, max: 364 }).map((n) => addDays('2027-01-01', n));
  fc.assert(
    fc.property(fc.array(weekly, { maxLength: 4 }), fc.array(dates, { minLength: 1, maxLength: 8 }), (hours, days) => {
      const office = officeWith({ openingHours: hours });
      const book = bookOf(office);
      for (const day of [...days, ...days]) {
        const { open } = book.forService(office, serviceWith(), 'public', day);
        expect(open).toEqual(bookOf(office).forService(office, serviceWith(), 'public', day).open);
        const due = hours.filter((h) => !h.audience && h.days.includes(weekdayOf(day)));
        expect(open.length > 0).toBe(due.length > 0 && book.reasonClosed(office, day) === null);
      }
    }),
    { numRuns: 1000 },
  );
});

test.each(['0000-01-01', '0001-01-01', '1948-12-31', '9999-12-31'])('The book has a page for %s', (day) => {
  const office = officeWith({ municipality: 'vinchio', openingHours: [{ days: WEEKDAYS, opens: 0, closes: 1440 }] });
  const lengths = bookOf(office)
    .forOffice(office, day)
    .open.map(({ start, end }) => Math.round((end - start) / 60));
  expect(lengths).toEqual([24]);
});

test('A stream of distant days does not fill the memory: the book forgets, and answers as before', () => {
  const office = officeWith();
  const book = bookOf(office);
  const first: OpenDay = book.forOffice(office, '2027-01-12');
  expect(book.forOffice(office, '2027-01-12')).toBe(first);
  const shut = officeWith({ id: 'chiuso', openingHours: [] });
  for (const day of eachDay('1900-01-01', addDays('1900-01-01', 50_000))) book.forOffice(shut, day);
  expect(book.forOffice(office, '2027-01-12')).not.toBe(first);
  expect(book.forOffice(office, '2027-01-12')).toEqual(first);
});
