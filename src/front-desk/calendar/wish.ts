// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Booking } from '../../bookings/booking.ts';
import { isAhead } from '../../bookings/status.ts';
import type { CalendarEvent } from '../../database/rows.ts';
import type { SeenEvent } from '../../calendars/seen-event.ts';
import type { Office, Service } from '../../offices/definition.ts';
import type { Interval, Minute } from '../../time/interval.ts';

/** One of our events: as we wrote it, as it was found, and the booking it stands for. */
export interface OwnEvent {
  readonly row: CalendarEvent;
  readonly item: Pick<SeenEvent, 'id' | 'etag' | 'deleted' | 'time' | 'allDay' | 'mark'>;
  readonly booking: Booking;
}

/** Why an event that staff moved was put back. */
export type PutBack = 'length' | 'slot-taken' | 'closed' | 'off-grid' | 'too-far' | 'refused' | 'deleted';

/**
 * What staff mean by what they did to one of our events:
 * - `nothing`: nothing, or it is known already;
 * - `note`: they changed what is theirs to change;
 * - `move`, `put-back`: they ask for another time; it cannot be granted;
 * - `ask-moved`, `deleted`: only a person may decide.
 */
export type CalendarWish =
  | { readonly do: 'nothing' | 'note' | 'deleted' }
  | { readonly do: 'move' | 'ask-moved'; readonly start: Minute }
  | { readonly do: 'put-back'; readonly why: PutBack };

const NOTHING: CalendarWish = { do: 'nothing' };

/** @param now in minutes */
export function wishOf(
  { row, item, booking }: OwnEvent,
  { office, service }: { office: Office; service: Service },
  now: Minute,
): CalendarWish {
  // What we are about to write there ourselves overrides what was found.
  if (row.version < 0 || row.bookingId !== booking.id || booking.counter !== row.counter) return NOTHING;
  if (!isAhead(booking.status) || booking.start <= now || office.retired) return NOTHING;
  if (item.deleted) return { do: 'deleted' };
  const isOld = item.mark !== null && item.mark.version < row.version;
  if (item.etag === row.etag || isOld || !item.time) return NOTHING;
  return isMoved({ row, item, booking }, item.time)
    ? wishToMove(booking, item.time, item.allDay, service, now)
    : { do: 'note' };
}

/** Whether the time is one that we never wrote: an answer of Google's may have been lost, and a write be under way. */
function isMoved({ row, item: { mark }, booking }: OwnEvent, time: Interval): boolean {
  if (isSame(time, booking) || isSame(time, row)) return false;
  const written = mark?.version ?? row.version;
  return written === row.version || written === booking.version;
}

const isSame = (a: Interval, b: Interval): boolean => a.start === b.start && a.end === b.end;

function wishToMove(booking: Booking, time: Interval, allDay: boolean, service: Service, now: Minute): CalendarWish {
  if (allDay || time.end - time.start !== booking.end - booking.start) return { do: 'put-back', why: 'length' };
  if (time.start < now + service.notice) return { do: 'ask-moved', start: time.start };
  return { do: 'move', start: time.start };
}
