// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Chance } from '../bookings/chance.ts';
import type { Outcome } from '../database/outbox.ts';
import type { OutboxRow } from '../database/rows.ts';
import { CalendarFailure } from '../calendars/calendar-failure.ts';
import type { Millis } from '../time/clock.ts';
import { isOverdue, LONGEST_WAIT_MS, waitAfter, waitTurnedAway } from './waits.ts';

/** What becomes of an event that Google did not take. */
export function eventOutcome(fault: unknown, row: OutboxRow, now: Millis, chance: Chance): Outcome {
  const error = fault instanceof CalendarFailure ? fault.message : `fault: ${(fault as Error | null)?.name}`;
  const later = (wait: Millis): Outcome => ({ status: 'owed', dueAt: now + wait, error });
  if (!(fault instanceof CalendarFailure))
    return isOverdue(row) ? { status: 'dead', error } : later(waitAfter(row, chance));
  // Nobody but a person can open the door, and the event must not be lost meanwhile, be it days.
  if (fault.kind === 'reauthorize') return later(waitTurnedAway(chance));
  // 400 is about this event; 403 and 404 are about the whole calendar, which somebody may share again.
  if ((fault.kind === 'fatal' && fault.status === 400) || isOverdue(row)) return { status: 'dead', error };
  if (fault.kind === 'fatal') return later(LONGEST_WAIT_MS);
  return later(Math.max(fault.retryAfter, waitAfter(row, chance)));
}
