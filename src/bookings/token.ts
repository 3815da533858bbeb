// SPDX-License-Identifier: AGPL-3.0-or-later
import { createHash, createHmac } from 'node:crypto';

/** What a link opens: the booking to manage, or the meeting to enter. */
export type TokenKind = 'manage' | 'meeting';

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/**
 * The tokens in links: 256 bits, HMAC-SHA256 of kind, booking and generation. Derived, so a reminder weeks later can
 * carry one and none is stored in clear; found again by their hash.
 */
export class Tokens {
  constructor(private readonly secret: string) {}

  derive(kind: TokenKind, booking: { readonly id: string; readonly generation: number }): string {
    return createHmac('sha256', this.secret).update(`${kind}:${booking.id}:${booking.generation}`).digest('base64url');
  }

  hashOf(kind: TokenKind, booking: { readonly id: string; readonly generation: number }): string {
    return sha256(this.derive(kind, booking));
  }

  /** Finds one person's bookings and guards; the address cannot be guessed back without the secret. */
  emailHash(email: string): string {
    return createHmac('sha256', this.secret).update(`email:${email.trim().toLowerCase()}`).digest('hex');
  }
}
