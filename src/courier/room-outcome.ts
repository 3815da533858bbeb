// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Chance } from '../bookings/chance.ts';
import type { Outcome } from '../database/outbox.ts';
import type { OutboxRow } from '../database/rows.ts';
import type { Millis } from '../time/clock.ts';
import { VideoFailure } from '../video/video-failure.ts';
import { isOverdue, waitAfter, waitTurnedAway } from './waits.ts';

/** What becomes of a room that its provider did not make; our own stands in meanwhile, and when it never comes. */
export function roomOutcome(fault: unknown, row: OutboxRow, now: Millis, chance: Chance): Outcome {
  const isFailure = fault instanceof VideoFailure;
  const error = isFailure ? fault.message : `fault: ${(fault as Error | null)?.name}`;
  const later = (wait: Millis): Outcome => ({ status: 'owed', dueAt: now + wait, error });
  // Until a person has mended it; once the call is over there is nothing more to do.
  if (isFailure && fault.kind === 'configuration') return later(waitTurnedAway(chance));
  if ((isFailure && fault.kind === 'fatal') || isOverdue(row)) return { status: 'dead', error };
  return later(Math.max(isFailure ? fault.retryAfter : 0, waitAfter(row, chance)));
}
