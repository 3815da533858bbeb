// SPDX-License-Identifier: AGPL-3.0-or-later
import { toMinute, type Millis } from '../../time/clock.ts';
import type { Arrival } from '../../waiting-room/arrival.ts';
import { inTurn } from '../../waiting-room/turn.ts';

/** Somebody in the queue, with how many come before them at their door. */
export interface Queued {
  readonly arrival: Arrival;
  readonly ahead: number;
}

/** All who are before some doors, in the order in which staff look at them. */
export function queueOf(arrivals: readonly Arrival[], now: Millis): Queued[] {
  const among = (is: (arrival: Arrival) => boolean): Queued[] =>
    arrivals
      .filter(is)
      .sort((a, b) => a.arrivedAt - b.arrivedAt || a.number - b.number)
      .map((arrival) => ({ arrival, ahead: 0 }));
  const waits = (arrival: Arrival): boolean => arrival.status === 'waiting' && !arrival.isGoneAt(now);
  return [
    ...among(({ status }) => status === 'called' || status === 'held'),
    ...inOneLine(arrivals.filter(waits), now),
    ...among((arrival) => arrival.isGoneAt(now)),
    ...among(({ status }) => status === 'call_back'),
  ];
}

/** The queues of several doors as one: who has waited longest of those whose turn it is at theirs. */
function inOneLine(waiting: readonly Arrival[], now: Millis): Queued[] {
  const doors = [...Map.groupBy(waiting, ({ officeId }) => officeId).values()].map((queue) =>
    inTurn(queue, toMinute(now)).map((arrival, ahead) => ({ arrival, ahead })),
  );
  const line: Queued[] = [];
  for (let left = waiting.length; left > 0; left--) {
    const next = doors.filter((queue) => queue.length).reduce((a, b) => (since(b[0]!) < since(a[0]!) ? b : a));
    line.push(next.shift()!);
  }
  return line;
}

const since = ({ arrival }: Queued): Millis => arrival.waitsSince;
