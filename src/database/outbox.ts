// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Booking } from '../bookings/booking.ts';
import type { Notice } from '../bookings/notices.ts';
import type { Millis } from '../time/clock.ts';
import type { Database } from './engine/database.ts';
import { OutboxRow, type OutboxStatus } from './rows.ts';
import type { Transaction } from './engine/transaction.ts';

/** How long a claimed letter is one courier's alone, in the database's own time. Longer than any send may take. */
const LEASE_MS = 120_000;

/** Whom the rows are for. */
const OF = {
  letters: `o.recipient NOT IN ('google', 'video')`,
  events: `o.recipient = 'google'`,
  rooms: `o.recipient = 'video'`,
} as const;
type Owed = keyof typeof OF;

/** What the courier made of a letter. */
export interface Outcome {
  readonly status: OutboxStatus;
  readonly dueAt?: Millis;
  readonly refused?: boolean;
  readonly error?: string;
}

/** How the letters of the outbox stand, or its events, or its rooms, for the metrics. */
export interface OutboxState {
  /** Those that should have left by now, also those waiting to be tried again. */
  readonly pending: number;
  readonly dead: number;
  /** Milliseconds since the oldest of them should have left. */
  readonly oldest: Millis;
}

/** The letters owed, written with what they tell of and carried out by the courier. */
export class Outbox {
  constructor(private readonly database: Database) {}

  async owe(tx: Transaction, booking: Booking, notices: readonly Notice[], newId: () => string): Promise<void> {
    await tx.insert(
      OutboxRow,
      notices.map((notice) => ({
        id: newId(),
        authorityId: booking.authorityId,
        bookingId: booking.id,
        ...notice,
        owedAt: notice.dueAt,
        status: 'owed' as const,
        attempts: 0,
        refused: 0,
        leaseNo: 0,
        leaseUntil: 0,
        createdAt: booking.updatedAt,
      })),
    );
  }

  /** A letter owed or sent, by the id its Message-ID is made of. */
  find(id: string): Promise<OutboxRow | null> {
    return this.database.reading.findOneBy(OutboxRow, { id });
  }

  /** Forgets the reminders of a booking that has moved or is cancelled. */
  async forgetReminders(tx: Transaction, bookingId: string): Promise<void> {
    await tx.run(`DELETE FROM outbox WHERE booking_id = ? AND kind = 'reminder' AND status = 'owed'`, [bookingId]);
  }

  /** Makes the events that wait to be tried again due at once: somebody has mended what stood in their way. */
  async hurryEvents(authorityId: string, now: Millis): Promise<void> {
    await this.database.run(
      `UPDATE outbox SET due_at = ? WHERE authority_id = ? AND recipient = 'google' AND status = 'owed' AND due_at > ?`,
      [now, authorityId, now],
    );
  }

  /**
   * Claims letters, events or rooms that are due: a courier that sees `affected = 1` has the row alone until its lease ends.
   * Two statements and no lock held between them; committed before anything is sent.
   */
  async claim(now: Millis, most: number, what: Owed = 'letters'): Promise<OutboxRow[]> {
    const candidates = await this.database.rows<{ id: string; lease_no: number }>(
      `SELECT o.id, o.lease_no FROM outbox o
        WHERE o.status = 'owed' AND o.due_at <= ? AND ${OF[what]} AND o.lease_until <= ${this.database.time} AND ${this.#noEarlier}
        ORDER BY o.due_at, o.position LIMIT ${most}`,
      [now, now],
    );
    const rows = await Promise.all(candidates.map(({ id, lease_no }) => this.#claimOne(id, lease_no)));
    return rows.filter((row) => row !== null);
  }

  /** Writes what became of a letter, unless another courier has claimed it since. @returns whether it was ours. */
  async finish(row: OutboxRow, now: Millis, { status, dueAt, refused, error }: Outcome): Promise<boolean> {
    const changed = await this.database.run(
      `UPDATE outbox SET status = ?, due_at = ?, attempts = attempts + 1, refused = ?, last_error = ?, finished_at = ?, lease_until = 0
        WHERE id = ? AND lease_no = ?`,
      [
        status,
        dueAt ?? row.dueAt,
        refused ? 1 : 0,
        error?.slice(0, 250) ?? null,
        status === 'owed' ? null : now,
        row.id,
        row.leaseNo,
      ],
    );
    return changed === 1;
  }

  /** Whether a later letter of the same booking to the same reader has left or is due: it says all this one would. */
  async hasLater(row: OutboxRow, now: Millis): Promise<boolean> {
    const rows = await this.database.rows<{ id: string }>(
      `SELECT id FROM outbox WHERE booking_id = ? AND recipient = ? AND position > ? AND kind <> 'reminder'
        AND (status = 'sent' OR (status = 'owed' AND due_at <= ?)) LIMIT 1`,
      [row.bookingId, row.recipient, row.position, now],
    );
    return rows.length > 0;
  }

  async state(now: Millis, what: Owed): Promise<OutboxState> {
    const [owed] = await this.database.rows<{ pending: number; oldest: number | null }>(
      `SELECT COUNT(*) AS pending, MIN(owed_at) AS oldest FROM outbox o
        WHERE o.status = 'owed' AND o.owed_at <= ? AND ${OF[what]}`,
      [now],
    );
    const [given] = await this.database.rows<{ dead: number }>(
      `SELECT COUNT(*) AS dead FROM outbox o WHERE o.status = 'dead' AND ${OF[what]}`,
    );
    return { pending: owed!.pending, dead: given!.dead, oldest: owed!.oldest === null ? 0 : now - owed!.oldest };
  }

  /** @returns null when another courier has it, or when it is a reminder that was forgotten meanwhile. */
  async #claimOne(id: string, leaseNo: number): Promise<OutboxRow | null> {
    const changed = await this.database.run(
      `UPDATE outbox SET lease_no = lease_no + 1, lease_until = ${this.database.time} + ${LEASE_MS}
        WHERE id = ? AND status = 'owed' AND lease_no = ?`,
      [id, leaseNo],
    );
    return changed === 1 ? this.database.reading.findOneBy(OutboxRow, { id }) : null;
  }

  /**
   * Letters of one booking to one reader leave in order; one the server refused gives way to a later one, unless it is
   * in some courier's hands at this moment.
   */
  get #noEarlier(): string {
    return `NOT EXISTS (SELECT 1 FROM outbox e WHERE e.booking_id = o.booking_id AND e.recipient = o.recipient
      AND e.position < o.position AND e.status = 'owed' AND (e.refused = 0 OR e.lease_until > ${this.database.time})
      AND (e.kind <> 'reminder' OR e.due_at <= ?))`;
  }
}
