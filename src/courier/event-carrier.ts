// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Booking } from '../bookings/booking.ts';
import type { Registers } from '../database/registers.ts';
import type { CalendarEvent, OutboxRow } from '../database/rows.ts';
import { eventId, roomFor, roomOf, saysAll, type EventText } from '../calendars/event.ts';
import type { Calendars, WrittenEvent } from '../calendars/calendars.ts';
import { CalendarFailure } from '../calendars/calendar-failure.ts';
import type { Link } from '../calendars/link.ts';
import type { Authority } from '../offices/authority.ts';
import { publicUrlOf } from '../offices/public-address.ts';
import type { CalendarDoor } from './calendar-door.ts';
import { eventOf } from './event-of.ts';

/** What is to be written, where, for whom. */
interface Errand {
  readonly booking: Booking;
  readonly link: Link;
  readonly body: EventText;
  /** Google is to make a room for the video call. */
  readonly wantsRoom: boolean;
  /** Above all that were given to events of this booking. */
  readonly nextGeneration: number;
}

/** How long a room is waited for: 1, 2, 4 … seconds, a minute in all; then the built-in room is used. */
const MOST_LOOKS = 6;
const FIRST_LOOK_MS = 1000;

/**
 * Makes Google agree about a booking: an event in the calendar of its counter as the booking now stands, and none
 * elsewhere. Repeated at will: what is known to be written is not written again.
 */
export class EventCarrier {
  constructor(
    private readonly registers: Registers,
    private readonly google: Calendars,
    private readonly door: CalendarDoor,
    private readonly publicUrl: string,
  ) {}

  /** @returns after how many milliseconds to look again for the room; null when all is done. @throws CalendarFailure */
  async agree(row: OutboxRow): Promise<number | null> {
    const { books, authorities, calendarEvents } = this.registers;
    const [booking, authority] = await Promise.all([books.byId(row.bookingId), authorities.find(row.authorityId)]);
    if (!booking || !authority) return null;
    const known = await calendarEvents.ofBooking(booking.id);
    const link = booking.isLive ? await this.door.linkOf(authority, booking.counter) : null;
    const here = known.filter(({ counter }) => link && this.door.calendarOf(authority, counter) === link.calendarId);
    const [kept, ...spare] = here;
    const written = link && (await this.#write(this.#errand(booking, authority, link, known), kept, row));
    const elsewhere = known.filter((each) => !here.includes(each));
    for (const event of [...spare, ...elsewhere]) await this.#takeAway(authority, event);
    return written ? this.#room(booking, written, row) : null;
  }

  #errand(booking: Booking, authority: Authority, link: Link, known: readonly CalendarEvent[]): Errand {
    const base = publicUrlOf(this.publicUrl, authority, booking.officeId);
    const service = authority.anyService(booking.officeId, booking.serviceId);
    return {
      booking,
      link,
      body: eventOf(booking, authority, base),
      wantsRoom: booking.mode === 'video' && service?.video === 'meet',
      // Following the versions, a calendar that is left and come back to never sees an id it has deleted.
      nextGeneration: Math.max(booking.version, ...known.map(({ generation }) => generation + 1)),
    };
  }

  /** @returns the event when it was written or looked at; null when nothing was to be done. */
  async #write(errand: Errand, kept: CalendarEvent | undefined, row: OutboxRow): Promise<WrittenEvent | null> {
    const { booking, link } = errand;
    if (kept && kept.version >= booking.version) return this.#lookForRoom(errand, kept, row);
    const known = kept ?? (await this.#intend(errand));
    const event = await this.door.through(link, () =>
      known.etag ? this.#change(errand, known) : this.#make(errand, known),
    );
    const generation = event.id === known.eventId ? known.generation : errand.nextGeneration;
    const { etag, id } = event;
    const { version, start, end } = booking;
    const now = { counter: link.counter, eventId: id, bookingId: booking.id, generation, etag, version, start, end };
    await this.registers.calendarEvents.keep({ ...now, busy: 1 });
    if (known.eventId !== id || known.counter !== link.counter) await this.registers.calendarEvents.forget(known);
    return event;
  }

  #intend({ booking, link, nextGeneration }: Errand): Promise<CalendarEvent> {
    return this.registers.calendarEvents.intend({
      counter: link.counter,
      eventId: eventId(booking.id, nextGeneration),
      bookingId: booking.id,
      generation: nextGeneration,
      start: booking.start,
      end: booking.end,
    });
  }

  async #make(errand: Errand, { eventId: id }: CalendarEvent): Promise<WrittenEvent> {
    try {
      return await this.#insert(errand, id);
    } catch (failure) {
      if (isOf(failure, 'duplicate')) return this.#overwrite(errand, id);
      throw failure;
    }
  }

  async #change(errand: Errand, { eventId: id, etag }: CalendarEvent): Promise<WrittenEvent> {
    try {
      return await this.google.patch(errand.link, id, errand.body, etag);
    } catch (failure) {
      if (isOf(failure, 'conflict', 'gone')) return this.#overwrite(errand, id);
      throw failure;
    }
  }

  /** The event is not as we knew it: looked at, it gets our fields and keeps those of the staff. */
  async #overwrite(errand: Errand, id: string): Promise<WrittenEvent> {
    const { link, body, wantsRoom } = errand;
    let deleted = false;
    try {
      const found = await this.google.get(link, id);
      deleted = found.status === 'cancelled';
      // Most often it is our own writing, whose answer was lost.
      if (saysAll(found, body)) return found;
      const room = wantsRoom && roomOf(found) === 'none' ? roomFor(found.etag) : {};
      return await this.google.patch(link, id, { ...body, ...room }, found.etag);
    } catch (failure) {
      // The status in our fields brings a deleted event back; where Google will not have that, another takes its place.
      if (!isOf(failure, 'gone') && !(deleted && isOf(failure, 'fatal'))) throw failure;
      return this.#insert(errand, (await this.#intend(errand)).eventId);
    }
  }

  async #insert(errand: Errand, id: string): Promise<WrittenEvent> {
    const event = { ...errand.body, id };
    try {
      return await this.google.insert(errand.link, errand.wantsRoom ? { ...event, ...roomFor(id) } : event);
    } catch (failure) {
      if (isOf(failure, 'gone')) throw new CalendarFailure('fatal', { status: 404, reason: 'calendar-not-found' });
      // A service account of its own has no Meet: the event without, and the built-in room.
      if (!errand.wantsRoom || !(failure instanceof CalendarFailure) || failure.status !== 400) throw failure;
      return this.google.insert(errand.link, event);
    }
  }

  /** Deletes it where it was; a calendar we are no longer linked with keeps it. */
  async #takeAway(authority: Authority, event: CalendarEvent): Promise<void> {
    const link = await this.door.linkOf(authority, event.counter);
    if (link) await this.door.through(link, () => this.google.delete(link, event.eventId));
    await this.registers.calendarEvents.forget(event);
  }

  async #lookForRoom({ booking, link, wantsRoom }: Errand, kept: CalendarEvent, row: OutboxRow) {
    if (!wantsRoom || booking.meetingRoom || row.attempts === 0) return null;
    return this.door.through(link, () => this.google.get(link, kept.eventId));
  }

  async #room(booking: Booking, event: WrittenEvent, row: OutboxRow): Promise<number | null> {
    const room = roomOf(event);
    if (room === 'pending' && row.attempts < MOST_LOOKS) return FIRST_LOOK_MS << row.attempts;
    const url = typeof room === 'object' ? room.url : null;
    if (url !== booking.meetingRoom) await this.registers.books.keepRoom(booking.id, url);
    return null;
  }
}

const isOf = (failure: unknown, ...kinds: CalendarFailure['kind'][]): boolean =>
  failure instanceof CalendarFailure && kinds.includes(failure.kind);
