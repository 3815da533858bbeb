// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Millis } from '../../time/clock.ts';
import type { Database } from '../engine/database.ts';
import { Session } from '../rows.ts';

/** Who is signed in where: a row each, so that any of them can be ended. */
export class Sessions {
  constructor(private readonly database: Database) {}

  /** @param tokenHash SHA-256 of what the cookie holds */
  find(tokenHash: string): Promise<Session | null> {
    return this.database.reading.findOneBy(Session, { tokenHash });
  }

  /** The latest first. */
  of(staffId: string): Promise<Session[]> {
    return this.database.reading.find(Session, { where: { staffId }, order: { createdAt: 'DESC' } });
  }

  async begin(session: Session): Promise<void> {
    await this.database.transaction((tx) => tx.insert(Session, [session]));
  }

  async seen(tokenHash: string, at: Millis): Promise<void> {
    await this.database.run('UPDATE sessions SET seen_at = ? WHERE token_hash = ?', [at, tokenHash]);
  }

  async end(tokenHash: string): Promise<void> {
    await this.database.run('DELETE FROM sessions WHERE token_hash = ?', [tokenHash]);
  }

  /** Ends all of somebody's, but the one to be kept. */
  async endAll(staffId: string, but = ''): Promise<void> {
    await this.database.run('DELETE FROM sessions WHERE staff_id = ? AND token_hash <> ?', [staffId, but]);
  }
}
