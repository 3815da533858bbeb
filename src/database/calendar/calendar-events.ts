// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Database } from '../engine/database.ts';
import { CalendarEvent } from '../rows.ts';
import type { Transaction } from '../engine/transaction.ts';

/** Of an event that is about to be made: perhaps it is there already. */
const NOT_WRITTEN = -1;

/** The events we know of in the calendars of the counters. */
export class CalendarEvents {
  constructor(private readonly database: Database) {}

  /** The events of a booking, the one written last first; more than one while it changes its calendar. */
  async ofBooking(bookingId: string): Promise<CalendarEvent[]> {
    return this.database.reading.find(CalendarEvent, {
      where: { bookingId },
      order: { version: 'DESC', generation: 'DESC' },
    });
  }

  /** Writes down that an event is about to be made, so that it is known of whatever becomes of us meanwhile. */
  async intend(event: Omit<CalendarEvent, 'etag' | 'version' | 'busy'>): Promise<CalendarEvent> {
    const intended = { ...event, etag: '', version: NOT_WRITTEN, busy: 1 };
    await this.keep(intended);
    return intended;
  }

  /** Writes down an event as it now is in its calendar. */
  keep(event: CalendarEvent): Promise<void> {
    return this.database.transaction(async (tx) => {
      await this.forgetIn(tx, event.counter, event.eventId);
      await tx.insert(CalendarEvent, [event]);
    });
  }

  forget({ counter, eventId }: Pick<CalendarEvent, 'counter' | 'eventId'>): Promise<void> {
    return this.database.transaction((tx) => this.forgetIn(tx, counter, eventId));
  }

  async forgetIn(tx: Transaction, counter: number, eventId: string): Promise<void> {
    await tx.run('DELETE FROM calendar_events WHERE counter = ? AND event_id = ?', [counter, eventId]);
  }
}
