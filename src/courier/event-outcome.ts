// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Chance } from '../bookings/chance.ts';
import type { Outcome } from '../database/outbox.ts';
import type { OutboxRow } from '../database/rows.ts';
import { CalendarFailure } from '../calendars/calendar-failure.ts';
import type { Millis } from '../time/clock.ts';

const FIRST_WAIT_MS: Millis = 2_000;
const LONGEST_WAIT_MS: Millis = 60 * 60_000;
/** How long we stay away where we are not let in. */
const TURNED_AWAY_MS: Millis = 10 * 60_000;
/** Some four days, as for letters. */
const MOST_ATTEMPTS = 100;

/** What becomes of an event that Google did not take. */
export function eventOutcome(fault: unknown, row: OutboxRow, now: Millis, chance: Chance): Outcome {
  const error = fault instanceof CalendarFailure ? fault.message : `fault: ${(fault as Error | null)?.name}`;
  const later = (wait: Millis): Outcome => ({ status: 'owed', dueAt: now + wait, error });
  if (!(fault instanceof CalendarFailure))
    return overdue(row) ? { status: 'dead', error } : later(waitAfter(row, chance));
  // Nobody but a person can open the door, and the event must not be lost meanwhile, be it days.
  if (fault.kind === 'reauthorize') return later(TURNED_AWAY_MS + drawn(chance, TURNED_AWAY_MS));
  // 400 is about this event; 403 and 404 are about the whole calendar, which somebody may share again.
  if ((fault.kind === 'fatal' && fault.status === 400) || overdue(row)) return { status: 'dead', error };
  if (fault.kind === 'fatal') return later(LONGEST_WAIT_MS);
  return later(Math.max(fault.retryAfter, waitAfter(row, chance)));
}

const overdue = (row: OutboxRow): boolean => row.attempts + 1 >= MOST_ATTEMPTS;

/** Doubles each time, and is drawn by lot, so that what failed together does not come back together. */
const waitAfter = (row: OutboxRow, chance: Chance): Millis =>
  FIRST_WAIT_MS / 2 + drawn(chance, Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** row.attempts));

function drawn(chance: Chance, most: Millis): Millis {
  const [high = 0, low = 0] = chance.bytes(2);
  return Math.floor((most * (high * 256 + low)) / 65_536);
}
