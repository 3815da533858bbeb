// SPDX-License-Identifier: AGPL-3.0-or-later

/** Whole minutes since 1970-01-01T00:00Z: an instant where it is hot. A fraction means seconds were given. */
export type Minute = number;

/** Half-open `[start, end)`: touching intervals do not overlap. */
export interface Interval {
  readonly start: Minute;
  readonly end: Minute;
}

export const overlaps = (a: Interval, b: Interval): boolean => a.start < b.end && b.start < a.end;

export const covers = (outer: Interval, inner: Interval): boolean =>
  outer.start <= inner.start && inner.end <= outer.end;

/** Sorted by start, with overlapping and touching intervals made one and empty ones left out. */
export function merge(intervals: readonly Interval[]): Interval[] {
  const sorted = intervals.filter((i) => i.start < i.end).sort((a, b) => a.start - b.start);
  const merged: { start: Minute; end: Minute }[] = [];
  for (const { start, end } of sorted) {
    const last = merged.at(-1);
    if (last && start <= last.end) last.end = Math.max(last.end, end);
    else merged.push({ start, end });
  }
  return merged;
}

/** What is left of an interval when others, which may overlap, are taken out of it. */
export function without({ start, end }: Interval, taken: readonly Interval[]): Interval[] {
  const left: Interval[] = [];
  let at = start;
  for (const t of merge(taken)) {
    if (t.start >= end) break;
    if (at < t.start) left.push({ start: at, end: t.start });
    at = Math.max(at, t.end);
  }
  if (at < end) left.push({ start: at, end });
  return left;
}
