// SPDX-License-Identifier: AGPL-3.0-or-later
import { Refusal } from '../bookings/refusal.ts';

/** What was looked at has changed before the transaction: the authority was edited, or the booking. */
export class Overtaken extends Error {}

/** Each time another has got further, so a crowd that changes one booking is let through one by one. */
const MOST_LOOKS = 32;

/**
 * Looks and writes, and looks again when that was overtaken.
 * @param look is told whether what the caller has in hand is out of date
 * @throws Refusal `unavailable` when it is overtaken again and again
 */
export async function untilCurrent<T>(look: (outOfDate: boolean) => Promise<T>): Promise<T> {
  for (let looks = 0; looks < MOST_LOOKS; looks++) {
    try {
      return await look(looks > 0);
    } catch (fault) {
      if (!(fault instanceof Overtaken)) throw fault;
    }
  }
  throw new Refusal('unavailable');
}
