// SPDX-License-Identifier: AGPL-3.0-or-later
import { invalid, Refusal } from '../../bookings/refusal.ts';
import type { Minute } from '../../time/interval.ts';
import { readStart } from '../../time/zone.ts';

/** @throws Refusal when the text names no instant, or none on that day in this zone, or two. */
export function startOf(text: string, zone: string): Minute {
  const read = readStart(text, zone);
  if ('minute' in read) return read.minute;
  if (read.problem === 'nonexistent') throw new Refusal('nonexistent-local-time');
  throw invalid('start', read.problem === 'ambiguous' ? 'exists twice that day: give its offset' : 'is not RFC 3339');
}

/** The token of `Authorization: Bearer …` (RFC 6750, 2.1). @throws Refusal `not-found` without one. */
export function bearerOf(authorization: string | undefined): string {
  const token = /^Bearer +([\w.~+/=-]+) *$/i.exec(authorization ?? '')?.[1];
  if (!token) throw new Refusal('not-found');
  return token;
}

/** @throws Refusal `invalid` when there is no key, or one longer than 255 characters. */
export function idempotencyKeyOf(header: string | undefined): string {
  if (!header || header.length > 255) throw invalid('Idempotency-Key', 'this header must be 1 to 255 characters long');
  return header;
}
