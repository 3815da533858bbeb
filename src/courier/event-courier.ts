// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Chance } from '../bookings/chance.ts';
import { CalendarFailure } from '../calendars/calendar-failure.ts';
import type { Outcome } from '../database/outbox.ts';
import type { Registers } from '../database/registers.ts';
import type { OutboxRow } from '../database/rows.ts';
import type { Clock } from '../time/clock.ts';
import type { EventCarrier } from './event-carrier.ts';
import { eventOutcome } from './event-outcome.ts';
import type { Report } from './report.ts';

/** Events carried at a time: in one calendar they go one after the other, and all must be done before their lease ends. */
const BATCH = 4;

/** Carries out the events that the outbox owes. */
export class EventCourier {
  constructor(
    private readonly registers: Registers,
    private readonly carrier: EventCarrier,
    private readonly clock: Clock,
    private readonly chance: Chance,
    private readonly report: Report,
  ) {}

  /** Claims events that are due, commits, and only then asks Google. @returns how many were claimed. */
  async carry(): Promise<number> {
    const rows = await this.registers.outbox.claim(this.clock.now(), BATCH, 'events');
    const carried = await Promise.allSettled(rows.map((row) => this.#write(row)));
    for (const each of carried) if (each.status === 'rejected') this.report('courier', {}, each.reason);
    return rows.length;
  }

  async #write(row: OutboxRow): Promise<void> {
    const outcome = await this.#agree(row);
    if (!(await this.registers.outbox.finish(row, this.clock.now(), outcome))) return;
    const about = { outbox_id: row.id, kind: row.kind, error: outcome.error };
    if (outcome.status === 'dead') this.report('event dead', about, outcome.error);
    if (outcome.status === 'owed' && outcome.error) this.report('event delayed', about);
  }

  async #agree(row: OutboxRow): Promise<Outcome> {
    try {
      const again = await this.carrier.agree(row);
      return again === null ? { status: 'sent' } : { status: 'owed', dueAt: this.clock.now() + again };
    } catch (fault) {
      if (!(fault instanceof CalendarFailure))
        this.report('event not written', { outbox_id: row.id, kind: row.kind }, fault);
      return eventOutcome(fault, row, this.clock.now(), this.chance);
    }
  }
}
