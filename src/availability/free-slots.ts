// SPDX-License-Identifier: AGPL-3.0-or-later
import { covers, type Interval, type Minute } from '../time/interval.ts';

/** A counter as the sweep sees it: when it is there, and when it is taken, both sorted by start. */
export interface CounterTimes {
  readonly key: number;
  /** Null: whenever the office is open. */
  readonly present: readonly Interval[] | null;
  /** May overlap; a booking's buffer is part of it. */
  readonly busy: readonly Interval[];
}

export interface SlotQuestion {
  /** Merged and sorted. */
  readonly openings: readonly Interval[];
  /** Minutes. */
  readonly step: number;
  /** Minutes. */
  readonly duration: number;
  /** Minutes claimed after the end; they may pass the closing. */
  readonly bufferAfter: number;
  /** First instant an appointment may start: now plus notice. */
  readonly earliest: Minute;
  /** Last instant an appointment may start: now plus horizon. */
  readonly latest: Minute;
  readonly counters: readonly CounterTimes[];
}

export interface Slot {
  readonly start: Minute;
  readonly end: Minute;
  /** Counters that could take it. */
  readonly free: number;
}

/**
 * The starts that could be booked now: openings cut into the grid, each with the number of counters not taken.
 * It answers `GET /slots` and decides every booking. One walk a counter over starts and busy times together.
 */
export function freeSlots(q: SlotQuestion): Slot[] {
  const starts = gridStarts(q);
  const free = new Uint16Array(starts.length);
  for (const counter of q.counters) countFree(q, starts, counter, free);
  const slots: Slot[] = [];
  for (let i = 0; i < starts.length; i++)
    if (free[i]) slots.push({ start: starts[i]!, end: starts[i]! + q.duration, free: free[i]! });
  return slots;
}

/** The counters, of those asked about, that could take the slot starting here: the same sweep, one start wide. */
export function freeCounters(q: SlotQuestion, start: Minute): number[] {
  const here = { ...q, earliest: Math.max(q.earliest, start), latest: Math.min(q.latest, start) };
  return q.counters.filter((c) => freeSlots({ ...here, counters: [c] }).length > 0).map((c) => c.key);
}

function gridStarts({ openings, step, duration, earliest, latest }: SlotQuestion): Minute[] {
  const starts: Minute[] = [];
  for (const { start, end } of openings) {
    const skipped = Math.max(0, Math.ceil((earliest - start) / step));
    const last = Math.min(end - duration, latest);
    for (let at = start + skipped * step; at <= last; at += step) starts.push(at);
  }
  return starts;
}

function countFree(q: SlotQuestion, starts: readonly Minute[], counter: CounterTimes, free: Uint16Array): void {
  const { busy, present } = counter;
  const taken = q.duration + q.bufferAfter;
  let b = 0;
  let p = 0;
  let busyUntil = -Infinity;
  for (let i = 0; i < starts.length; i++) {
    const start = starts[i]!;
    while (b < busy.length && busy[b]!.start < start + taken) busyUntil = Math.max(busyUntil, busy[b++]!.end);
    if (busyUntil > start) continue;
    if (present) {
      while (p < present.length && present[p]!.end < start + q.duration) p++;
      if (p === present.length || present[p]!.start > start) continue;
    }
    free[i]!++;
  }
}

/** Why a start is not on the list, whoever may be free; null when it is on the grid and in time. */
export function refusalOf(q: SlotQuestion, start: Minute): 'closed' | 'off-grid' | 'too-soon' | 'too-far' | null {
  const appointment = { start, end: start + q.duration };
  const opening = q.openings.find((o) => covers(o, appointment));
  const someoneThere = q.counters.some((c) => !c.present || c.present.some((p) => covers(p, appointment)));
  if (!opening || !someoneThere) return 'closed';
  if ((start - opening.start) % q.step !== 0) return 'off-grid';
  if (start < q.earliest) return 'too-soon';
  return start > q.latest ? 'too-far' : null;
}
