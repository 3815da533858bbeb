// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Database } from '../engine/database.ts';
import { CalendarLink, type LinkState } from '../rows.ts';
import { DuplicateKey } from '../engine/transaction.ts';

/** How the counters' calendars stand. */
export class CalendarLinks {
  constructor(private readonly database: Database) {}

  find(counter: number): Promise<CalendarLink | null> {
    return this.database.reading.findOneBy(CalendarLink, { counter });
  }

  /** The link of a counter with a calendar; a new one when there is none yet. */
  async of(authorityId: string, counter: number, calendarId: string): Promise<CalendarLink> {
    const found = await this.find(counter);
    if (found) return found;
    const link = newLink(authorityId, counter, calendarId);
    try {
      await this.database.transaction((tx) => tx.insert(CalendarLink, [link]));
      return link;
    } catch (fault) {
      if (!(fault instanceof DuplicateKey)) throw fault;
      return (await this.find(counter))!;
    }
  }

  /** What stands in the way, in codes; where staff have something to say or to wait for, that stays. */
  async trouble(counter: number, state: Exclude<LinkState, 'ok'>, error: string): Promise<void> {
    await this.database.run(
      `UPDATE calendar_links SET state = ?, error = ? WHERE counter = ? AND state IN ('ok', 'reauthorize', 'error')`,
      [state, error.slice(0, 250), counter],
    );
  }

  /** Google lets us in again. Where too much vanished at once staff must say so themselves. */
  async wellAgain(counter: number): Promise<void> {
    await this.database.run(
      `UPDATE calendar_links SET state = 'ok', error = NULL WHERE counter = ? AND state IN ('reauthorize', 'error')`,
      [counter],
    );
  }

  /** @param sealedToken as it is to be kept; null to forget it. */
  async keepToken(counter: number, sealedToken: string | null): Promise<void> {
    await this.database.run('UPDATE calendar_links SET refresh_token = ? WHERE counter = ?', [sealedToken, counter]);
  }
}

const newLink = (authorityId: string, counter: number, calendarId: string): CalendarLink => ({
  counter,
  authorityId,
  calendarId,
  refreshToken: null,
  account: null,
  syncToken: null,
  syncedAt: 0,
  state: 'ok',
  error: null,
  channelId: null,
  channelHash: null,
  resourceId: null,
  channelExpiresAt: 0,
  dueAt: 0,
  leaseUntil: 0,
});
