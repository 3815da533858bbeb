// SPDX-License-Identifier: AGPL-3.0-or-later
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';
import type { Minute } from './interval.ts';

/** Milliseconds since the epoch: a moment in the life of the system, not an appointment. */
export type Millis = number;

/** Where the present comes from. Nothing else in the house reads a clock or sets a timer. */
export abstract class Clock {
  abstract now(): Millis;
  /** Resolves after `ms` of real time, or rejects with an AbortError when the signal fires. */
  abstract sleep(ms: Millis, signal?: AbortSignal): Promise<void>;

  /** Resolves when everything that has arrived at this process by now has been looked at. */
  async turn(): Promise<void> {
    await nextTurn();
  }
}

export class SystemClock extends Clock {
  readonly #offset: Millis;

  /** @param start when given, the clock begins at this moment and runs on (development and tests only). */
  constructor(start?: Millis) {
    super();
    this.#offset = start === undefined ? 0 : start - Date.now();
  }

  now(): Millis {
    return Date.now() + this.#offset;
  }

  async sleep(ms: Millis, signal?: AbortSignal): Promise<void> {
    await wait(ms, undefined, { signal });
  }
}

export const toMinute = (ms: Millis): Minute => ms / 60_000;
export const toMillis = (minute: Minute): Millis => minute * 60_000;
