// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Day } from './day.ts';
import type { Minute } from './interval.ts';
import { dayOf, timeOf, wallMinute } from './zone.ts';

/** The languages in which dates are said here; British English puts the day before the month. */
export type Spoken = 'it' | 'en';

const LOCALES = { it: 'it-IT', en: 'en-GB' } as const;

/** An Intl formatter costs about 50 µs to make and is used for every slot of a page. */
const formatters = (options: Intl.DateTimeFormatOptions): Record<Spoken, Intl.DateTimeFormat> => ({
  it: new Intl.DateTimeFormat(LOCALES.it, { ...options, timeZone: 'UTC' }),
  en: new Intl.DateTimeFormat(LOCALES.en, { ...options, timeZone: 'UTC' }),
});

const WEEKDAY = formatters({ weekday: 'long' });
const DAY_AND_MONTH = formatters({ day: 'numeric', month: 'long' });
const MONTH = formatters({ month: 'long', year: 'numeric' });

const AT = { it: 'ore ', en: '' } as const;

/** The hour that comes twice in October, told apart. */
const TWICE = {
  it: { first: 'ora legale', second: 'ora solare' },
  en: { first: 'summer time', second: 'winter time' },
} as const;

/** `martedì 30 marzo`, `Tuesday 30 March`; the year follows only when it is not that of `today`. */
export function sayDate(day: Day, language: Spoken, today: Day): string {
  const date = new Date(`${day}T00:00Z`);
  const year = day.slice(0, 4) === today.slice(0, 4) ? '' : ` ${day.slice(0, 4)}`;
  return `${WEEKDAY[language].format(date)} ${DAY_AND_MONTH[language].format(date)}${year}`;
}

/** The day of an instant on the wall calendar of `zone`, as `sayDate` says it. */
export const sayDay = (minute: Minute, zone: string, language: Spoken, now: Minute): string =>
  sayDate(dayOf(minute, zone), language, dayOf(now, zone));

/** `marzo 2027`, `March 2027`: the month a day lies in. */
export const sayMonth = (day: Day, language: Spoken): string => MONTH[language].format(new Date(`${day}T00:00Z`));

/** `9:00`; in the hour that comes twice also which of the two: `2:30 (ora solare)`. */
export function sayTime(minute: Minute, zone: string, language: Spoken): string {
  const which = turnOf(minute, zone);
  return which ? `${clockTime(minute, zone)} (${TWICE[language][which]})` : clockTime(minute, zone);
}

/** `9:00–9:30`. */
export const sayRange = (start: Minute, end: Minute, zone: string, language: Spoken): string =>
  `${sayTime(start, zone, language)}–${sayTime(end, zone, language)}`;

/** `martedì 30 marzo, ore 9:00`, `Tuesday 30 March, 9:00`. */
export const sayMoment = (minute: Minute, zone: string, language: Spoken, now: Minute): string =>
  `${sayDay(minute, zone, language, now)}, ${AT[language]}${sayTime(minute, zone, language)}`;

/** `martedì 30 marzo, ore 9:00–9:30`, `Tuesday 30 March, 9:00–9:30`. */
export function sayWhen(start: Minute, end: Minute, zone: string, language: Spoken, now: Minute): string {
  return `${sayDay(start, zone, language, now)}, ${AT[language]}${sayRange(start, end, zone, language)}`;
}

function clockTime(minute: Minute, zone: string): string {
  const time = timeOf(minute, zone);
  return `${Math.floor(time / 60)}:${String(time % 60).padStart(2, '0')}`;
}

/** Whether the wall clock shows this time twice, and which of the two this is; clocks go back an hour, or half of one. */
function turnOf(minute: Minute, zone: string): 'first' | 'second' | null {
  const wall = wallMinute(minute, zone);
  if ([30, 60].some((back) => wallMinute(minute - back, zone) === wall)) return 'second';
  if ([30, 60].some((on) => wallMinute(minute + on, zone) === wall)) return 'first';
  return null;
}
