// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Booking } from '../bookings/booking.ts';
import type { Links } from '../bookings/links.ts';
import type { ActorKind } from '../bookings/change.ts';
import type { LetterKind, Recipient } from '../bookings/notices.ts';
import type { Authority } from '../offices/authority.ts';
import type { Office, Service } from '../offices/definition.ts';
import type { Millis } from '../time/clock.ts';
import type { Minute } from '../time/interval.ts';
import type { Mailbox } from './mailbox.ts';

/** An appointment with all that is said about it. */
export interface Occasion {
  /** With start, end, sequence and counter as they are to be said, which may not be how they now are. */
  readonly booking: Booking;
  readonly authority: Authority;
  readonly office: Office;
  readonly service: Service;
  /** Who or what receives; null when it is not to be said. */
  readonly counterName: string | null;
  readonly links: Links;
  /** When it is said: DTSTAMP and Date. A repeat says it with the same stamp. */
  readonly stampedAt: Millis;
}

/** A letter that is owed, before it is written. */
export interface Letter extends Occasion {
  readonly kind: LetterKind;
  readonly recipient: Exclude<Recipient, 'google' | 'video'>;
  /** Who made the change it tells of, and the sentence they sent along. */
  readonly by?: ActorKind;
  readonly note?: string;
  /** The name of the staff who made it, for the office's copy. */
  readonly who?: string;
  /** What the office is told. */
  readonly why?: string;
  /** Where a moved booking was before. */
  readonly previousStart?: Minute;
  /** Until the change it tells of, the booking waited for the office's yes: no invite was sent, so none is changed. */
  readonly wasPending?: boolean;
  /** `<...@domain>`, always the same for one letter owed, so that a repeat is recognised. */
  readonly messageId: string;
}

/** Somebody waits at an office's virtual door and nobody has opened: nothing is said of who it is. */
export interface Knock {
  readonly authority: Authority;
  readonly office: Office;
  /** The waiting room of the staff. */
  readonly link: string;
  readonly messageId: string;
  readonly stampedAt: Millis;
}

export interface Invite {
  readonly method: 'REQUEST' | 'CANCEL';
  /** An iCalendar object, RFC 5545. */
  readonly content: string;
}

/** A letter as it leaves. */
export interface Mail {
  readonly kind: LetterKind | 'knock';
  readonly recipient: Letter['recipient'];
  /** Of the booking; of the office, when somebody knocks. */
  readonly reference: string;
  readonly messageId: string;
  readonly date: Date;
  readonly from: Mailbox;
  readonly to: Mailbox;
  /** To whom the office answers when it reads what a citizen wrote. */
  readonly replyTo?: Mailbox;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly language: string;
  readonly invite?: Invite;
}
