// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Booking } from '../../bookings/booking.ts';
import type { Change, Happening } from '../../bookings/change.ts';
import { noticeTo } from '../../bookings/notices.ts';
import { Refusal } from '../../bookings/refusal.ts';
import type { Registers } from '../../database/registers.ts';
import type { SeenEvent } from '../../calendars/seen-event.ts';
import type { Authority } from '../../offices/authority.ts';
import { toMinute } from '../../time/clock.ts';
import type { Minute } from '../../time/interval.ts';
import { wishOf, type CalendarWish, type OwnEvent, type PutBack } from './wish.ts';
import type { ChangeDesk } from '../change-desk.ts';
import type { Issuer } from '../issuer.ts';

const CALENDAR: Change = { by: { kind: 'calendar' } };

/** What becomes of an appointment whose event was deleted: as the office has it, or as staff have just said. */
export type OfDeleted = 'as-the-office-has-it' | 'restore' | 'ask';

const ANSWERS: readonly PutBack[] = ['slot-taken', 'closed', 'off-grid', 'too-far'];

/**
 * What staff do to our events in their calendar is a request. It is granted by the desk that grants all others, put back,
 * or laid before them as a question. Each is carried out by itself, and once more does no harm.
 */
export class CalendarRequests {
  constructor(
    private readonly registers: Registers,
    private readonly changes: ChangeDesk,
    private readonly issuer: Issuer,
  ) {}

  wishOf(authority: Authority, own: OwnEvent): CalendarWish {
    const { officeId, serviceId } = own.booking;
    const office = authority.anyOffice(officeId)!;
    const service = authority.anyService(officeId, serviceId)!;
    return wishOf(own, { office, service }, toMinute(this.issuer.now()));
  }

  async carryOut(authority: Authority, own: OwnEvent, wish: CalendarWish, ofDeleted: OfDeleted): Promise<void> {
    if (wish.do === 'note') await this.#note(own);
    if (wish.do === 'move') await this.#move(authority, own, wish.start);
    if (wish.do === 'put-back') await this.#putBack(own, wish.why);
    if (wish.do === 'ask-moved') await this.#ask(own, 'moved-event', { start: wish.start });
    if (wish.do === 'deleted') await this.#deleted(authority, own, ofDeleted);
  }

  async #move(authority: Authority, own: OwnEvent, start: Minute): Promise<void> {
    try {
      await this.changes.move(authority, own.booking, start, { ...CALENDAR, version: own.booking.version });
      await this.#note(own);
    } catch (fault) {
      if (!(fault instanceof Refusal)) throw fault;
      // Whoever changed it meanwhile has said more than the calendar, which their change puts right.
      if (fault.reason === 'changed' || fault.reason === 'cancelled') return;
      await this.#putBack(own, ANSWERS.find((reason) => reason === fault.reason) ?? 'refused');
    }
  }

  /** Remembers what was found, so that the next write meets it. */
  async #note({ row, item, booking }: OwnEvent): Promise<void> {
    await this.registers.database.transaction(async (tx) => {
      await this.registers.calendarPulls.note(tx, row, item);
      await this.registers.questions.settle(tx, booking.id, this.issuer.now());
    });
  }

  #putBack(own: OwnEvent, why: PutBack): Promise<void> {
    return this.writeAgain(own, CALENDAR, 'put-back', { why, start: own.item.time?.start ?? null });
  }

  /** Has Google agree with the booking again, and tells why; unless another change of it has come first and does so. */
  async writeAgain(
    {
      row,
      item,
      booking,
    }: Pick<OwnEvent, 'row' | 'booking'> & {
      readonly item: Pick<SeenEvent, 'etag'> & { readonly time?: SeenEvent['time'] };
    },
    change: Change,
    what: Happening,
    detail: Record<string, unknown>,
  ): Promise<void> {
    const { database, books, history, outbox, calendarPulls } = this.registers;
    const now = this.issuer.now();
    const again = booking.with({}, now);
    const why = `calendar-${String(detail['why'])}`;
    const told = change.by.kind === 'calendar' ? [noticeTo('office', again, 'told', now, { why, by: 'calendar' })] : [];
    await database.transaction(async (tx) => {
      if (!(await books.replace(tx, booking, again))) return;
      if (item.etag) await calendarPulls.note(tx, row, item);
      await history.add(tx, this.issuer.id(), again, change, what, detail);
      await outbox.owe(tx, again, [noticeTo('google', again, 'event', now), ...told], this.issuer.id);
    });
  }

  async #deleted(authority: Authority, own: OwnEvent, ofDeleted: OfDeleted): Promise<void> {
    const { booking } = own;
    const policy =
      ofDeleted === 'as-the-office-has-it' ? authority.anyOffice(booking.officeId)!.calendarDeletion : ofDeleted;
    if (policy === 'ask') return this.#ask(own, 'deleted-event', {});
    if (policy === 'cancel') return this.#cancel(authority, booking);
    await this.writeAgain(own, CALENDAR, 'put-back', { why: 'deleted' });
  }

  /** Whoever moved or cancelled it meanwhile has said more than the calendar. */
  async #cancel(authority: Authority, booking: Booking): Promise<void> {
    await this.changes.cancel(authority, booking, { ...CALENDAR, version: booking.version }).catch((fault: unknown) => {
      if (!(fault instanceof Refusal)) throw fault;
    });
  }

  async #ask({ row, item, booking }: OwnEvent, kind: string, more: Record<string, unknown>): Promise<void> {
    const askedAt = this.issuer.now();
    const detail = { counter: row.counter, event: row.eventId, sequence: booking.sequence, ...more };
    const { id: bookingId, authorityId, officeId } = booking;
    await this.registers.database.transaction(async (tx) => {
      if (!item.deleted) await this.registers.calendarPulls.note(tx, row, item);
      else if (await this.registers.questions.isOpen(tx, bookingId, kind)) return;
      await this.registers.questions.ask(tx, {
        id: this.issuer.id(),
        authorityId,
        officeId,
        bookingId,
        kind,
        detail,
        askedAt,
      });
    });
  }
}
