// SPDX-License-Identifier: AGPL-3.0-or-later
import { z } from 'zod';
import { addDays, instantOf, type Day, type MinuteOfDay } from '../time/day.ts';
import { elapsed, parseDuration, type Duration } from '../time/duration.ts';
import { TICK } from '../time/tick.ts';

/** A value written as text: `read` answers null when the text is not what `wanted` asks for. */
const written = <T>(wanted: string, read: (text: string) => T | null) =>
  z.string().transform((text, ctx): T => {
    const value = read(text.trim());
    if (value !== null) return value;
    ctx.addIssue({ code: 'custom', message: `${wanted}, not "${text.trim().slice(0, 80)}".` });
    return z.NEVER;
  });

const matching = (form: RegExp, wanted: string) => written(wanted, (text) => (form.test(text) ? text : null));

/** What `read` answers, or null where it throws. */
function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}

/** One line: it may end up in the header of a letter. */
export const line = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .refine((text) => !/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(text), 'Write this on one line, without control characters.');

/** Some lines. */
export const prose = z
  .string()
  .trim()
  .min(1)
  .max(2000)
  .refine((text) => !/(?!\n)[\p{Cc}\p{Cs}]/u.test(text), 'Write this without control characters.');

export const id = matching(/^[a-z0-9-]{1,64}$/, 'Write 1 to 64 small letters, digits and hyphens');

/** Fields are named in JSON, where an underscore is the custom; `constructor` is a word every object knows already. */
export const fieldId = matching(
  /^(?!constructor$)[a-z][a-z0-9_-]{0,63}$/,
  'Write 1 to 64 small letters, digits, underscores and hyphens, a letter first',
);

export const email = z.email().max(254);

const isDay = (text: string): boolean => /^\d{4}-\d\d-\d\d$/.test(text) && orNull(() => addDays(text, 0)) === text;

export const day = written<Day>('Write a day of the calendar as YYYY-MM-DD', (text) => (isDay(text) ? text : null));

const minuteOfDay = (text: string): MinuteOfDay | null => {
  const [, hours, minutes] = /^(\d\d?):(\d\d)$/.exec(text) ?? [];
  const total = Number(hours) * 60 + Number(minutes);
  return total <= 1440 && Number(minutes) < 60 && total % TICK === 0 ? total : null;
};

export const time = written('Write a time in steps of five minutes such as "09:00", at most "24:00"', minuteOfDay);

const duration = (text: string): Duration | null => orNull(() => parseDuration(text));

const within = (text: string, least: number, most: number): number | null => {
  const minutes = elapsed(duration(text) ?? { days: 0, minutes: NaN });
  return least <= minutes && minutes <= most ? minutes : null;
};

const DAY = 1440;

const inTicks = (least: number, wanted: string) =>
  written(wanted, (text) => {
    const minutes = within(text, least, DAY);
    return minutes !== null && minutes % TICK === 0 ? minutes : null;
  });

/** Minutes. */
export const length = inTicks(TICK, 'Write a length of 5 minutes to 24 hours in steps of 5 minutes, such as PT30M');

/** Minutes. */
export const buffer = inTicks(0, 'Write a length of up to 24 hours in steps of 5 minutes, such as PT0M or PT15M');

const FARTHEST_DAYS = 731;

/** Elapsed minutes. */
export const notice = written('Write a length of up to two years in days, hours and minutes, such as PT2H', (text) =>
  within(text, 0, FARTHEST_DAYS * DAY),
);

/** Elapsed minutes. */
export const horizon = written('Write a length of one minute to two years, such as P90D', (text) =>
  within(text, 1, FARTHEST_DAYS * DAY),
);

/** Before the start of an appointment; nothing is PT0M. */
export const ahead = written(
  'Write a length of up to two years in days, hours and minutes, such as P1D or PT2H',
  (t) => (within(t, 0, FARTHEST_DAYS * DAY) === null ? null : duration(t)),
);

/** A length that is not nothing. */
export const span = written('Write a length of one minute to two years, such as P7D or PT2H', (t) =>
  within(t, 1, FARTHEST_DAYS * DAY) === null ? null : duration(t),
);

const LEAST_KEPT_DAYS = 7;
const MOST_KEPT_DAYS = 365;

/** Days. */
export const keep = written('Write whole days, P7D to P365D, such as P90D', (text) => {
  const minutes = within(text, LEAST_KEPT_DAYS * DAY, MOST_KEPT_DAYS * DAY);
  return minutes !== null && minutes % DAY === 0 ? minutes / DAY : null;
});

/** In a leap year, so that 02-29 may be someone's day. */
const isPatronDate = (text: string): boolean =>
  isDay(`2028-${text}`) || Number(/^easter\+(\d{1,3})$/.exec(text)?.[1] ?? Infinity) <= 250;

export const patronDate = written(
  'Write the day every year as "MM-DD", or "easter+N", up to 250 days after Easter Sunday',
  (text) => (isPatronDate(text) ? text : null),
);

const isZone = (text: string): boolean =>
  /^[A-Za-z]/.test(text) && orNull(() => instantOf('2027-01-01', 0, text)) !== null;

export const timeZone = written('Write a time zone of the IANA list, such as Europe/Rome', (text) =>
  isZone(text) ? text : null,
);

const HOST = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;

export const host = written('Write a bare host name such as prenota.comune.example, no scheme, port or path', (text) =>
  HOST.test(text.toLowerCase()) ? text.toLowerCase() : null,
);

const webUrl = (text: string): URL | null => {
  const url = orNull(() => new URL(text));
  return url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !/\s/.test(text) ? url : null;
};

export const webAddress = written('Write a web address that begins with https:// or http://', (text) =>
  webUrl(text) ? text : null,
);

/** The beginning of the links we send, without a slash at its end. */
export const publicUrl = written(
  'Write a web address that begins with https:// or http://, without "?" and "#", such as https://prenota.comune.example',
  (text) => (webUrl(text) && !/[?#]/.test(text) ? text.replace(/\/+$/, '') : null),
);

/** Where a call is held: nothing of it goes over the network in clear. */
export const roomAddress = written('Write a web address that begins with https://', (text) =>
  text.length <= 500 && webUrl(text)?.protocol === 'https:' ? text : null,
);
