// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Booking } from '../../../bookings/booking.ts';
import { EARLIEST_MS, LATEST_MS } from '../../../front-desk/reception/booked-arrivals.ts';
import type { Waiting } from '../../../front-desk/reception/waiting-desk.ts';
import { toMillis, type Millis } from '../../../time/clock.ts';

/**
 * What a meeting's page is about. Of an appointment: `early`; `soon` and `now`, when one may come in; `late`, when one
 * still may; `past`. Of who has come, how they wait: `unanswered` when longer than the office asks of anybody.
 */
export type MeetingStage =
  'pending' | 'cancelled' | 'early' | 'soon' | 'now' | 'late' | 'past' | 'unanswered' | Waiting['stage'];

/** Those in which the page follows what happens at the door. */
export const FOLLOWING: readonly MeetingStage[] = ['waiting', 'unanswered', 'held', 'called', 'call-back'];

/** Those in which an appointment leads into the waiting room. */
export const ENTERING: readonly MeetingStage[] = ['soon', 'now', 'late'];

export function stageOf(booking: Booking | null, waiting: Waiting | null, now: Millis): MeetingStage {
  const waited = waiting && (!booking || isOf(booking, waiting, now)) ? waiting : null;
  if (waited) return waited.unanswered && waited.stage === 'waiting' ? 'unanswered' : waited.stage;
  return booking ? timeOf(booking, now) : 'past';
}

/** Whether how they wait is what matters: not once the appointment is off, moved, or long past with nobody there. */
function isOf(booking: Booking, { stage, arrival }: Waiting, now: Millis): boolean {
  const isOfThisTime = arrival.due === booking.start;
  if (stage === 'called' || stage === 'held') return true;
  if (stage === 'call-back') return isOfThisTime || !booking.isLive;
  if (!booking.isLive || !isOfThisTime) return false;
  if (stage === 'gone' || stage === 'withdrawn') return now < toMillis(booking.end) + LATEST_MS;
  return true;
}

function timeOf(booking: Booking, now: Millis): MeetingStage {
  const [start, end] = [toMillis(booking.start), toMillis(booking.end)];
  if (!booking.isLive) return 'cancelled';
  if (booking.status === 'done' || booking.status === 'no_show' || end + LATEST_MS <= now) return 'past';
  if (booking.status === 'pending') return end <= now ? 'past' : 'pending';
  if (now < start - EARLIEST_MS) return 'early';
  if (now < start) return 'soon';
  return now < end ? 'now' : 'late';
}
