// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Booking } from './booking.ts';
import type { Tokens } from './token.ts';

/** The addresses a booking is reached at. */
export interface Links {
  readonly manage: string;
  readonly move: string;
  readonly cancel: string;
  /** Takes up again what the answer of a calendar called off. */
  readonly restore: string;
  readonly invite: string;
  /** Video only. */
  readonly meeting: string | null;
}

/** @param base the public address of the authority, without a slash at the end. */
export function linksOf(booking: Booking, tokens: Tokens, base: string): Links {
  const manage = `${base}/appuntamento/${tokens.derive('manage', booking)}`;
  return {
    manage,
    move: `${manage}/sposta`,
    cancel: `${manage}/annulla`,
    restore: `${manage}/riprendi`,
    invite: `${manage}/invito.ics`,
    meeting: booking.mode === 'video' ? `${base}/incontro/${tokens.derive('meeting', booking)}` : null,
  };
}
