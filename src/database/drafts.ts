// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Clock, Millis } from '../time/clock.ts';
import type { Database } from './engine/database.ts';
import { Draft } from './rows.ts';

/** A form left alone is forgotten after an hour: it may hold a name and an address. */
export const FORM_KEPT_MS: Millis = 60 * 60_000;

/** The answers a citizen has given so far, between one page of the form and the next. */
export class Drafts {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** @param key SHA-256 of the form's cookie. */
  async read(key: string): Promise<{ answers: unknown } | null> {
    const draft = await this.database.reading.findOneBy(Draft, { keyHash: key });
    return draft && this.clock.now() < draft.expiresAt ? draft : null;
  }

  async write(key: string, authorityId: string, answers: unknown, keptFor = FORM_KEPT_MS): Promise<void> {
    const expiresAt = this.clock.now() + keptFor;
    await this.database.transaction(async (tx) => {
      const known = await tx.run(
        'UPDATE drafts SET answers = ?, expires_at = ? WHERE key_hash = ? AND authority_id = ?',
        [JSON.stringify(answers), expiresAt, key, authorityId],
      );
      if (!known) await tx.insert(Draft, [{ keyHash: key, authorityId, answers, expiresAt }]);
    });
  }
}
