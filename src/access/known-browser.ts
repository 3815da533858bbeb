// SPDX-License-Identifier: AGPL-3.0-or-later
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Millis } from '../time/clock.ts';
import { lockFor } from './lockout.ts';
import type { Staff } from './staff.ts';

type Owner = Pick<Staff, 'id' | 'passwordHash'>;

/**
 * The browsers in which somebody has signed in before (OWASP, "device cookies"): the wrong passwords of strangers, who
 * know the address of every office, do not shut them out. Guesses made there are counted by themselves, in memory: an
 * instance counts for itself, and what opens it is a secret.
 */
export class KnownBrowsers {
  readonly #tried = new Map<string, { failures: number; lockedUntil: Millis }>();

  constructor(private readonly secret: string) {}

  /** What the browser keeps: 256 bits in base64url, worth nothing once the password has changed. */
  markOf({ id, passwordHash }: Owner): string {
    return createHmac('sha256', this.secret).update(`browser:${id}:${passwordHash}`).digest('base64url');
  }

  isMarked(staff: Owner, mark: string): boolean {
    const [given, own] = [Buffer.from(mark), Buffer.from(this.markOf(staff))];
    return given.length === own.length && timingSafeEqual(given, own);
  }

  /** Counts an attempt as a wrong one, before it is known. @returns whether it may be made now. */
  mayTry({ id }: Owner, now: Millis): boolean {
    const { failures, lockedUntil } = this.#tried.get(id) ?? { failures: 0, lockedUntil: 0 };
    if (now < lockedUntil) return false;
    this.#tried.set(id, { failures: failures + 1, lockedUntil: now + lockFor(failures + 1) });
    return true;
  }

  forgive({ id }: Owner): void {
    this.#tried.delete(id);
  }
}
