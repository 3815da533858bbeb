// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Clock, Millis } from '../time/clock.ts';
import { CalendarFailure } from '../calendars/calendar-failure.ts';

const MOST_IN_A_ROW = 5;
const REST_MS: Millis = 30_000;

/** While Google is down it is left alone: after five failures in a row one request in half a minute looks whether it is back. */
export class Rest {
  #failures = 0;
  #until: Millis = 0;

  constructor(private readonly clock: Clock) {}

  /** @throws CalendarFailure retry, while it rests. */
  check(): void {
    const now = this.clock.now();
    if (this.#failures < MOST_IN_A_ROW) return;
    if (now < this.#until)
      throw new CalendarFailure('retry', { status: 0, reason: 'resting', retryAfter: this.#until - now });
    this.#until = now + REST_MS;
  }

  /** Google answered, be it with a no. */
  answered(): void {
    this.#failures = 0;
  }

  failed(): void {
    this.#failures++;
    this.#until = this.clock.now() + REST_MS;
  }
}
