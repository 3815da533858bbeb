// SPDX-License-Identifier: AGPL-3.0-or-later
import type { DoorBook } from '../../database/reception/doors.ts';
import type { Transaction } from '../../database/engine/transaction.ts';
import type { Millis } from '../../time/clock.ts';
import type { Arrival } from '../../waiting-room/arrival.ts';

/** A call left open over lunch says nothing about how long one lasts. */
const LONGEST_CALL: Millis = 60 * 60_000;

/** Of a call that ends now, for those who wait at that door; nothing of who was not let in. */
export async function learnLength(doors: DoorBook, tx: Transaction, was: Arrival, now: Millis): Promise<void> {
  const { authorityId, officeId, status, calledAt } = was;
  if (calledAt === null || (status !== 'called' && status !== 'held')) return;
  await doors.learn(tx, { authorityId, officeId }, Math.min(now - calledAt, LONGEST_CALL));
}
