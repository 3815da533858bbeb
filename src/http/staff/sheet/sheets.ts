// SPDX-License-Identifier: AGPL-3.0-or-later
import { Injectable } from '@nestjs/common';
import type { Action } from '../../../access/permissions.ts';
import type { Booking } from '../../../bookings/booking.ts';
import { LONGEST_NOTE } from '../../../bookings/change.ts';
import { normalised } from '../../../bookings/reference.ts';
import { Refusal, type Reason } from '../../../bookings/refusal.ts';
import { AccessLog } from '../../../database/staff/access-log.ts';
import { Registers } from '../../../database/registers.ts';
import { ChangeDesk } from '../../../front-desk/change-desk.ts';
import { WaysIn } from '../../../front-desk/rooms/ways-in.ts';
import { Clock, toMinute } from '../../../time/clock.ts';
import { Addresses } from '../../addresses.ts';
import type { Answer } from '../../answer.ts';
import type { Problem } from '../../citizen/checks.ts';
import { Pages, type Say } from '../../page.ts';
import { PROBLEMS } from '../../problems.ts';
import { mayOr404 } from '../entrance/signed-in.ts';
import { isWaitingAt } from '../reception/in-waiting-room.ts';
import { WAITING_ROOM } from '../reception/received.ts';
import { StaffPages, type StaffSetting } from '../staff-pages.ts';
import { sayTrouble } from '../video-trouble.ts';
import type { Act, SheetForm } from './sheet-form.ts';
import { sheetView, type SheetView } from './sheet-view.ts';

/** What came of a form: what is wrong with it, or why it was refused; what was typed is shown again. */
export interface Attempt {
  readonly act: Act;
  readonly form: SheetForm;
  readonly problems?: readonly Problem[];
  readonly refused?: Reason;
}

/** The refusals that are about the booking or the time asked for; any other has a page of its own. */
const TOLD: readonly Reason[] = [
  'changed',
  'cancelled',
  'too-late',
  'too-soon',
  'too-far',
  'closed',
  'off-grid',
  'slot-taken',
  'already-booked',
];

/** The sheets of the bookings: found for those who may see them, and shown, also after a form that could not be done. */
@Injectable()
export class Sheets {
  constructor(
    private readonly pages: StaffPages,
    private readonly words: Pages,
    private readonly registers: Registers,
    private readonly changes: ChangeDesk,
    private readonly ways: WaysIn,
    private readonly addresses: Addresses,
    private readonly log: AccessLog,
    private readonly clock: Clock,
  ) {}

  /** @throws Refusal `not-found`, also for a booking of an office where they may not do this */
  async find({ at, staff }: StaffSetting, asked: string, action: Action): Promise<Booking> {
    const booking = await this.registers.books.byReference(at.authority.id, normalised(asked));
    if (!booking) throw new Refusal('not-found');
    mayOr404(staff, action, booking.officeId);
    return booking;
  }

  say({ visit }: StaffSetting): Say {
    return this.words.words(visit.language);
  }

  /** @param done the act whose form was just carried out */
  async show(setting: StaffSetting, booking: Booking, attempt?: Attempt, done = ''): Promise<Answer> {
    await this.noteReading(setting, booking);
    const view = await this.viewOf(setting, booking);
    const more = { done, problems: [], longest: LONGEST_NOTE, ...this.outcomeOf(view, attempt) };
    return this.pages.show('staff/sheet', setting, { sheet: view, ...more }, { status: statusOf(attempt) });
  }

  async viewOf(setting: StaffSetting, booking: Booking) {
    const { at, visit } = setting;
    const { authority } = at;
    const look = { authority, language: visit.language, now: toMinute(this.clock.now()) };
    const [history, seats, arrival] = await Promise.all([
      this.registers.history.of(booking),
      booking.isLive ? this.changes.freeSeats(authority, booking) : [],
      booking.mode === 'video' ? this.registers.arrivals.find(authority.id, booking.id) : null,
    ]);
    const view = sheetView({ booking, history, seats }, look);
    const leadsSomewhere = booking.isLive && !booking.isForgotten;
    const meeting = leadsSomewhere ? this.addresses.pathsOf(booking).meeting : null;
    const waitsAt = arrival && isWaitingAt(arrival, this.clock.now()) ? WAITING_ROOM : null;
    return { ...view, meeting, waitsAt, trouble: await this.#troubleOf(setting, booking) };
  }

  /** Only of a call to come: before the office has said yes no room is asked for. */
  async #troubleOf(setting: StaffSetting, booking: Booking): Promise<string | null> {
    const { at, staff } = setting;
    if (booking.status !== 'confirmed' || booking.end <= toMinute(this.clock.now())) return null;
    const way = await this.ways.of(at.authority, booking, null, { role: 'staff', name: staff.name });
    return sayTrouble(way, this.say(setting));
  }

  /** What the page says of a form that was not carried out. Who changed the booking meanwhile stands last in the history. */
  outcomeOf({ history }: SheetView, attempt?: Attempt) {
    if (!attempt) return { act: '', typed: null, refused: '', last: null };
    const { act, form, problems = [], refused } = attempt;
    const last = refused === 'changed' ? history.at(-1) : null;
    return { act, typed: form, problems, refused: refused ?? '', last };
  }

  /** The booking is read again: it is what the page then shows. @throws whatever is not about the booking */
  async refused(
    setting: StaffSetting,
    booking: Booking,
    fault: unknown,
    show: (current: Booking, reason: Reason) => Promise<Answer>,
  ): Promise<Answer> {
    if (!(fault instanceof Refusal) || !TOLD.includes(fault.reason)) throw fault;
    return show(await this.find(setting, booking.reference, 'change-bookings'), fault.reason);
  }

  noteChange({ at, staff }: StaffSetting, { id, reference }: Booking, act: Act): Promise<void> {
    return this.log.note(at.authority, staff, 'change', { reference, booking: id, act });
  }

  /** To be said before any page that shows who comes. */
  noteReading({ at, staff }: StaffSetting, { id, reference }: Booking): Promise<void> {
    return this.log.note(at.authority, staff, 'sheet', { reference, booking: id });
  }
}

export function statusOf(attempt?: Attempt): number {
  if (attempt?.refused) return PROBLEMS[attempt.refused].status;
  return attempt?.problems?.length ? PROBLEMS.invalid.status : 200;
}

export const sheetPath = ({ reference }: Booking): string => `/operatore/appuntamenti/${reference}`;
