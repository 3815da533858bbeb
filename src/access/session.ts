// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Millis } from '../time/clock.ts';

/** However busy somebody is, the next day begins with signing in. */
export const LONGEST_SESSION_MS: Millis = 12 * 60 * 60_000;
/** A desk somebody walked away from. */
const IDLE_MS: Millis = 60 * 60_000;
/** Being seen is written down at most so often: most pages then only read. */
const SEEN_STEP_MS: Millis = 60_000;

interface Times {
  readonly seenAt: Millis;
  readonly expiresAt: Millis;
}

export const isLive = ({ seenAt, expiresAt }: Times, now: Millis): boolean => now < expiresAt && now < seenAt + IDLE_MS;

export const isSeenAnew = ({ seenAt }: Times, now: Millis): boolean => now >= seenAt + SEEN_STEP_MS;
