// SPDX-License-Identifier: AGPL-3.0-or-later
import { freeCounters, refusalOf, type SlotQuestion } from '../availability/free-slots.ts';
import type { Authority } from '../offices/authority.ts';
import { covers, overlaps, type Minute } from '../time/interval.ts';
import type { Rules, Wish } from './rules.ts';

/** Why a start is not one that everybody may book. */
export type Obstacle = 'closed' | 'off-grid' | 'too-soon' | 'too-far' | 'taken';

/**
 * Everything that stands in the way of a start, so that staff read all of it before they overrule it; nothing when it is
 * free for everybody.
 * @param ignoring a hold of their own
 * @throws Refusal `invalid`
 */
export async function obstaclesOf(
  rules: Rules,
  authority: Authority,
  wish: Wish,
  ignoring?: string,
): Promise<Obstacle[]> {
  const question = await rules.question(authority, wish, ignoring);
  const first = refusalOf(question, wish.start);
  const found: (Obstacle | false)[] = [
    (first === 'closed' || first === 'off-grid') && first,
    wish.start < question.earliest && 'too-soon',
    wish.start > question.latest && 'too-far',
    !(first ? isSomeoneIdle(question, wish.start) : freeCounters(question, wish.start).length) && 'taken',
  ];
  return found.filter((obstacle) => obstacle !== false);
}

/** Whether whoever is there then has nothing to do; when nobody is, whoever gives the service. */
function isSomeoneIdle({ counters, duration, bufferAfter }: SlotQuestion, start: Minute): boolean {
  const time = { start, end: start + duration };
  const there = counters.filter(({ present }) => !present || present.some((p) => covers(p, time)));
  const wanted = { start, end: time.end + bufferAfter };
  return (there.length ? there : counters).some(({ busy }) => !busy.some((taken) => overlaps(taken, wanted)));
}
