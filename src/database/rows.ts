// SPDX-License-Identifier: AGPL-3.0-or-later
import type { NoticeFacts, NoticeKind, Recipient } from '../bookings/notices.ts';
import type { Millis } from '../time/clock.ts';
import type { Tick } from '../time/tick.ts';

/** Rows that are nothing but rows; bookings and holds have classes of their own in `bookings/`. */

export class AuthorityRow {
  id!: string;
  revision!: number;
  definition!: string;
}

export class CounterKey {
  counter!: number;
  authorityId!: string;
  id!: string;
}

/** One tick of one counter, taken. The primary key (counter, tick) is what refuses a second booking. */
export class Claim {
  counter!: number;
  tick!: Tick;
  /** The booking or the hold that has it. */
  holder!: string;
  /** When a hold loses it; null for a booking. */
  expiresAt!: Millis | null;
}

/** The row one person's bookings of a service meet at, so that their limit holds in a race. */
export class Guard {
  authorityId!: string;
  serviceId!: string;
  emailHash!: string;
  bookings!: number;
}

/** A request already answered: the booking as it was first told, without its tokens. */
export class IdempotencyKey {
  authorityId!: string;
  caller!: string;
  keyHash!: string;
  bodyHash!: string;
  bookingId!: string;
  answer!: unknown;
  createdAt!: Millis;
}

/** `owed` until it is `sent`, given up as `dead`, or `dropped` because a later letter says it all. */
export type OutboxStatus = 'owed' | 'sent' | 'dead' | 'dropped';

/** A letter owed. */
export class OutboxRow {
  id!: string;
  authorityId!: string;
  bookingId!: string;
  kind!: NoticeKind;
  recipient!: Recipient;
  position!: number;
  facts!: NoticeFacts;
  status!: OutboxStatus;
  /** When it was to leave. */
  owedAt!: Millis;
  /** When it is to be tried next. */
  dueAt!: Millis;
  attempts!: number;
  /** 1 when the mail server refused this very letter, 0 while it only could not be reached. */
  refused!: number;
  /** Fencing: each claim raises it, and only the last claimant's word counts. */
  leaseNo!: number;
  /** In the database's own time. */
  leaseUntil!: Millis;
  lastError!: string | null;
  createdAt!: Millis;
  finishedAt!: Millis | null;
}

/** A form half filled in. */
export class Draft {
  keyHash!: string;
  authorityId!: string;
  answers!: unknown;
  expiresAt!: Millis;
}
