// SPDX-License-Identifier: AGPL-3.0-or-later
import { Temporal } from 'temporal-polyfill';
import { instantOf, addDays } from './day.ts';
import type { Minute } from './interval.ts';
import { dayOf, timeOf } from './zone.ts';

/** An ISO 8601 duration of weeks, days, hours and minutes: days are wall-clock days, the rest elapsed minutes. */
export interface Duration {
  readonly days: number;
  readonly minutes: number;
}

/** @throws RangeError when the text is no such duration, is negative, or has years, months or seconds. */
export function parseDuration(text: string): Duration {
  const d = Temporal.Duration.from(text);
  if (d.sign < 0 || d.years || d.months || d.seconds || d.milliseconds || d.microseconds || d.nanoseconds)
    throw new RangeError(`not a duration of whole weeks, days, hours and minutes: ${text}`);
  return { days: d.weeks * 7 + d.days, minutes: d.hours * 60 + d.minutes };
}

/** Elapsed minutes, a day being 24 hours: for notice, horizon and lengths. */
export const elapsed = ({ days, minutes }: Duration): number => days * 1440 + minutes;

/** So long before an instant: days step back on the wall clock, hours and minutes are hours and minutes. */
export function before(minute: Minute, duration: Duration, zone: string): Minute {
  const day = addDays(dayOf(minute, zone), -duration.days);
  const sameTime = duration.days ? instantOf(day, timeOf(minute, zone), zone) : minute;
  return sameTime - duration.minutes;
}

/** So long after an instant: days step on along the wall clock, hours and minutes are hours and minutes. */
export const after = (minute: Minute, { days, minutes }: Duration, zone: string): Minute =>
  before(minute, { days: -days, minutes: -minutes }, zone);

/** `PT30M`, `P3D`, `P1DT2H`; `PT0M` for nothing. */
export function formatDuration({ days, minutes }: Duration): string {
  if (!days && !minutes) return 'PT0M';
  const h = Math.floor(minutes / 60);
  const m = minutes % 60;
  const time = minutes ? `T${h ? `${h}H` : ''}${m ? `${m}M` : ''}` : '';
  return `P${days ? `${days}D` : ''}${time}`;
}
