// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Millis } from '../time/clock.ts';
import type { Minute } from '../time/interval.ts';

/** What is written down of an office's virtual door: never who stands behind it. */
export class Door {
  authorityId!: string;
  officeId!: string;
  /** The number given last. */
  lastNumber!: number;
  /** Why it is paused, in one sentence; null when it is not. */
  sentence!: string | null;
  /** Until when the pause lasts at most: the end of that opening. */
  pausedUntil!: Millis;
  /** How long a call lasts here, on average over the last ones: milliseconds. */
  meanCall!: Millis;
}

/** A pause ends by itself with the opening in which it was made. */
export const isPausedAt = ({ sentence, pausedUntil }: Pick<Door, 'sentence' | 'pausedUntil'>, now: Millis): boolean =>
  sentence !== null && now < pausedUntil;

/** Assumed where nobody has called yet. */
export const FIRST_MEAN_CALL: Millis = 8 * 60_000;

/** How much the last call weighs in the average. */
const WEIGHT = 0.2;

export const meanAfter = (mean: Millis, call: Millis): Millis => Math.round(mean * (1 - WEIGHT) + call * WEIGHT);

/** How an office's virtual door stands: with `until` or `next` as its state has it. */
export interface DoorState {
  /** `none` for an office that never receives here; `busy` is open with somebody waiting. */
  readonly state: 'open' | 'busy' | 'paused' | 'closed' | 'none';
  readonly waiting: number;
  /** When it closes, if it is open or paused. */
  readonly until: Minute | null;
  /** When it opens next, if it is closed; null when that is more than a year away. */
  readonly next: Minute | null;
  /** Of a pause. */
  readonly sentence: string | null;
}
