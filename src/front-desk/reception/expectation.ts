// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Neighbour } from '../../database/reception/arrivals.ts';
import { toMinute, type Millis } from '../../time/clock.ts';
import type { Minute } from '../../time/interval.ts';
import type { Arrival } from '../../waiting-room/arrival.ts';
import { inTurn } from '../../waiting-room/turn.ts';

/** How many people's turn comes before somebody's who waits; 0 for who does not. */
export function aheadOf({ id }: Arrival, neighbours: readonly Neighbour[], now: Millis): number {
  const waiting = neighbours.filter(({ status }) => status === 'waiting');
  const place = inTurn(waiting, toMinute(now)).findIndex((neighbour) => neighbour.id === id);
  return Math.max(0, place);
}

/**
 * Minutes until their turn, at least one: as if as many calls as there are now go on beside each other, each as long as
 * calls last here on average; and not before their appointment.
 */
export function estimateOf(who: Arrival, neighbours: readonly Neighbour[], meanCall: Millis, now: Millis): Minute {
  const calls = neighbours.filter(({ status }) => status === 'called').length;
  const turns = aheadOf(who, neighbours, now) + (calls ? 1 : 0);
  const wait = Math.round(toMinute(meanCall * turns) / Math.max(1, calls));
  return Math.max(1, wait, who.due === null ? 0 : who.due - toMinute(now));
}
