// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Registers } from '../../../database/registers.ts';
import type { Authority } from '../../../offices/authority.ts';
import type { Office } from '../../../offices/definition.ts';
import type { Millis } from '../../../time/clock.ts';
import { GONE_AFTER_MS, type Arrival } from '../../../waiting-room/arrival.ts';

/** Whether somebody waits to be let in, or to be let in again. */
export const isWaitingAt = (arrival: Arrival, now: Millis): boolean =>
  (arrival.status === 'waiting' || arrival.status === 'held') && !arrival.isGoneAt(now);

/** The bookings of those who wait before an office's virtual door. */
export async function inWaitingRoom(
  { arrivals }: Registers,
  { id }: Authority,
  office: Office,
  now: Millis,
): Promise<ReadonlySet<string>> {
  const all = await arrivals.before(id, [office.id], now - GONE_AFTER_MS);
  return new Set(all.filter((arrival) => arrival.kind === 'booking' && isWaitingAt(arrival, now)).map((a) => a.id));
}
