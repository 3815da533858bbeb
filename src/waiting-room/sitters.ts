// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Pass } from './pass.ts';

/** Somebody in a call, as the others are told; `id` is of the connection and changes with it. */
export interface Sitter {
  readonly id: string;
  readonly role: Pass['role'];
  readonly name: string;
}

/** Of two in a call, one sends the offer and the other answers: both at once have been seen to hang. Staff call, and among equals the lower id. */
export const isCaller = (one: Sitter, other: Sitter): boolean =>
  one.role === other.role ? one.id < other.id : one.role === 'staff';

/** Browsers send each to each: with more, a telephone's network is not enough. */
const MOST_SEATS = 4;
/** One is kept for the staff. */
const MOST_CITIZENS = MOST_SEATS - 1;

/** Whether there is no chair for one more. */
export function isFull(sitting: readonly Sitter[], { role }: Pick<Sitter, 'role'>): boolean {
  if (sitting.length >= MOST_SEATS) return true;
  return role === 'citizen' && sitting.filter((sitter) => sitter.role === 'citizen').length >= MOST_CITIZENS;
}
