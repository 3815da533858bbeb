// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Millis } from '../time/clock.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const DELAYS: readonly Millis[] = [MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR];

/**
 * How long a letter waits before it is tried again; null when it is dead and a person must look.
 * @param attempts how many have failed so far, 1 after the first.
 */
export const nextAttempt = (attempts: number): Millis | null => DELAYS[Math.max(1, attempts) - 1] ?? null;
