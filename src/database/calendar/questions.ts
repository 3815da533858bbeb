// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Millis } from '../../time/clock.ts';
import type { Database } from '../engine/database.ts';
import { Question } from '../rows.ts';
import type { Transaction } from '../engine/transaction.ts';

/** What staff must decide, because nobody else may. */
export class Questions {
  constructor(private readonly database: Database) {}

  find(authorityId: string, id: string): Promise<Question | null> {
    return this.database.reading.findOneBy(Question, { authorityId, id });
  }

  async isOpen(tx: Transaction, bookingId: string, kind: string): Promise<boolean> {
    const sql = 'SELECT id FROM questions WHERE booking_id = ? AND kind = ? AND answered_at IS NULL LIMIT 1';
    return (await tx.rows(sql, [bookingId, kind])).length > 0;
  }

  /** Asks, in place of what was asked about the same booking before. */
  async ask(tx: Transaction, question: Omit<Question, 'answeredAt' | 'answer'>): Promise<void> {
    await this.settle(tx, question.bookingId, question.askedAt);
    await tx.insert(Question, [question]);
  }

  /** @returns false when somebody else has answered it meanwhile. */
  async answer(tx: Transaction, id: string, answer: string, now: Millis): Promise<boolean> {
    const sql = 'UPDATE questions SET answered_at = ?, answer = ? WHERE id = ? AND answered_at IS NULL';
    return (await tx.run(sql, [now, answer, id])) === 1;
  }

  /** Nothing is left to decide about a booking. */
  async settle(tx: Transaction, bookingId: string, now: Millis): Promise<void> {
    const sql = `UPDATE questions SET answered_at = ?, answer = 'settled' WHERE booking_id = ? AND answered_at IS NULL`;
    await tx.run(sql, [now, bookingId]);
  }
}
