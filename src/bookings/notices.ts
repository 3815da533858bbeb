// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Duration } from '../time/duration.ts';
import { before } from '../time/duration.ts';
import { toMillis, type Millis } from '../time/clock.ts';
import type { Minute } from '../time/interval.ts';
import type { Booking } from './booking.ts';
import type { ActorKind } from './change.ts';
import type { Status } from './status.ts';

/**
 * The letters a booking may owe. `requested` is the first of one the office has yet to confirm; `unsure` asks a citizen
 * whether the answer of their calendar was meant; `told` tells the office what it should know.
 */
export type LetterKind = LetterToBoth | 'unsure' | 'told';
type LetterToBoth = 'requested' | 'confirmed' | 'moved' | 'cancelled' | 'reminder';
export type CitizenLetterKind = LetterToBoth | 'unsure';
export type OfficeLetterKind = LetterToBoth | 'told';
/** What a booking may owe: a letter, an `event` in the calendar of its counter, a `room` for its video call. */
export type NoticeKind = LetterKind | 'event' | 'room';
export type Recipient = 'citizen' | 'office' | 'google' | 'video';

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
  /** Who made the change, and the sentence they sent along. */
  readonly by?: ActorKind;
  readonly note?: string;
  /** The name of the staff who made it, for the office's copy. */
  readonly who?: string;
  /** What the office is told: a word of `told`'s list in the letters. */
  readonly why?: string;
  /** What a booking was before it was moved or cancelled. */
  readonly was?: { readonly start: Minute; readonly status: Status };
}

/** Letters of one change of a booking, after which those of the next follow. */
const PER_CHANGE = 100;

/** What is said beside the booking itself. */
type Said = Pick<NoticeFacts, 'by' | 'note' | 'who' | 'why'> & { readonly was?: Booking };

/** What is owed at once for a change: a letter to the citizen, if there is an address, and a plain copy to the office. */
export function noticesOf(booking: Booking, kind: LetterKind, at: Millis, said: Said = {}): Notice[] {
  const office = noticeTo('office', booking, kind, at, said);
  return booking.email === null ? [office] : [noticeTo('citizen', booking, kind, at, said), office];
}

/** One letter to one reader. */
export const noticeTo = (
  recipient: Recipient,
  booking: Booking,
  kind: NoticeKind,
  at: Millis,
  said: Said = {},
): Notice => ({
  kind,
  recipient,
  dueAt: at,
  position: booking.version * PER_CHANGE + (recipient === 'citizen' ? 0 : 1),
  facts: factsOf(booking, at, said),
});

/** The reminders of a booking as it now stands; none whose moment has passed. */
export function remindersOf(booking: Booking, reminders: readonly Duration[], zone: string, at: Millis): Notice[] {
  if (booking.email === null) return [];
  const moments = new Set(reminders.map((ahead) => toMillis(before(booking.start, ahead, zone))));
  return [...moments]
    .filter((dueAt) => dueAt > at)
    .sort((a, b) => a - b)
    .map((dueAt, i) => ({
      kind: 'reminder',
      recipient: 'citizen',
      dueAt,
      position: booking.version * PER_CHANGE + 2 + i,
      facts: factsOf(booking, dueAt),
    }));
}

const factsOf = (b: Booking, saidAt: Millis, { was, by, note, who, why }: Said = {}): NoticeFacts => ({
  start: b.start,
  end: b.end,
  sequence: b.sequence,
  counter: b.counter,
  status: b.status,
  saidAt,
  by,
  note,
  who,
  why,
  ...(was ? { was: { start: was.start, status: was.status } } : {}),
});
