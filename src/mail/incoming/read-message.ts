// SPDX-License-Identifier: AGPL-3.0-or-later
import { createHash } from 'node:crypto';
import PostalMime, { addressParser, type Email } from 'postal-mime';
import { letterIdsIn } from '../message-id.ts';
import { isVouchedFor } from './authenticity.ts';
import { calendarIn } from './calendar-answer.ts';
import { deliveryReportIn } from './delivery-report.ts';
import type { Incoming } from './incoming.ts';
import { writtenWords } from './written-words.ts';

/** Bytes read of a message: an answer is far smaller, and of a long letter the beginning says what it is. */
export const LARGEST_READ = 524_288;
/** The parser takes its time with each line, however short. */
const MOST_LINES = 10_000;
const LIMITS = { forceRfc822Attachments: true, maxNestingDepth: 16, maxHeadersSize: 131_072 } as const;

/** What a message is. @param authservId how our own mail server signs its Authentication-Results; with null nothing is vouched for */
export async function readMessage(source: Uint8Array, authservId: string | null): Promise<Incoming> {
  const whole = source.subarray(0, endOf(source));
  try {
    const email = await PostalMime.parse(whole, LIMITS);
    return { hash: hashOf(email.messageId?.trim() || whole), ...kindOf(email, authservId) };
  } catch {
    return { kind: 'unreadable', hash: hashOf(whole) };
  }
}

/** Where we stop to read. */
function endOf(source: Uint8Array): number {
  let end = 0;
  for (let lines = 0; lines < MOST_LINES && end < LARGEST_READ; lines++) {
    const feed = source.indexOf(10, end);
    if (feed < 0) return LARGEST_READ;
    end = feed + 1;
  }
  return Math.min(end, LARGEST_READ);
}

type Kind = Incoming extends infer I ? (I extends unknown ? Omit<I, 'hash'> : never) : never;

/** The order matters: an answer or a returned letter is written by a machine too. */
function kindOf(email: Email, authservId: string | null): Kind {
  const calendar = calendarIn(email);
  if (calendar === 'broken') return { kind: 'unreadable' };
  if (calendar === 'counter') return { kind: 'automatic' };
  if (calendar && calendar !== 'other') {
    return { kind: 'reply', ...calendar, authentic: isFrom(email, calendar.attendee, authservId) };
  }
  const report = deliveryReportIn(email);
  if (report === 'passing') return { kind: 'automatic' };
  if (report) return { kind: 'bounce', ...report };
  if (isAutomatic(email)) return { kind: 'automatic' };
  const letters = letterIdsIn(`${email.references ?? ''} ${email.inReplyTo ?? ''}`);
  const files = email.attachments.filter(({ related }) => !related).length;
  return { kind: 'words', from: writerOf(email), text: writtenWords(email.text, email.html), files, letters };
}

/** RFC 3834 5; the others are what lists and older programs say. */
const isAutomatic = (email: Email): boolean =>
  valuesOf(email, 'auto-submitted').some((value) => !/^\s*no\b/i.test(value)) ||
  valuesOf(email, 'precedence').some((value) => /^\s*(bulk|junk|list|auto_reply)\b/i.test(value)) ||
  ['x-autoreply', 'x-autorespond', 'list-id'].some((name) => valuesOf(email, name).length > 0);

const isFrom = (email: Email, attendee: string, authservId: string | null): boolean =>
  authservId !== null &&
  writerOf(email) === attendee &&
  isVouchedFor(valuesOf(email, 'authentication-results'), authservId, attendee.slice(attendee.lastIndexOf('@') + 1));

/** The one address of the one From, in lower case; null when there are more or none. */
function writerOf(email: Email): string | null {
  const headers = valuesOf(email, 'from');
  const addresses = headers.flatMap((value) => addressParser(value.slice(0, 2_000), { flatten: true }));
  const [only] = addresses;
  return headers.length === 1 && addresses.length === 1 && only?.address ? only.address.trim().toLowerCase() : null;
}

const valuesOf = (email: Email, name: string): string[] =>
  email.headers.filter(({ key }) => key === name).map(({ value }) => value);

const hashOf = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');
