// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Millis } from '../../time/clock.ts';
import type { Database } from '../engine/database.ts';
import { Ticket } from '../rows.ts';

/** Passes to the live events, by the hash of what was handed out. */
export class Tickets {
  constructor(private readonly database: Database) {}

  async add(ticket: Ticket): Promise<void> {
    await this.database.transaction((tx) => tx.insert(Ticket, [ticket]));
  }

  /** The ticket, to whoever is the first to take it: whichever instance they ask, it is deleted once. */
  async take(hash: string, now: Millis): Promise<Ticket | null> {
    const ticket = await this.database.reading.findOneBy(Ticket, { hash });
    if (!ticket || ticket.expiresAt <= now) return null;
    const taken = await this.database.run('DELETE FROM tickets WHERE hash = ?', [hash]);
    return taken === 1 ? ticket : null;
  }
}
