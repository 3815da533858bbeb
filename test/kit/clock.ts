// SPDX-License-Identifier: AGPL-3.0-or-later
import { setTimeout as wait } from 'node:timers/promises';
import { Clock, type Millis } from '../../src/time/clock.ts';

interface Sleeper {
  until: Millis;
  wake(): void;
}

/** A clock that stands still until it is told. */
export class ManualClock extends Clock {
  #now: Millis;
  #sleepers: Sleeper[] = [];

  /** @param now ms since the epoch, or RFC 3339: `2027-03-30T09:00:00+02:00`. */
  constructor(now: Millis | string) {
    super();
    this.#now = typeof now === 'string' ? momentOf(now) : now;
  }

  now(): Millis {
    return this.#now;
  }

  /** Puts the clock at `moment`, earlier or later, and wakes in order those whose time has come. */
  set(moment: Millis | string): void {
    this.#now = typeof moment === 'string' ? momentOf(moment) : moment;
    const due = this.#sleepers.filter((sleeper) => sleeper.until <= this.#now);
    this.#sleepers = this.#sleepers.filter((sleeper) => sleeper.until > this.#now);
    for (const sleeper of due.toSorted((a, b) => a.until - b.until)) sleeper.wake();
  }

  advance(ms: Millis): void {
    this.set(this.#now + ms);
  }

  /** How many are asleep: for a test that must not advance too early. */
  get sleeping(): number {
    return this.#sleepers.length;
  }

  /** A pause of less than a second, as between two tries of a transaction, is really made. */
  sleep(ms: Millis, signal?: AbortSignal): Promise<void> {
    if (ms < 1000) return wait(ms, undefined, { signal });
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(reasonOf(signal));
      const leave = (): void => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        if (signal) reject(reasonOf(signal));
      };
      const sleeper: Sleeper = {
        until: this.#now + ms,
        wake: () => {
          signal?.removeEventListener('abort', leave);
          resolve();
        },
      };
      signal?.addEventListener('abort', leave, { once: true });
      this.#sleepers.push(sleeper);
    });
  }
}

function momentOf(text: string): Millis {
  const moment = Date.parse(text);
  if (Number.isNaN(moment)) throw new Error(`not an instant: ${text}`);
  return moment;
}

const reasonOf = (signal: AbortSignal): Error =>
  signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason));
