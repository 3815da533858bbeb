// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Booking } from '../bookings/booking.ts';
import { spaced } from '../bookings/reference.ts';
import type { Service } from '../offices/definition.ts';
import type { Minute } from '../time/interval.ts';

/** Minutes before the start from which a room is left as it is: somebody may be in it. */
export const IN_USE_BEFORE: Minute = 10;

/** A call to be held: nothing in it says who the citizen is. */
export interface Call {
  readonly bookingId: string;
  /** Of the links of the booking: with new links comes a new room. */
  readonly generation: number;
  readonly start: Minute;
  readonly end: Minute;
  /** What staff know it by: the service and the reference. */
  readonly subject: string;
  /** The room of the service that is always the same. */
  readonly fixedUrl: string | null;
  /** The room that came with the event in the counter's calendar. */
  readonly calendarUrl: string | null;
}

/** A booking as a provider is told of it. */
export const callOf = (booking: Booking, service: Service | undefined): Call => ({
  bookingId: booking.id,
  generation: booking.generation,
  start: booking.start,
  end: booking.end,
  subject: [...(service ? [service.name] : []), spaced(booking.reference)].join(' · '),
  fixedUrl: service?.videoUrl ?? null,
  calendarUrl: booking.meetingRoom,
});
