// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Staff } from '../../access/staff.ts';
import type { Booking } from '../../bookings/booking.ts';
import { invalid, Refusal } from '../../bookings/refusal.ts';
import type { Status } from '../../bookings/status.ts';
import type { Registers } from '../../database/registers.ts';
import type { Authority } from '../../offices/authority.ts';
import type { Office } from '../../offices/definition.ts';
import type { Millis } from '../../time/clock.ts';
import { GONE_AFTER_MS, type Arrival } from '../../waiting-room/arrival.ts';
import type { Hints } from '../../waiting-room/hints.ts';
import type { ChangeDesk } from '../change-desk.ts';
import type { Issuer } from '../issuer.ts';
import { learnLength } from './call-length.ts';
import { lineOf } from './lines.ts';
import { isUnanswered } from './patience.ts';
import { queueOf } from './queue-of.ts';
import type { ReceptionHours } from './reception-hours.ts';
import { Turnstile } from './turnstile.ts';

/** How long staff still see that somebody who waited is gone. */
const GONE_SHOWN_MS: Millis = 10 * 60_000;

/** Whoever acts for the office. */
export type Clerk = Pick<Staff, 'id' | 'name'>;

/** Somebody before one of the doors, as staff see them. */
export interface QueueLine {
  readonly arrival: Arrival;
  /** Before whose door they are now. */
  readonly office: Office;
  /** People whose turn comes before theirs at that door. */
  readonly ahead: number;
  readonly gone: boolean;
  /** Of who has an appointment. */
  readonly booking: Booking | null;
  readonly unanswered: boolean;
}

/** For staff: who is before their doors, and whom they let in. Of two who do something at once one does it. */
export class OpeningDesk {
  readonly #turnstile: Turnstile;

  constructor(
    private readonly registers: Registers,
    private readonly hours: ReceptionHours,
    private readonly changes: ChangeDesk,
    private readonly issuer: Issuer,
    hints: Hints,
  ) {
    this.#turnstile = new Turnstile(registers, hints);
  }

  /** Who is with staff, then who waits as it is their turn, then who is lost since a moment ago, then who is to be telephoned. */
  async queue(authority: Authority, officeIds: readonly string[]): Promise<QueueLine[]> {
    const now = this.issuer.now();
    const { arrivals, books } = this.registers;
    const all = await arrivals.before(authority.id, officeIds, now - GONE_AFTER_MS - GONE_SHOWN_MS);
    const booked = await books.byIds(all.flatMap(({ kind, id }) => (kind === 'booking' ? [id] : [])));
    return queueOf(all, now).map(({ arrival, ahead }) => {
      const office = authority.anyOffice(arrival.officeId)!;
      return {
        arrival,
        office,
        ahead,
        gone: arrival.isGoneAt(now),
        booking: booked.find(({ id }) => id === arrival.id) ?? null,
        unanswered: isUnanswered(arrival, office, now),
      };
    });
  }

  find(authority: Authority, id: string): Promise<Arrival | null> {
    return this.registers.arrivals.find(authority.id, id);
  }

  /**
   * Lets somebody in. The same clerk again changes nothing; who has an appointment is marked as arrived.
   * @throws Refusal `taken-over` saying who was faster; `changed` when they are gone or it is over
   */
  async open(authority: Authority, arrival: Arrival, clerk: Clerk): Promise<Arrival> {
    const now = this.issuer.now();
    const opened = await this.#turnstile.pass(arrival, (was) => {
      if (isWith(was, clerk)) return null;
      if (was.status !== 'waiting' || was.isGoneAt(now)) throw takenBy(was);
      return { status: 'called', ...by(clerk), calledAt: now, ringAt: null };
    });
    await this.#mark(authority, opened, 'arrived', clerk);
    return opened;
  }

  /** Asks somebody who is in to wait a moment; whoever of the office then recalls them has them. @throws Refusal `changed`, `taken-over` */
  hold(arrival: Arrival, clerk: Clerk): Promise<Arrival> {
    return this.#turnstile.pass(arrival, (was) => {
      if (was.status === 'held') return null;
      if (!was.mayBecome('held')) throw takenBy(was);
      return { status: 'held', ...by(clerk) };
    });
  }

  /** Lets somebody in again who was asked to wait a moment. @throws Refusal as {@link open} */
  recall(arrival: Arrival, clerk: Clerk): Promise<Arrival> {
    return this.#turnstile.pass(arrival, (was) => {
      if (isWith(was, clerk)) return null;
      if (was.status !== 'held') throw takenBy(was);
      return { status: 'called', ...by(clerk) };
    });
  }

  /**
   * Ends it. Who it was with is forgotten: it would tell who worked when. An appointment that was held is marked as done.
   * @throws Refusal `taken-over` while somebody else is with them
   */
  async close(authority: Authority, arrival: Arrival, clerk: Clerk): Promise<Arrival> {
    const now = this.issuer.now();
    const closed = await this.#turnstile.pass(arrival, async (was, tx) => {
      if (!was.isLive) return null;
      checkNotWithAnother(was, clerk);
      await learnLength(this.registers.doors, tx, was, now);
      return { status: 'closed', ...NOBODY, endedAt: now, ringAt: null };
    });
    if (closed.calledAt !== null) await this.#mark(authority, closed, 'done', clerk);
    return closed;
  }

  /**
   * Hands somebody over to another office: the same link, a new number there before who knocks, and that door rings.
   * @throws Refusal `invalid` for an office that never receives or has them already, `changed`, `taken-over`
   */
  async hand(authority: Authority, arrival: Arrival, officeId: string, clerk: Clerk): Promise<Arrival> {
    const now = this.issuer.now();
    const office = authority.office(officeId);
    if (!office || !this.hours.receives(office)) throw invalid('office', 'does not receive');
    const { id: authorityId } = authority;
    return this.#turnstile.pass(arrival, async (was, tx) => {
      checkNotWithAnother(was, clerk);
      if (was.status === 'call_back' || !was.isLive || was.isGoneAt(now)) throw new Refusal('changed');
      if (was.officeId === officeId) throw invalid('office', 'has them already');
      const { doors } = this.registers;
      // Both rows in one order, whichever way somebody goes: two who go opposite ways would wait for each other.
      if (was.officeId < officeId) await learnLength(doors, tx, was, now);
      const { lastNumber: number } = await doors.take(tx, { authorityId, officeId });
      if (was.officeId > officeId) await learnLength(doors, tx, was, now);
      const anew = { arrivedAt: now, seenAt: now, calledAt: null, told: null, ringAt: now, ringStep: 0 };
      return { ...anew, officeId, number, handedFrom: was.officeId, status: 'waiting', ...NOBODY };
    });
  }

  /** A line to who waits. @throws Refusal `invalid`, `changed` once it is over */
  async tell(arrival: Arrival, line: string): Promise<Arrival> {
    const told = lineOf('line', line);
    return this.#whileLive(arrival, { told });
  }

  /** Our own room carries this call, whatever the service's provider. @throws Refusal `changed` once it is over */
  useOwnRoom(arrival: Arrival): Promise<Arrival> {
    return this.#whileLive(arrival, { ownRoom: 1 });
  }

  #whileLive(arrival: Arrival, changes: Partial<Arrival>): Promise<Arrival> {
    return this.#turnstile.pass(arrival, (was) => {
      if (!was.isLive) throw new Refusal('changed');
      return changes;
    });
  }

  /** What staff do at the door says how the appointment went; where the sheet already says otherwise, the sheet is right. */
  async #mark(
    authority: Authority,
    { kind, id }: Arrival,
    mark: 'arrived' | 'done',
    { id: staffId, name }: Clerk,
  ): Promise<void> {
    const booking = kind === 'booking' ? await this.registers.books.byId(id) : null;
    if (!booking || !MARKED_FROM[mark].includes(booking.status)) return;
    try {
      await this.changes.mark(authority, booking, mark, { by: { kind: 'staff', id: staffId, name } });
    } catch (fault) {
      if (!(fault instanceof Refusal)) throw fault;
    }
  }
}

const NOBODY = { staffId: null, staffName: null };
const MARKED_FROM: Record<'arrived' | 'done', readonly Status[]> = {
  arrived: ['confirmed', 'no_show'],
  done: ['confirmed', 'arrived'],
};

const by = ({ id, name }: Clerk): Pick<Arrival, 'staffId' | 'staffName'> => ({ staffId: id, staffName: name });

const isWith = ({ status, staffId }: Arrival, { id }: Clerk): boolean => status === 'called' && staffId === id;

/** Why somebody cannot be had: another has them, or they are not there any more. */
const takenBy = ({ staffName }: Arrival): Refusal =>
  staffName === null ? new Refusal('changed') : new Refusal('taken-over', { said: staffName });

/** Whoever presses on an old page shall not end a call that another has begun meanwhile: it is first to be held. */
function checkNotWithAnother(was: Arrival, clerk: Clerk): void {
  if (was.status === 'called' && was.staffId !== clerk.id) throw takenBy(was);
}
