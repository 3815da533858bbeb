// SPDX-License-Identifier: AGPL-3.0-or-later
import { addDays, type Day } from '../time/day.ts';
import type { Interval, Minute } from '../time/interval.ts';
import { dayOf } from '../time/zone.ts';

/** When some door is open on a day. */
export type OpenOn = (day: Day) => readonly Interval[];

/** How far ahead a door that has no hours in between is searched for its next opening. */
const FARTHEST_OPENING = 400;

/** When a door closes, if it is open now. */
export const closingOf = (openOn: OpenOn, now: Minute, zone: string): Minute | null =>
  openOn(dayOf(now, zone)).find((o) => o.start <= now && now < o.end)?.end ?? null;

/** When a door opens next, after now; null when that is more than a year away. */
export function nextOpeningOf(openOn: OpenOn, now: Minute, zone: string): Minute | null {
  const today = dayOf(now, zone);
  for (let ahead = 0; ahead <= FARTHEST_OPENING; ahead++) {
    const next = openOn(addDays(today, ahead)).find((o) => o.start > now);
    if (next) return next.start;
  }
  return null;
}
