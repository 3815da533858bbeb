// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Millis } from '../time/clock.ts';
import type { Interval, Minute } from '../time/interval.ts';

/** A hold lasts five minutes to the second, judged when it is read. */
export const HOLD_MS: Millis = 5 * 60_000;
/** However often the form renews it. */
const LONGEST_HOLD_MS: Millis = 30 * 60_000;

/** A slot kept for someone who is still filling in the form. */
export class Hold {
  id!: string;
  authorityId!: string;
  officeId!: string;
  serviceId!: string;
  counter!: number;
  start!: Minute;
  busyUntil!: Minute;
  secretHash!: string;
  createdAt!: Millis;
  expiresAt!: Millis;

  constructor(values: Omit<Hold, 'isLiveAt' | 'claimed' | 'renewalAt'>) {
    Object.assign(this, values);
  }

  isLiveAt(now: Millis): boolean {
    return now < this.expiresAt;
  }

  get claimed(): Interval {
    return { start: this.start, end: this.busyUntil };
  }

  /** When it would expire if renewed now. */
  renewalAt(now: Millis): Millis {
    return Math.max(this.expiresAt, Math.min(now + HOLD_MS, this.createdAt + LONGEST_HOLD_MS));
  }
}
