// SPDX-License-Identifier: AGPL-3.0-or-later
import { Authorities } from './authorities.ts';
import { Books } from './books.ts';
import { CalendarEvents } from './calendar-events.ts';
import { CalendarLinks } from './calendar-links.ts';
import { CalendarPulls } from './calendar-pulls.ts';
import { Claims } from './claims.ts';
import type { Database } from './database.ts';
import { Guards } from './guards.ts';
import { History } from './history.ts';
import { Holds } from './holds.ts';
import { IdempotencyKeys } from './idempotency-keys.ts';
import { Outbox } from './outbox.ts';
import { Questions } from './questions.ts';

/** All that is written down about bookings, on one shelf. */
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
