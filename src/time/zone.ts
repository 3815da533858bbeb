// SPDX-License-Identifier: AGPL-3.0-or-later
import { Temporal } from 'temporal-polyfill';
import { dayFromNumber, formatTime, twoDigits, type Day, type MinuteOfDay } from './day.ts';
import type { Minute } from './interval.ts';

const DAY = 1440;
const DAY_SECONDS = 86_400;
const MOST_KEPT = 10_000;

/** By zone, the offset of each UTC day asked about; NaN on a day in which it changes. */
const kept = new Map<string, Map<number, number>>();

/**
 * Minutes the wall clock of `zone` is ahead of UTC at this instant. A look-up costs Temporal 3 µs, so whole days are
 * remembered. Zones change at any minute (Antarctica/Casey at 00:01), but none twice within a day.
 */
export function offsetAt(minute: Minute, zone: string): number {
  let offsets = kept.get(zone);
  if (!offsets) kept.set(zone, (offsets = new Map()));
  const day = Math.floor(minute / DAY);
  let offset = offsets.get(day);
  if (offset === undefined) {
    if (offsets.size >= MOST_KEPT) offsets.clear();
    const atStart = exactOffset(day * DAY, zone);
    offset = atStart === exactOffset((day + 1) * DAY, zone) ? atStart : NaN;
    offsets.set(day, offset);
  }
  return Number.isNaN(offset) ? exactOffset(minute, zone) : offset;
}

function exactOffset(minute: Minute, zone: string): number {
  const at = Temporal.Instant.fromEpochMilliseconds(Math.round(minute * 60_000));
  return at.toZonedDateTimeISO(zone).offsetNanoseconds / 60_000_000_000;
}

/** Minutes since the epoch as the wall clock counts them: differences are wall-clock differences. */
export const wallMinute = (minute: Minute, zone: string): number => minute + offsetAt(minute, zone);

export const dayOf = (minute: Minute, zone: string): Day => dayFromNumber(Math.floor(wallMinute(minute, zone) / DAY));

export const timeOf = (minute: Minute, zone: string): MinuteOfDay =>
  ((Math.floor(wallMinute(minute, zone)) % DAY) + DAY) % DAY;

/**
 * RFC 3339 with the zone's own offset, never `Z`: `2027-03-30T09:00:00+02:00`.
 * Solar time of the nineteenth century had seconds in its offset, the format has none: the nearest minute says the same instant.
 */
export function rfc3339(minute: Minute, zone: string): string {
  const offset = Math.round(offsetAt(minute, zone));
  const size = Math.abs(offset);
  const wall = Math.floor(Math.round((minute + offset) * 60_000) / 1000);
  const second = ((wall % DAY_SECONDS) + DAY_SECONDS) % DAY_SECONDS;
  const time = `${formatTime(Math.floor(second / 60))}:${twoDigits(second % 60)}`;
  return `${dayFromNumber(Math.floor(wall / DAY_SECONDS))}T${time}${offset < 0 ? '-' : '+'}${formatTime(size)}`;
}

/** The instant, or why there is none. */
type ReadStart = { minute: Minute } | { problem: 'malformed' | 'nonexistent' | 'ambiguous' };

const START = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?$/i;

/** A start as a client writes it: with an offset it is that instant, without one wall-clock time in `zone`. */
export function readStart(text: string, zone: string): ReadStart {
  const offset = START.exec(text)?.[3];
  try {
    if (!START.test(text)) return { problem: 'malformed' };
    if (offset) return { minute: Temporal.Instant.from(text).epochMilliseconds / 60_000 };
    const wall = Temporal.PlainDateTime.from(text, { overflow: 'reject' });
    const earlier = wall.toZonedDateTime(zone, { disambiguation: 'earlier' });
    const later = wall.toZonedDateTime(zone, { disambiguation: 'later' });
    if (!earlier.toPlainDateTime().equals(wall)) return { problem: 'nonexistent' };
    if (!earlier.equals(later)) return { problem: 'ambiguous' };
    return { minute: earlier.epochMilliseconds / 60_000 };
  } catch {
    return { problem: 'malformed' };
  }
}
