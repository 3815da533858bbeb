// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Millis } from '../time/clock.ts';
import type { Database } from './database.ts';
import { REMEMBERED_MS } from './idempotency-keys.ts';

/** A message comes twice within days, if it does. */
const MESSAGES_REMEMBERED_MS: Millis = 90 * 24 * 3_600_000;

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
  }
}
