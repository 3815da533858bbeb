// SPDX-License-Identifier: AGPL-3.0-or-later
import { sha256 } from '../../bookings/token.ts';
import type { CalendarEvent } from '../../database/rows.ts';
import { isOurs } from '../../calendars/seen-event.ts';
import type { Minute } from '../../time/interval.ts';
import type { Listed } from './listing.ts';
import type { OwnEvent } from './wish.ts';

const LONGEST_ID = 250;

type Found = Pick<OwnEvent, 'row' | 'item'>;

/**
 * Our own events among those listed, and those of which a whole list says nothing, which are gone.
 * @param before the rows as they were before the list was asked for
 * @param known the rows as they are now: one written meanwhile is not judged by an older list
 */
export function ownIn(
  listed: Listed,
  before: readonly CalendarEvent[],
  known: readonly CalendarEvent[],
  now: Minute,
): Found[] {
  const etags = new Map(before.map((row) => [row.eventId, row.etag]));
  const items = new Map(listed.items.map((item) => [item.id, item]));
  return known
    .filter((row) => row.bookingId !== null)
    .flatMap((row) => {
      const item = items.get(row.eventId) ?? (listed.whole && row.end > now ? missing(row.eventId) : undefined);
      const isUntouched = etags.get(row.eventId) === row.etag;
      return item && (isUntouched || !item.deleted) ? [{ row, item }] : [];
    });
}

const missing = (id: string): OwnEvent['item'] => ({
  id,
  etag: '',
  deleted: true,
  time: null,
  allDay: false,
  mark: null,
});

/** What other people's events say: when the counter is busy, and which no longer keep it so. */
export function busyIn({ items }: Listed, counter: number, now: Minute): { busy: CalendarEvent[]; free: string[] } {
  const busy: CalendarEvent[] = [];
  const free: string[] = [];
  for (const item of items.filter((other) => !isOurs(other))) {
    const { time } = item;
    const eventId = shortened(item.id);
    if (!item.busy || !time || time.end <= now) free.push(eventId);
    else busy.push({ counter, eventId, bookingId: null, etag: '', version: 0, generation: 0, ...time, busy: 1 });
  }
  return { busy, free };
}

/** The id of one day of a series may be longer than what we keep. */
const shortened = (id: string): string => (id.length > LONGEST_ID ? sha256(id) : id);
