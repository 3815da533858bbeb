// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Duration } from '../time/duration.ts';
import { before } from '../time/duration.ts';
import { toMillis, type Millis } from '../time/clock.ts';
import type { Minute } from '../time/interval.ts';
import type { Booking, Status } from './booking.ts';

/** The letters a booking may owe. `requested` is the first letter of one the office has yet to confirm. */
export type NoticeKind = 'requested' | 'confirmed' | 'moved' | 'cancelled' | 'reminder';
export type Recipient = 'citizen' | 'office';

/** A letter owed, before it is a row of the outbox. */
export interface Notice {
  readonly kind: NoticeKind;
  readonly recipient: Recipient;
  readonly dueAt: Millis;
  /** Place in the order in which the letters of one booking leave. */
  readonly position: number;
  /** What the letter says must stay as it was when it was owed, however late it leaves. */
  readonly facts: NoticeFacts;
}

export interface NoticeFacts {
  readonly start: Minute;
  readonly end: Minute;
  readonly sequence: number;
  readonly counter: number;
  readonly status: Status;
  /** The moment it is said, whenever it leaves. */
  readonly saidAt: Millis;
  /** What a booking was before it was moved or cancelled. */
  readonly was?: { readonly start: Minute; readonly status: Status };
}

/** Letters of one change of a booking, after which those of the next follow. */
const PER_CHANGE = 100;

/** What is owed at once for a change: a letter to the citizen and a plain copy to the office. */
export function noticesOf(booking: Booking, kind: NoticeKind, at: Millis, was?: Booking): Notice[] {
  const notice = (recipient: Recipient, place: number): Notice => ({
    kind,
    recipient,
    dueAt: at,
    position: booking.sequence * PER_CHANGE + place,
    facts: factsOf(booking, at, was),
  });
  return [notice('citizen', 0), notice('office', 1)];
}

/** The reminders of a booking as it now stands; none whose moment has passed. */
export function remindersOf(booking: Booking, reminders: readonly Duration[], zone: string, at: Millis): Notice[] {
  const moments = new Set(reminders.map((ahead) => toMillis(before(booking.start, ahead, zone))));
  return [...moments]
    .filter((dueAt) => dueAt > at)
    .sort((a, b) => a - b)
    .map((dueAt, i) => ({
      kind: 'reminder',
      recipient: 'citizen',
      dueAt,
      position: booking.sequence * PER_CHANGE + 2 + i,
      facts: factsOf(booking, dueAt),
    }));
}

const factsOf = (b: Booking, saidAt: Millis, was?: Booking): NoticeFacts => ({
  start: b.start,
  end: b.end,
  sequence: b.sequence,
  counter: b.counter,
  status: b.status,
  saidAt,
  ...(was ? { was: { start: was.start, status: was.status } } : {}),
});
