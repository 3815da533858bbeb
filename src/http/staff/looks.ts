// SPDX-License-Identifier: AGPL-3.0-or-later
import { Injectable } from '@nestjs/common';
import type { Staff } from '../../access/staff.ts';
import { AccessLog, type About } from '../../database/staff/access-log.ts';
import type { Authority } from '../../offices/authority.ts';
import { Clock, type Millis } from '../../time/clock.ts';

/** Within this time the same page seen by the same person is the same look. */
const SAME_LOOK_MS: Millis = 10 * 60_000;
const MOST_KEPT = 10_000;

/**
 * Writes down who looks at which agenda. A page that brings itself up to date every minute is one look: else the
 * register would be full of what nobody did. It is we who say what is the same look, not the page that asks.
 */
@Injectable()
export class Looks {
  readonly #last = new Map<string, Millis>();

  constructor(
    private readonly log: AccessLog,
    private readonly clock: Clock,
  ) {}

  async note(authority: Authority, staff: Staff, what: string, about: About): Promise<void> {
    const key = JSON.stringify([authority.id, staff.id, what, about]);
    const now = this.clock.now();
    if (now - (this.#last.get(key) ?? -Infinity) < SAME_LOOK_MS) return;
    await this.log.note(authority, staff, what, about);
    if (this.#last.size >= MOST_KEPT) this.#last.clear();
    this.#last.set(key, now);
  }
}
