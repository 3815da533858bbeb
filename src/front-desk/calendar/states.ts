// SPDX-License-Identifier: AGPL-3.0-or-later
import type { CalendarLink } from '../../database/rows.ts';
import type { Registers } from '../../database/registers.ts';
import type { Authority, KeyedCounter } from '../../offices/authority.ts';
import type { Millis } from '../../time/clock.ts';

/** After so long what we know of a calendar may no longer be so. */
const STALE_MS: Millis = 15 * 60_000;

/** How a counter's calendar stands: `new` until it was read once, `stale` when what we know of it is old. */
export type CalendarStanding = 'ok' | 'new' | 'stale' | 'reauthorize' | 'stopped' | 'error';

export interface CalendarState {
  readonly counter: KeyedCounter;
  readonly standing: CalendarStanding;
  /** 0 until the first time. */
  readonly syncedAt: Millis;
  readonly link: CalendarLink | null;
}

/** How the calendars of an authority stand, those of its counters that have one. */
export async function calendarStates(
  registers: Registers,
  authority: Authority,
  now: Millis,
): Promise<CalendarState[]> {
  const links = await registers.calendarPulls.linksOf(authority.id);
  return authority.counters
    .filter((counter) => counter.googleCalendar && !counter.retired)
    .map((counter) => {
      const link = links.find((l) => l.counter === counter.key && l.calendarId === counter.googleCalendar?.id) ?? null;
      return { counter, link, standing: standingOf(link, now), syncedAt: link?.syncedAt ?? 0 };
    });
}

function standingOf(link: CalendarLink | null, now: Millis): CalendarStanding {
  if (!link) return 'new';
  if (link.state === 'reauthorize' || link.state === 'stopped' || link.state === 'error') return link.state;
  if (link.syncedAt === 0) return 'new';
  return now - link.syncedAt > STALE_MS ? 'stale' : 'ok';
}
