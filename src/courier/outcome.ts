// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Outcome } from '../database/outbox.ts';
import type { OutboxRow } from '../database/rows.ts';
import { MailFailure } from '../mail/mail-failure.ts';
import { nextAttempt } from '../mail/retry.ts';
import type { Millis } from '../time/clock.ts';

/** While nobody can be reached every letter waits, and all should leave soon after. */
const LONGEST_WAIT_MS: Millis = 60 * 60_000;

/** Some four days of trying (RFC 5321 section 4.5.4.1 asks for four to five). */
const MOST_ATTEMPTS = 100;

/** What becomes of a letter that did not leave. */
export function outcomeOf(fault: unknown, row: OutboxRow, now: Millis): Outcome {
  const kind = fault instanceof MailFailure ? fault.kind : 'unwritable';
  const error = fault instanceof MailFailure ? fault.message : `unwritable: ${(fault as Error | null)?.name}`;
  const attempts = row.attempts + 1;
  const tableWait = nextAttempt(attempts);
  if (kind === 'permanent') return { status: 'dead', error };
  if (kind === 'refused' || kind === 'unwritable')
    return tableWait === null
      ? { status: 'dead', error }
      : { status: 'owed', dueAt: now + tableWait, refused: kind === 'refused', error };
  if (attempts >= MOST_ATTEMPTS) return { status: 'dead', error };
  return { status: 'owed', dueAt: now + Math.min(tableWait ?? LONGEST_WAIT_MS, LONGEST_WAIT_MS), error };
}
