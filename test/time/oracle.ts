// SPDX-License-Identifier: AGPL-3.0-or-later
import * as fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';

/** Zones that break naive arithmetic: half and quarter hours, changes at 00:01, a half-hour summer time, a day left out. */
export const ZONES = [
  'Europe/Rome',
  'Europe/Dublin',
  'America/New_York',
  'America/St_Johns',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Asia/Gaza',
  'Africa/Casablanca',
  'Antarctica/Casey',
  'Pacific/Apia',
  'UTC',
];

const FIRST = Date.UTC(2000, 0, 1) / 60_000;
const LAST = Date.UTC(2041, 0, 1) / 60_000;

export const zoned = (minute: number, zone: string): Temporal.ZonedDateTime =>
  Temporal.Instant.fromEpochMilliseconds(Math.round(minute * 60_000)).toZonedDateTimeISO(zone);

/** The minutes at which the clocks of a zone change between 2000 and 2040. */
export const changesOf = (zone: string): number[] => {
  let at = zoned(FIRST, zone).getTimeZoneTransition('next');
  const changes: number[] = [];
  while (at && at.epochMilliseconds / 60_000 < LAST) {
    changes.push(at.epochMilliseconds / 60_000);
    at = at.getTimeZoneTransition('next');
  }
  return changes;
};

const changes = new Map(ZONES.map((zone) => [zone, changesOf(zone)]));

/** Minutes from 2000 to 2040, half of them within two hours of a change of the clocks. */
export const minuteIn = (zone: string): fc.Arbitrary<number> => {
  const anywhere = fc.integer({ min: FIRST, max: LAST });
  const near = changes.get(zone)!;
  if (!near.length) return anywhere;
  const close = fc.tuple(fc.constantFrom(...near), fc.integer({ min: -120, max: 120 })).map(([at, by]) => at + by);
  return fc.oneof(anywhere, close);
};

/** A day and a time of day, half of them close to a change of the clocks. */
export const wallIn = (zone: string): fc.Arbitrary<{ day: string; time: number }> =>
  fc.tuple(minuteIn(zone), fc.integer({ min: -90, max: 90 })).map(([minute, by]) => {
    const wall = zoned(minute, zone).toPlainDateTime().add({ minutes: by });
    return { day: wall.toPlainDate().toString(), time: wall.hour * 60 + wall.minute };
  });

export const inZone = <T>(of: (zone: string) => fc.Arbitrary<T>): fc.Arbitrary<[string, T]> =>
  fc.constantFrom(...ZONES).chain((zone) => fc.tuple(fc.constant(zone), of(zone)));

/** Every minute at which the wall clock of `zone` shows this, in order: none in the gap, two in the repeated hour. */
export function minutesShowing(day: string, time: number, zone: string): number[] {
  const wall = Temporal.PlainDateTime.from(day).add({ minutes: time });
  const asUtc = wall.toZonedDateTime('UTC').epochMilliseconds / 60_000;
  const offsets = [-1440, 1440].map((by) => zoned(asUtc + by, zone).offsetNanoseconds / 60_000_000_000);
  const candidates = [...new Set(offsets)].map((offset) => asUtc - offset).sort((a, b) => a - b);
  return candidates.filter((minute) => zoned(minute, zone).toPlainDateTime().equals(wall));
}

/** The first minute at which the wall clock shows this or has left it behind, found by bisection in a gap. */
export function firstShowing(day: string, time: number, zone: string): number {
  const shown = minutesShowing(day, time, zone)[0];
  if (shown !== undefined) return shown;
  const wall = Temporal.PlainDateTime.from(day).add({ minutes: time });
  const asUtc = wall.toZonedDateTime('UTC').epochMilliseconds / 60_000;
  let before = asUtc - 2 * 1440;
  let after = asUtc + 2 * 1440;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (Temporal.PlainDateTime.compare(zoned(middle, zone).toPlainDateTime(), wall) < 0) before = middle;
    else after = middle;
  }
  return after;
}
