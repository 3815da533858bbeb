// SPDX-License-Identifier: AGPL-3.0-or-later
import { Temporal } from 'temporal-polyfill';
import type { Minute } from './interval.ts';

/** A calendar day, `YYYY-MM-DD`. Sorts as text. */
export type Day = string;

/** Minutes since midnight on the wall clock, 0 to 1440. */
export type MinuteOfDay = number;

export const twoDigits = (n: number): string => (n < 10 ? `0${n}` : `${n}`);

/** `09:00`, as the authority file and RFC 3339 write it. */
export const formatTime = (time: MinuteOfDay): string => `${twoDigits(Math.floor(time / 60))}:${twoDigits(time % 60)}`;

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

const DAY_MS = 86_400_000;
const dayNumber = (day: Day): number => Date.parse(`${day}T00:00Z`) / DAY_MS;
const FIRST_DAY = dayNumber('0000-01-01');
const LAST_DAY = dayNumber('9999-12-31');

/** Writing a day costs a microsecond, and an answer full of times writes the same thirty again and again. */
const written = new Map<number, Day>();
const MOST_KEPT = 10_000;

/**
 * The n-th day since 1970-01-01. Beyond the calendar of four digits it is that calendar's first or last day,
 * so that every Day can be read back and sorts as text: walk a range with `eachDay`, not by adding until past it.
 */
export function dayFromNumber(n: number): Day {
  let day = written.get(n);
  if (day === undefined) {
    if (written.size >= MOST_KEPT) written.clear();
    day = new Date(Math.min(Math.max(n, FIRST_DAY), LAST_DAY) * DAY_MS).toISOString().slice(0, 10);
    written.set(n, day);
  }
  return day;
}

export const addDays = (day: Day, days: number): Day => dayFromNumber(dayNumber(day) + days);

export const daysFrom = (from: Day, through: Day): number => dayNumber(through) - dayNumber(from);

/** Every day of the range, both ends included. */
export const eachDay = (from: Day, through: Day): Day[] =>
  Array.from({ length: Math.max(0, daysFrom(from, through) + 1) }, (_, i) => addDays(from, i));

/** 1970-01-01 was a Thursday. */
export const weekdayOf = (day: Day): Weekday => WEEKDAYS[(((dayNumber(day) + 3) % 7) + 7) % 7]!;

/** By zone, day and time: Temporal takes some 80 µs for one, and the same few are asked for again and again. */
const instants = new Map<string, Minute>();

/**
 * The instant a wall clock in `zone` shows this time of this day.
 * In the hour skipped in spring it is the moment of the change; in the one repeated in autumn, the first of the two.
 */
export function instantOf(day: Day, time: MinuteOfDay, zone: string): Minute {
  const key = `${zone} ${day} ${time}`;
  let instant = instants.get(key);
  if (instant === undefined) {
    if (instants.size >= MOST_KEPT) instants.clear();
    instants.set(key, (instant = exactInstant(day, time, zone)));
  }
  return instant;
}

function exactInstant(day: Day, time: MinuteOfDay, zone: string): Minute {
  const wall = Temporal.PlainDateTime.from(day).add({ minutes: time });
  const earlier = wall.toZonedDateTime(zone, { disambiguation: 'earlier' });
  if (earlier.toPlainDateTime().equals(wall)) return earlier.epochMilliseconds / 60_000;
  return earlier.getTimeZoneTransition('next')!.epochMilliseconds / 60_000;
}
