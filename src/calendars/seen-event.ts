// SPDX-License-Identifier: AGPL-3.0-or-later
import { Temporal } from 'temporal-polyfill';
import type { Interval } from '../time/interval.ts';
import { eventId, OURS, type EventText } from './event.ts';

/** Which of our events one says it is. Whoever copies an event in their calendar copies this too. */
export interface Mark {
  readonly bookingId: string;
  /** Of the booking, when it was written there. */
  readonly version: number;
}

/** All that is taken over from an event of somebody's calendar: when, and whether they are busy; never what it is about. */
export interface SeenEvent {
  readonly id: string;
  readonly etag: string;
  readonly deleted: boolean;
  /** Null when Google says none, as of a deleted event. */
  readonly time: Interval | null;
  /** Whether it is given in days rather than hours. */
  readonly allDay: boolean;
  readonly busy: boolean;
  readonly mark: Mark | null;
}

type When = EventText['start'];

const FREE_TYPES: (string | null | undefined)[] = ['workingLocation', 'birthday'];

/** @param zone of the calendar: there an event of whole days begins and ends */
export function seenEvent(item: EventText, zone: string): SeenEvent {
  const time = timeOf(item, zone);
  return {
    id: item.id ?? '',
    etag: item.etag ?? '',
    deleted: item.status === 'cancelled',
    time,
    allDay: Boolean(item.start?.date),
    busy: time !== null && time.start < time.end && keepsBusy(item),
    mark: markOf(item),
  };
}

/** A `tentative` event keeps busy: whoever may come may come. */
function keepsBusy({ status, transparency, eventType, attendees }: EventText): boolean {
  if (status === 'cancelled' || transparency === 'transparent' || FREE_TYPES.includes(eventType)) return false;
  return !attendees?.some((guest) => guest.self && guest.responseStatus === 'declined');
}

function markOf({ extendedProperties }: EventText): Mark | null {
  const { app, bk, rev } = extendedProperties?.private ?? {};
  return app === OURS && bk ? { bookingId: bk, version: Number(rev ?? 0) } : null;
}

function timeOf({ start, end }: EventText, zone: string): Interval | null {
  const [from, until] = [momentOf(start, zone), momentOf(end, zone)];
  if (from === null) return null;
  return { start: Math.floor(from / 60_000), end: Math.ceil(Math.max(from, until ?? from) / 60_000) };
}

/** Null for what cannot be read: an event of which nothing can be said keeps nobody busy. */
function momentOf(when: When, zone: string): number | null {
  try {
    if (when?.date) return Temporal.PlainDate.from(when.date).toZonedDateTime(zone).epochMilliseconds;
    if (!when?.dateTime) return null;
    if (/(Z|[+-]\d\d:?\d\d)$/i.test(when.dateTime)) return Temporal.Instant.from(when.dateTime).epochMilliseconds;
    return Temporal.PlainDateTime.from(when.dateTime).toZonedDateTime(when.timeZone ?? zone).epochMilliseconds;
  } catch {
    return null;
  }
}

/** Generations follow the versions of the booking, a little ahead when events were deleted. */
const AHEAD = 10;
const MOST_GENERATIONS = 500;

/** Whether it is an event that we wrote, at whichever counter, and not somebody's copy of one. */
export function isOurs({ id, mark }: Pick<SeenEvent, 'id' | 'mark'>): boolean {
  if (!mark) return false;
  const generations = Math.min(mark.version + AHEAD, MOST_GENERATIONS) || AHEAD;
  return Array.from({ length: generations }, (_, n) => eventId(mark.bookingId, n)).includes(id);
}
