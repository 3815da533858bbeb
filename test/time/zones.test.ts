// SPDX-License-Identifier: AGPL-3.0-or-later
import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { addDays, daysFrom, eachDay, instantOf, weekdayOf, WEEKDAYS } from '../../src/time/day.ts';
import { before, elapsed, formatDuration, parseDuration } from '../../src/time/duration.ts';
import { dayOf, offsetAt, readStart, rfc3339, timeOf, wallMinute } from '../../src/time/zone.ts';
import { firstShowing, inZone, minuteIn, minutesShowing, wallIn, zoned, ZONES } from './oracle.ts';
import { answers } from './process-zone.ts';

fc.configureGlobal({ numRuns: 1000 });

const utc = (text: string): number => Date.parse(text) / 60_000;
const clock = (time: number): string =>
  `${String(Math.floor(time / 60)).padStart(2, '0')}:${String(time % 60).padStart(2, '0')}`;
const anyDay = fc
  .integer({ min: -200_000, max: 200_000 })
  .map((n) => Temporal.PlainDate.from('1970-01-01').add({ days: n }));

test.each([
  ['an ordinary morning', '2027-01-12', 540, 'Europe/Rome', '2027-01-12T08:00Z'],
  ['a summer morning', '2027-07-12', 540, 'Europe/Rome', '2027-07-12T07:00Z'],
  ['midnight at the end of the day', '2027-07-12', 1440, 'Europe/Rome', '2027-07-12T22:00Z'],
  ['the last minute before the gap', '2027-03-28', 119, 'Europe/Rome', '2027-03-28T00:59Z'],
  ['the first minute of the gap', '2027-03-28', 120, 'Europe/Rome', '2027-03-28T01:00Z'],
  ['the middle of the gap moves to the change', '2027-03-28', 150, 'Europe/Rome', '2027-03-28T01:00Z'],
  ['the first minute after the gap', '2027-03-28', 180, 'Europe/Rome', '2027-03-28T01:00Z'],
  ['the repeated hour, the first of the two', '2027-10-31', 150, 'Europe/Rome', '2027-10-31T00:30Z'],
  ['the first minute after the repeated hour', '2027-10-31', 180, 'Europe/Rome', '2027-10-31T02:00Z'],
  ['a gap of half an hour', '2027-10-03', 135, 'Australia/Lord_Howe', '2027-10-02T15:30Z'],
  ['noon of the day Samoa left out', '2011-12-30', 720, 'Pacific/Apia', '2011-12-30T10:00Z'],
  ['a change one minute past midnight', '2011-03-13', 30, 'America/St_Johns', '2011-03-13T03:31Z'],
  ['a leap day', '2028-02-29', 540, 'Europe/Rome', '2028-02-29T08:00Z'],
])('A wall clock becomes an instant: %s', (_, day, time, zone, expected) => {
  expect(instantOf(day, time, zone)).toBe(utc(expected));
});

test('An instant of a day and time is the first minute the wall clock shows it or has passed it', () => {
  fc.assert(
    fc.property(inZone(wallIn), ([zone, { day, time }]) => {
      expect(instantOf(day, time, zone)).toBe(firstShowing(day, time, zone));
    }),
  );
});

test('Later on the wall clock is never earlier in time', () => {
  const time = fc.integer({ min: 0, max: 1440 });
  fc.assert(
    fc.property(inZone(wallIn), time, time, ([zone, { day }], one, other) => {
      const early = instantOf(day, Math.min(one, other), zone);
      expect(early).toBeLessThanOrEqual(instantOf(day, Math.max(one, other), zone));
    }),
  );
});

test('Day, time, offset and text of an instant are what Temporal says', () => {
  const seconds = fc.constantFrom(0, 0, 1, 59, 59.999);
  fc.assert(
    fc.property(inZone(minuteIn), seconds, ([zone, whole], second) => {
      const minute = whole + second / 60;
      const at = zoned(minute, zone);
      expect(dayOf(minute, zone)).toBe(at.toPlainDate().toString());
      expect(timeOf(minute, zone)).toBe(at.hour * 60 + at.minute);
      expect(offsetAt(minute, zone)).toBe(at.offsetNanoseconds / 60_000_000_000);
      expect(wallMinute(whole, zone)).toBe(whole + offsetAt(whole, zone));
      expect(rfc3339(minute, zone)).toBe(at.toString({ timeZoneName: 'never', smallestUnit: 'second' }));
    }),
  );
});

test('An instant written is the instant read, in its own zone or any other', () => {
  fc.assert(
    fc.property(inZone(minuteIn), fc.constantFrom(...ZONES), ([zone, minute], reader) => {
      expect(readStart(rfc3339(minute, zone), reader)).toEqual({ minute });
    }),
  );
});

test('A start without an offset is refused when that time does not exist or exists twice', () => {
  fc.assert(
    fc.property(inZone(wallIn), ([zone, { day, time }]) => {
      const shown = minutesShowing(day, time, zone);
      const problem = shown.length ? 'ambiguous' : 'nonexistent';
      expect(readStart(`${day}T${clock(time)}`, zone)).toEqual(shown.length === 1 ? { minute: shown[0] } : { problem });
    }),
  );
});

test.each([
  ['2027-03-30T09:00:00+02:00', { minute: utc('2027-03-30T07:00Z') }],
  ['2027-03-30T07:00:00Z', { minute: utc('2027-03-30T07:00Z') }],
  ['2027-03-30t07:00z', { minute: utc('2027-03-30T07:00Z') }],
  ['2027-03-30T02:00-05:00', { minute: utc('2027-03-30T07:00Z') }],
  ['2027-03-30T09:00', { minute: utc('2027-03-30T07:00Z') }],
  ['2027-03-30T09:00:30', { minute: utc('2027-03-30T07:00Z') + 0.5 }],
  ['2027-03-30T09:00:00.000000', { minute: utc('2027-03-30T07:00Z') }],
  ['2027-03-28T02:30', { problem: 'nonexistent' }],
  ['2027-03-28T02:00', { problem: 'nonexistent' }],
  ['2027-03-28T03:00', { minute: utc('2027-03-28T01:00Z') }],
  ['2027-10-31T02:30', { problem: 'ambiguous' }],
  ['2027-10-31T02:30+02:00', { minute: utc('2027-10-31T00:30Z') }],
  ['2027-10-31T02:30+01:00', { minute: utc('2027-10-31T01:30Z') }],
  ['2027-10-31T03:00', { minute: utc('2027-10-31T02:00Z') }],
  ['2028-02-29T09:00', { minute: utc('2028-02-29T08:00Z') }],
])('The start %s is read as it is meant', (text, expected) => {
  expect(readStart(text, 'Europe/Rome')).toEqual(expected);
});

test.each([
  '',
  '2027-03-30',
  '2027-03-30 09:00',
  '2027-02-30T09:00',
  '2027-02-29T09:00+01:00',
  '2027-13-01T09:00Z',
  '2027-03-30T24:00',
  '2027-03-30T09:60',
  '2027-03-30T9:00',
  '2027-03-30T09:00+0200',
  '2027-03-30T09:00+24:00',
  '2027-03-30T09:00:00+02:00[Europe/Rome]',
  '20270330T0900Z',
  '+012027-03-30T09:00Z',
  '2027-03-30T09:00Z\n',
  '２０２７-03-30T09:00Z',
  '1806390000',
])('The start %j is malformed', (text) => {
  expect(readStart(text, 'Europe/Rome')).toEqual({ problem: 'malformed' });
});

test('No text makes the reader of starts throw', () => {
  const digits = fc.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?$/);
  fc.assert(
    fc.property(fc.oneof(fc.string(), digits), fc.constantFrom(...ZONES), (text, zone) => {
      const read = readStart(text, zone);
      if ('minute' in read) expect(Number.isFinite(read.minute)).toBe(true);
      else expect(['malformed', 'nonexistent', 'ambiguous']).toContain(read.problem);
    }),
  );
});

test('Days are added, counted and named as in the calendar', () => {
  fc.assert(
    fc.property(anyDay, fc.integer({ min: -1000, max: 1000 }), (date, days) => {
      const day = date.toString();
      const other = date.add({ days });
      expect(addDays(day, days)).toBe(other.toString());
      expect(daysFrom(day, other.toString())).toBe(days);
      expect(weekdayOf(day)).toBe(WEEKDAYS[date.dayOfWeek - 1]);
    }),
  );
});

test('A range of days has both its ends, and none when it runs backwards', () => {
  expect(eachDay('2028-02-28', '2028-03-01')).toEqual(['2028-02-28', '2028-02-29', '2028-03-01']);
  expect(eachDay('2027-12-31', '2027-12-31')).toEqual(['2027-12-31']);
  expect(eachDay('2027-12-31', '2027-12-30')).toEqual([]);
});

test('The calendar of four digits ends in its first and last day', () => {
  expect(addDays('9999-12-31', 1)).toBe('9999-12-31');
  expect(addDays('0000-01-01', -1)).toBe('0000-01-01');
  expect(eachDay('9999-12-30', '9999-12-31')).toEqual(['9999-12-30', '9999-12-31']);
  expect(dayOf(utc('9999-12-31T23:30Z'), 'Europe/Rome')).toBe('9999-12-31');
});

test.each(ZONES)('The most distant days are days like others in %s', (zone) => {
  for (const day of ['0000-01-01', '0001-01-01', '1582-10-10', '1893-10-31', '9999-12-31']) {
    const [opens, closes] = [instantOf(day, 0, zone), instantOf(day, 1440, zone)];
    expect(closes - opens).toBeGreaterThan(1400);
    expect(closes - opens).toBeLessThan(1500);
    expect(dayOf(opens + 720, zone)).toBe(day);
    const written = Temporal.Instant.from(rfc3339(opens + 720, zone)).epochMilliseconds;
    expect(Math.abs(written - (opens + 720) * 60_000)).toBeLessThan(1000);
    expect(before(opens, { days: 1, minutes: 0 }, zone)).toBeLessThanOrEqual(opens);
  }
});

test.each([
  ['three days before, across the change of March', '2027-03-30T09:00+02:00', 'P3D', '2027-03-27T09:00+01:00'],
  ['one day before, across the change of October', '2027-10-31T09:00+01:00', 'P1D', '2027-10-30T09:00+02:00'],
  ['two hours before, across the change of March', '2027-03-28T03:30+02:00', 'PT2H', '2027-03-28T00:30+01:00'],
  ['a day of hours is 24 of them', '2027-03-28T12:00+02:00', 'PT24H', '2027-03-27T11:00+01:00'],
  ['one day before falls in the gap: the change', '2027-03-29T02:30+02:00', 'P1D', '2027-03-28T03:00+02:00'],
  ['one day before falls in the repeated hour: the first', '2027-11-01T02:30+01:00', 'P1D', '2027-10-31T02:30+02:00'],
  ['days first, then hours', '2027-03-29T01:00+02:00', 'P1DT1H', '2027-03-28T00:00+01:00'],
  ['nothing before is the instant itself', '2027-03-29T01:00+02:00', 'PT0M', '2027-03-29T01:00+02:00'],
])('Stepping back: %s', (_, from, duration, expected) => {
  const minute = before(utc(from), parseDuration(duration), 'Europe/Rome');
  expect(rfc3339(minute, 'Europe/Rome').slice(0, 16)).toBe(expected.slice(0, 16));
  expect(minute).toBe(utc(expected));
});

test('Days step back on the wall clock and hours are hours, as Temporal has it', () => {
  const duration = fc.record({ days: fc.integer({ min: 0, max: 40 }), minutes: fc.integer({ min: 0, max: 3000 }) });
  fc.assert(
    fc.property(inZone(minuteIn), duration, ([zone, minute], { days, minutes }) => {
      const at = zoned(minute, zone);
      const day = at.toPlainDate().subtract({ days }).toString();
      const sameTime = days ? firstShowing(day, at.hour * 60 + at.minute, zone) : minute;
      expect(before(minute, { days, minutes }, zone)).toBe(sameTime - minutes);
    }),
  );
});

test('Durations are read, written and measured as ISO 8601 has them', () => {
  const duration = fc.record({ days: fc.integer({ min: 0, max: 400 }), minutes: fc.integer({ min: 0, max: 5000 }) });
  fc.assert(
    fc.property(duration, (value) => {
      const text = formatDuration(value);
      expect(parseDuration(text)).toEqual(value);
      expect(elapsed(value)).toBe(Temporal.Duration.from(text).total('minutes'));
    }),
  );
  expect(parseDuration('P1W2DT1H30M')).toEqual({ days: 9, minutes: 90 });
  expect(formatDuration({ days: 0, minutes: 0 })).toBe('PT0M');
  expect(formatDuration({ days: 1, minutes: 120 })).toBe('P1DT2H');
});

test.each(['', '30M', 'PT', 'P1Y', 'P1M', 'PT30S', 'PT0.5S', 'PT1.51M', '-PT30M', '30', 'P1D2H'])(
  'The duration %j is refused',
  (text) => {
    expect(() => parseDuration(text)).toThrow(RangeError);
  },
);

test.each(['UTC', 'Europe/Rome', 'America/New_York'])('The answers are the same when the process lives in %s', (TZ) => {
  const flags = ['--experimental-transform-types', '--disable-warning=ExperimentalWarning'];
  const program = `${import.meta.dirname}/process-zone.ts`;
  const child = spawnSync(process.execPath, [...flags, program], { env: { ...process.env, TZ }, encoding: 'utf8' });
  expect(child.stderr).toBe('');
  expect(JSON.parse(child.stdout)).toEqual({ livesIn: TZ, answers: answers() });
});
