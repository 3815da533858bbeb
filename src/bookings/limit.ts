// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Limits } from '../offices/definition.ts';
import type { Minute } from '../time/interval.ts';
import { wallMinute } from '../time/zone.ts';

/**
 * Whether one more start would put more than `perPerson` within some window of `per`.
 * Counted on the wall clock, so a week is a week across the change of the hour too.
 */
export function exceeds(limits: Limits, others: readonly Minute[], start: Minute, zone: string): boolean {
  const length = limits.per.days * 1440 + limits.per.minutes;
  const mine = wallMinute(start, zone);
  const near = others.map((s) => wallMinute(s, zone)).filter((s) => Math.abs(s - mine) < length);
  const all = [...near, mine];
  return all.some((from) => all.filter((s) => from <= s && s - from < length).length > limits.perPerson);
}
