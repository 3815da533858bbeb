// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Millis } from '../time/clock.ts';
import type { Database } from './engine/database.ts';
import { REMEMBERED_MS } from './idempotency-keys.ts';

/** A message comes twice within days, if it does. */
const MESSAGES_REMEMBERED_MS: Millis = 90 * 24 * 3_600_000;

/** Who came to a virtual door: after the end, or after the last sign of life. */
const ARRIVALS_MS: Millis = 24 * 3_600_000;
/** Who is to be telephoned, perhaps only after a long weekend. */
const CALL_BACKS_MS: Millis = 7 * 24 * 3_600_000;

/** Tidies away what has expired. Nothing waits for it: every expiry is judged when it is read. */
export class Sweeper {
  constructor(private readonly database: Database) {}

  async sweep(now: Millis): Promise<void> {
    await this.database.run('DELETE FROM claims WHERE expires_at <= ?', [now]);
    await this.database.run('DELETE FROM holds WHERE expires_at <= ?', [now]);
    await this.database.run('DELETE FROM drafts WHERE expires_at <= ?', [now]);
    await this.database.run('DELETE FROM sessions WHERE expires_at <= ?', [now]);
    await this.database.run('DELETE FROM idempotency_keys WHERE created_at <= ?', [now - REMEMBERED_MS]);
    await this.database.run('DELETE FROM inbox_seen WHERE seen_at <= ?', [now - MESSAGES_REMEMBERED_MS]);
    await this.database.run('DELETE FROM tickets WHERE expires_at <= ?', [now]);
    await this.#forgetArrivals(now);
  }

  /** Nobody is seen after the end, so the index of the last sign of life finds all of them. */
  async #forgetArrivals(now: Millis): Promise<void> {
    const past = now - ARRIVALS_MS;
    await this.database.run(
      `DELETE FROM arrivals WHERE seen_at <= ? AND (ended_at <= ?
        OR (ended_at IS NULL AND (status <> 'call_back' OR seen_at <= ?)))`,
      [past, past, now - CALL_BACKS_MS],
    );
  }
}
