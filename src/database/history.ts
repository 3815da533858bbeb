// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Booking } from '../bookings/booking.ts';
import { beginningOf, HistoryEntry, type Change, type Happening } from '../bookings/change.ts';
import type { Database } from './engine/database.ts';
import type { Transaction } from './engine/transaction.ts';

/** What happened to each booking, and who did it. Entries are added with what they tell of and never rewritten. */
export class History {
  constructor(private readonly database: Database) {}

  /** @param booking as it is after the change */
  async add(
    tx: Transaction,
    id: string,
    booking: Booking,
    { by, note, overrule }: Change,
    what: Happening,
    detail: Record<string, unknown> = {},
  ): Promise<void> {
    const staff = by.kind === 'staff' ? by : null;
    const entry = new HistoryEntry({
      id,
      authorityId: booking.authorityId,
      bookingId: booking.id,
      version: booking.version,
      at: booking.updatedAt,
      actor: by.kind,
      staffId: staff?.id ?? null,
      staffName: staff?.name ?? null,
      what,
      note: overrule ?? note ?? null,
      // Both the reason and the sentence to the citizen are kept.
      detail: overrule === undefined ? detail : { ...detail, overruled: true, said: note },
    });
    await tx.insert(HistoryEntry, [entry]);
  }

  /** From its beginning on. */
  async of(booking: Pick<Booking, 'id' | 'authorityId' | 'createdAt'>): Promise<HistoryEntry[]> {
    const written = await this.database.reading.find(HistoryEntry, {
      where: { bookingId: booking.id },
      order: { version: 'ASC', at: 'ASC', id: 'ASC' },
    });
    return written[0]?.what === 'booked' ? written : [beginningOf(booking), ...written];
  }
}
