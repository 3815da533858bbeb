// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Interval } from './interval.ts';

/** Minutes in a tick: the grain at which places are claimed. Durations, steps and buffers are multiples of it. */
export const TICK = 5;

/** Whole five-minute ticks since the epoch in UTC, so the repeated hour of October is two different ones. */
export type Tick = number;

/** The ticks an interval touches, ascending: claims are always inserted in this order, so writers cannot deadlock. */
export function ticksOf({ start, end }: Interval): Tick[] {
  const first = Math.floor(start / TICK);
  const last = Math.ceil(end / TICK);
  return Array.from({ length: last - first }, (_, i) => first + i);
}
