// SPDX-License-Identifier: AGPL-3.0-or-later
import { Arrivals } from './reception/arrivals.ts';
import { Authorities } from './authorities.ts';
import { Books } from './books.ts';
import { CalendarEvents } from './calendar/calendar-events.ts';
import { CalendarLinks } from './calendar/calendar-links.ts';
import { CalendarPulls } from './calendar/calendar-pulls.ts';
import { Claims } from './claims.ts';
import type { Database } from './engine/database.ts';
import { DoorBook } from './reception/doors.ts';
import { Guards } from './guards.ts';
import { History } from './history.ts';
import { Holds } from './holds.ts';
import { IdempotencyKeys } from './idempotency-keys.ts';
import { Outbox } from './outbox.ts';
import { Questions } from './calendar/questions.ts';
import { Rooms } from './reception/rooms.ts';

/** All that is written down about bookings and about who comes, on one shelf. */
export class Registers {
  readonly authorities: Authorities;
  readonly books: Books;
  readonly holds: Holds;
  readonly keys: IdempotencyKeys;
  readonly outbox: Outbox;
  readonly history: History;
  readonly calendarEvents: CalendarEvents;
  readonly calendarLinks: CalendarLinks;
  readonly calendarPulls: CalendarPulls;
  readonly questions: Questions;
  readonly rooms: Rooms;
  readonly arrivals: Arrivals;
  readonly doors: DoorBook;
  readonly claims = new Claims();
  readonly guards = new Guards();

  /** Counts the changes of what is free that this process has committed. */
  changes = 0;
  #heard: () => void = () => undefined;

  constructor(readonly database: Database) {
    this.authorities = new Authorities(database);
    this.books = new Books(database);
    this.holds = new Holds(database);
    this.keys = new IdempotencyKeys(database);
    this.outbox = new Outbox(database);
    this.history = new History(database);
    this.calendarEvents = new CalendarEvents(database);
    this.calendarLinks = new CalendarLinks(database);
    this.calendarPulls = new CalendarPulls(database);
    this.questions = new Questions(database);
    this.rooms = new Rooms(database);
    this.arrivals = new Arrivals(database);
    this.doors = new DoorBook(database);
  }

  /** To be said after the COMMIT of every change of a booking or a hold. */
  changed(): void {
    this.changes++;
    this.#heard();
  }

  /** Tells one listener of each change, so that letters need not wait to be looked for. */
  onChange(heard: () => void): void {
    this.#heard = heard;
  }
}
