// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Chance } from '../bookings/chance.ts';
import type { Outcome } from '../database/outbox.ts';
import type { Registers } from '../database/registers.ts';
import type { OutboxRow } from '../database/rows.ts';
import type { Clock } from '../time/clock.ts';
import { VideoFailure } from '../video/video-failure.ts';
import type { Report } from './report.ts';
import type { RoomCarrier } from './room-carrier.ts';
import { roomOutcome } from './room-outcome.ts';

/** Rooms asked for at a time: all must be done before their lease ends. */
const BATCH = 4;

/** Carries out the rooms that the outbox owes. */
export class RoomCourier {
  constructor(
    private readonly registers: Registers,
    private readonly carrier: RoomCarrier,
    private readonly clock: Clock,
    private readonly chance: Chance,
    private readonly report: Report,
  ) {}

  /** Claims rooms that are due, commits, and only then asks their providers. @returns how many were claimed. */
  async carry(): Promise<number> {
    const rows = await this.registers.outbox.claim(this.clock.now(), BATCH, 'rooms');
    const carried = await Promise.allSettled(rows.map((row) => this.#arrange(row)));
    for (const each of carried) if (each.status === 'rejected') this.report('courier', {}, each.reason);
    return rows.length;
  }

  async #arrange(row: OutboxRow): Promise<void> {
    const outcome = await this.#agree(row);
    if (outcome.status === 'dead') await this.carrier.giveUp(row, outcome.error ?? '');
    if (!(await this.registers.outbox.finish(row, this.clock.now(), outcome))) return;
    const about = { outbox_id: row.id, kind: row.kind, error: outcome.error };
    if (outcome.status === 'dead') this.report('room dead', about, outcome.error);
    if (outcome.status === 'owed') this.report('room delayed', about);
  }

  async #agree(row: OutboxRow): Promise<Outcome> {
    try {
      await this.carrier.agree(row);
      return { status: 'sent' };
    } catch (fault) {
      if (!(fault instanceof VideoFailure)) this.report('room not made', { outbox_id: row.id, kind: row.kind }, fault);
      return roomOutcome(fault, row, this.clock.now(), this.chance);
    }
  }
}
