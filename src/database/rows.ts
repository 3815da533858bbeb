// SPDX-License-Identifier: AGPL-3.0-or-later
import type { NoticeFacts, NoticeKind, Recipient } from '../bookings/notices.ts';
import type { Millis } from '../time/clock.ts';
import type { Minute } from '../time/interval.ts';
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

/** Someone signed in on one device, until they sign out, or it is taken from them, or it ends. */
export class Session {
  tokenHash!: string;
  staffId!: string;
  authorityId!: string;
  /** As far as the browser says: to tell one's own sessions apart. */
  device!: string;
  createdAt!: Millis;
  seenAt!: Millis;
  expiresAt!: Millis;
}

/** Who looked at whose data, or changed them. Never rewritten: each entry carries the hash of the one before. */
export class AccessLogEntry {
  authorityId!: string;
  /** 1, 2, 3 … in the authority. */
  number!: number;
  at!: Millis;
  /** Null for what the house did by itself. */
  staffId!: string | null;
  staffName!: string | null;
  what!: string;
  /** Ids and filters, never a citizen's name. */
  about!: Record<string, unknown>;
  previousHash!: string;
  hash!: string;
}

/**
 * `reauthorize` when Google no longer lets us in, `stopped` when so much vanished at once that staff must say why,
 * `error` when it answers what only a person can mend. `restoring` and `asking` are what staff answer to `stopped`;
 * `leaving` while our events are taken out of a calendar that is linked no longer.
 */
export type LinkState = 'ok' | 'reauthorize' | 'stopped' | 'error' | 'restoring' | 'asking' | 'leaving';

/** How a counter's Google Calendar stands. */
export class CalendarLink {
  counter!: number;
  authorityId!: string;
  /** Of the calendar this row speaks of; another in the authority file begins anew. */
  calendarId!: string;
  /** Sealed. */
  refreshToken!: string | null;
  /** Whose calendar it is, as Google says. */
  account!: string | null;
  syncToken!: string | null;
  /** 0 until the first time. */
  syncedAt!: Millis;
  state!: LinkState;
  error!: string | null;
  channelId!: string | null;
  channelHash!: string | null;
  resourceId!: string | null;
  channelExpiresAt!: Millis;
  /** When it is to be looked at next. */
  dueAt!: Millis;
  /** In the database's own time. */
  leaseUntil!: Millis;
}

/** An event we know of in a counter's calendar: ours, or somebody's that may keep the counter busy. */
export class CalendarEvent {
  counter!: number;
  eventId!: string;
  /** Null for an event that is not ours. */
  bookingId!: string | null;
  etag!: string;
  /** Of the booking, as it was last written there. */
  version!: number;
  /** Raised when a deleted event had to be made anew under another id. */
  generation!: number;
  start!: Minute;
  end!: Minute;
  /** 1 when it closes slots. */
  busy!: number;
}

/** Something staff must decide. */
export class Question {
  id!: string;
  authorityId!: string;
  officeId!: string;
  bookingId!: string;
  kind!: string;
  detail!: Record<string, unknown>;
  askedAt!: Millis;
  answeredAt!: Millis | null;
  answer!: string | null;
}

/** A private address at which a calendar program reads one counter's appointments. */
export class Feed {
  id!: string;
  authorityId!: string;
  counter!: number;
  tokenHash!: string;
  createdBy!: string;
  createdAt!: Millis;
  revokedAt!: Millis | null;
}

/** A message of the mailbox that has been carried out. */
export class SeenMessage {
  messageHash!: string;
  seenAt!: Millis;
}

/** A pass to the live events of one who waits, or of a call: good once, for a minute. */
export class Ticket {
  /** SHA-256 of what is handed out. */
  hash!: string;
  authorityId!: string;
  /** Null for staff who watch the queue of their offices. */
  arrivalId!: string | null;
  /** Null for a citizen. */
  staffId!: string | null;
  /** Tells the devices of one call apart; the same after a reload. */
  seat!: string;
  expiresAt!: Millis;
}

/** Where a browser of the staff's is told of a knock while the page is closed (RFC 8030). */
export class PushSubscription {
  /** SHA-256 of the endpoint. */
  id!: string;
  authorityId!: string;
  staffId!: string;
  endpoint!: string;
  /** The browser's public key, and the secret it shares (RFC 8291). */
  p256dh!: string;
  auth!: string;
  createdAt!: Millis;
}

/** A room for one booking's call at another provider. */
export class Room {
  bookingId!: string;
  provider!: string;
  authorityId!: string;
  /** +1 when a room is made anew. */
  generation!: number;
  /** SEQUENCE of the booking, as the provider was last told. */
  sequence!: number;
  /** `owed` until it is made, `ready`, `failed` when the provider refused, `gone` when it was taken away. */
  state!: 'owed' | 'ready' | 'failed' | 'gone';
  /** As the provider calls it. */
  externalId!: string | null;
  citizenUrl!: string | null;
  /** Sealed: it opens the room as its moderator. */
  staffUrl!: string | null;
  error!: string | null;
  updatedAt!: Millis;
}

/** What a provider gave us to enter with next time, sealed. */
export class Credential {
  name!: string;
  sealed!: string;
  /** +1 with each, so that of two instances that renew one is heard. */
  version!: number;
}

/** When the house could last write. */
export class Pulse {
  name!: string;
  /** By the database's clock. */
  beatAt!: Millis;
}
