// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Millis } from '../time/clock.ts';

/**
 * Why the keeper of a calendar did not do what it was asked, as far as it tells what to do next:
 * - `retry`: it could not be reached, was busy, or asks for patience; it may have done it all the same;
 * - `reauthorize`: it does not let us in, a person must mend that;
 * - `gone`: what was asked for is not there, or no longer; of a list, its sync token no longer holds;
 * - `duplicate`: an event with this id is there already;
 * - `conflict`: somebody changed the event since it was read;
 * - `fatal`: it will never do this.
 */
export type CalendarFailureKind = 'retry' | 'reauthorize' | 'gone' | 'duplicate' | 'conflict' | 'fatal';

interface Told {
  /** 0 when there was no answer. */
  readonly status: number;
  readonly reason: string;
  /** The least we are asked to wait. */
  readonly retryAfter?: Millis;
}

/** Its message goes into the log, so it holds codes only: what is answered may repeat an event. */
export class CalendarFailure extends Error {
  readonly status: number;
  readonly reason: string;
  readonly retryAfter: Millis;

  constructor(
    readonly kind: CalendarFailureKind,
    { status, reason, retryAfter = 0 }: Told,
  ) {
    super(`${kind}: ${[status || null, reason].filter(Boolean).join(' ')}`);
    [this.status, this.reason, this.retryAfter] = [status, reason, retryAfter];
  }
}
