// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Booking } from '../bookings/booking.ts';
import { HistoryEntry, type Change, type Happening } from '../bookings/change.ts';
import type { Database } from './database.ts';
import type { Transaction } from './transaction.ts';

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
      at: booking.updatedAt,
      actor: by.kind,
      staffId: staff?.id ?? null,
      staffName: staff?.name ?? null,
      what,
      note: overrule ?? note ?? null,
      detail: overrule === undefined ? detail : { ...detail, overruled: true },
    });
    await tx.insert(HistoryEntry, [entry]);
  }

  /** The first first. */
  of(bookingId: string): Promise<HistoryEntry[]> {
    return this.database.reading.find(HistoryEntry, { where: { bookingId }, order: { at: 'ASC', id: 'ASC' } });
  }
}
