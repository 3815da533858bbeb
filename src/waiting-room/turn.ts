// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Minute } from '../time/interval.ts';
import type { Arrival } from './arrival.ts';

/** What somebody's turn depends on. */
export type Place = Pick<Arrival, 'due' | 'handedFrom' | 'number'>;

/** Those before one door in the order in which it is their turn: the first is to be let in next. */
export function inTurn<T extends Place>(waiting: readonly T[], now: Minute): T[] {
  const places = new Map(waiting.map((arrival) => [arrival, placeOf(arrival, now)]));
  return [...waiting].sort((a, b) => compare(places.get(a)!, places.get(b)!));
}

/** An appointment whose time has come, who was handed over, who knocked, an appointment to come; then who came first. */
function placeOf({ due, handedFrom, number }: Place, now: Minute): number[] {
  if (handedFrom !== null) return [1, number];
  if (due === null) return [2, number];
  return [due <= now ? 0 : 3, due, number];
}

const compare = (a: readonly number[], b: readonly number[]): number =>
  a.map((part, i) => part - (b[i] ?? 0)).find((difference) => difference !== 0) ?? 0;
