// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Booking } from '../bookings/booking.ts';
import { isCitizens, type Change, type Happening } from '../bookings/change.ts';
import { noticesOf, noticeTo, remindersOf, type Notice } from '../bookings/notices.ts';
import type { Registers } from '../database/registers.ts';
import type { Transaction } from '../database/engine/transaction.ts';
import type { Authority } from '../offices/authority.ts';
import { makerFor } from '../video/made-ahead.ts';
import type { Issuer } from './issuer.ts';
import { Overtaken } from './overtaken.ts';

/** What a change makes of a booking. */
export interface Turn {
  readonly was: Booking;
  readonly now: Booking;
  readonly what: Happening;
  /** None when the citizen need not know. */
  readonly letter?: 'confirmed' | 'moved' | 'cancelled';
}

/** What is on the day of the appointment, and no news for a calendar. */
const MARKS: readonly Happening[] = ['arrived', 'done', 'no_show', 'reopened'];

/** Writes down what becomes of a booking: the story, the letters, and the event in the calendar of its counter. */
export class Scribe {
  constructor(
    private readonly registers: Registers,
    private readonly issuer: Issuer,
  ) {}

  /** @throws Overtaken when another change came first */
  async replace(tx: Transaction, was: Booking, now: Booking): Promise<void> {
    if (!(await this.registers.books.replace(tx, was, now))) throw new Overtaken();
  }

  /** The story and the letters of a new booking. */
  async begin(tx: Transaction, authority: Authority, booking: Booking, change: Change): Promise<void> {
    const at = booking.createdAt;
    if (!isCitizens(change)) await this.registers.history.add(tx, this.issuer.id(), booking, change, 'booked');
    const letters = noticesOf(booking, booking.status === 'pending' ? 'requested' : 'confirmed', at, said(change));
    const owed = [
      ...letters,
      ...remindersFor(authority, booking),
      ...eventFor(authority, [booking]),
      ...roomFor(authority, booking),
    ];
    await this.registers.outbox.owe(tx, booking, owed, this.issuer.id);
  }

  /** The story, the letters and the reminders of a change already written. */
  async tell(tx: Transaction, authority: Authority, turn: Turn, change: Change): Promise<void> {
    const { history, outbox } = this.registers;
    const { was, now, what } = turn;
    await history.add(tx, this.issuer.id(), now, change, what, differences(was, now));
    // Whoever only sits elsewhere is reminded as before.
    if (what !== 'reseated') await outbox.forgetReminders(tx, now.id);
    await outbox.owe(tx, now, owedFor(authority, turn, change), this.issuer.id);
  }
}

function owedFor(authority: Authority, { was, now, what, letter }: Turn, change: Change): Notice[] {
  return [
    ...(letter ? noticesOf(now, letter, now.updatedAt, { was, ...said(change) }) : []),
    ...(what === 'reseated' ? [] : remindersFor(authority, now)),
    ...(MARKS.includes(what) ? [] : [...eventFor(authority, [was, now]), ...roomFor(authority, now)]),
  ];
}

const said = ({ by, note }: Change) => ({ by: by.kind, note, who: by.kind === 'staff' ? by.name : undefined });

function remindersFor(authority: Authority, booking: Booking): Notice[] {
  if (booking.status !== 'confirmed') return [];
  const { reminders } = authority.anyService(booking.officeId, booking.serviceId)!;
  return remindersOf(booking, reminders, authority.zone, booking.updatedAt);
}

/** One row, whichever of its counters has a calendar: who carries it out looks at the booking as it is then. */
function eventFor(authority: Authority, turns: readonly Booking[]): Notice[] {
  const now = turns.at(-1)!;
  const hasCalendar = turns.some(({ counter }) => authority.counterByKey(counter)?.googleCalendar);
  return hasCalendar ? [noticeTo('google', now, 'event', now.updatedAt)] : [];
}

/** Where another provider makes it: who carries it out looks at the booking as it is then. */
const roomFor = (authority: Authority, now: Booking): Notice[] =>
  makerFor(authority, now) ? [noticeTo('video', now, 'room', now.updatedAt)] : [];

/** Only what is no longer the same. */
function differences(was: Booking, now: Booking): Record<string, unknown> {
  const changed = (['start', 'counter', 'status'] as const).filter((key) => was[key] !== now[key]);
  const of = (booking: Booking) => Object.fromEntries(changed.map((key) => [key, booking[key]]));
  return changed.length ? { from: of(was), to: of(now) } : {};
}
