// SPDX-License-Identifier: AGPL-3.0-or-later

/** What a calendar may say to an invite (RFC 5545 3.2.12) that means something to us. */
export const ANSWERS = ['ACCEPTED', 'TENTATIVE', 'DECLINED'] as const;
export type CalendarAnswer = (typeof ANSWERS)[number];

interface Message {
  /** SHA-256 of the Message-ID, or of the whole message when it has none: tells a message that comes twice. */
  readonly hash: string;
}

/** The citizen's calendar answers an invite: a REPLY of RFC 5546 3.2.3. */
export interface Reply extends Message {
  readonly kind: 'reply';
  /** Taken from the UID; nobody has looked yet whether there is such a booking. */
  readonly bookingId: string;
  /** The one who answers, in lower case. */
  readonly attendee: string;
  readonly answer: CalendarAnswer;
  /** SEQUENCE of the invite that is answered. */
  readonly sequence: number;
  /** Whether our own mail server vouches that the attendee's domain sent it. */
  readonly authentic: boolean;
}

/** A mail server gives a letter of ours back for good: RFC 3464, action `failed` with a status 5.x.x. */
export interface Bounce extends Message {
  readonly kind: 'bounce';
  /** In lower case. */
  readonly recipient: string;
  /** The rows of the outbox it may be about. */
  readonly letters: readonly string[];
  /** Enhanced status code, RFC 3463. */
  readonly status: string;
}

/** Somebody wrote. */
export interface Words extends Message {
  readonly kind: 'words';
  /** As the writer calls themself; null when the header is unreadable. */
  readonly from: string | null;
  /** Plain text without what it quotes, and without our links. */
  readonly text: string;
  /** How many files came with it. */
  readonly files: number;
  /** The rows of the outbox whose letters it answers, the latest first. */
  readonly letters: readonly string[];
}

/** A machine wrote what nobody has to read: an absence, a receipt, a delay, a proposal of another time. */
export interface Automatic extends Message {
  readonly kind: 'automatic';
}

/** Nothing that can be understood: for a person to look at. */
export interface Unreadable extends Message {
  readonly kind: 'unreadable';
}

export type Incoming = Reply | Bounce | Words | Automatic | Unreadable;
