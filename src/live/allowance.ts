// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Clock, Millis } from '../time/clock.ts';

/** Candidates come in bursts, a hundred at once when a call with four begins. */
const AT_ONCE = 200;
const A_SECOND = 60;

/** How much one connection may say (a token bucket). */
export class Allowance {
  #left = AT_ONCE;
  #at: Millis;

  constructor(private readonly clock: Clock) {
    this.#at = clock.now();
  }

  /** @returns false when it was too much. */
  take(): boolean {
    const now = this.clock.now();
    this.#left = Math.min(AT_ONCE, this.#left + ((now - this.#at) * A_SECOND) / 1000);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}
