// SPDX-License-Identifier: AGPL-3.0-or-later
import { Refusal } from '../bookings/refusal.ts';
import type { Clock, Millis } from '../time/clock.ts';

/** Whoever watches over the service asks again soon, and shall not wait long for an answer. */
const PATIENCE_MS: Millis = 2_000;

/** What `work` gives, or the refusal `unavailable` when it takes longer: a frozen database refuses nothing by itself. */
export async function inTime<T>(work: Promise<T>, clock: Clock): Promise<T> {
  const stop = new AbortController();
  const late = clock.sleep(PATIENCE_MS, stop.signal).then(() => {
    throw new Refusal('unavailable');
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    late.catch(() => undefined);
    stop.abort();
  }
}
