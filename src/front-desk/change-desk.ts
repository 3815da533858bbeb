// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Booking } from '../bookings/booking.ts';
import { CITIZEN, isCitizens, overrules, type Change } from '../bookings/change.ts';
import { lastChange } from '../bookings/last-change.ts';
import { markableFrom } from '../bookings/marking.ts';
import { Refusal } from '../bookings/refusal.ts';
import { isAhead, mayBeMarked, type Mark } from '../bookings/status.ts';
import type { Registers } from '../database/registers.ts';
import type { Transaction } from '../database/engine/transaction.ts';
import type { Authority, KeyedCounter } from '../offices/authority.ts';
import type { Minute } from '../time/interval.ts';
import { toMinute } from '../time/clock.ts';
import type { Issuer } from './issuer.ts';
import { Overtaken, untilCurrent } from './overtaken.ts';
import { Overruling } from './overruling.ts';
import { PersonLimit } from './person-limit.ts';
import { audienceOf, type Allowed, type Rules, type Wish } from './rules.ts';
import { Scribe, type Turn } from './scribe.ts';
import { seatsFor, Seating } from './seating.ts';

/** When and where a booking is to be. */
export type Spot = Pick<Booking, 'start' | 'end' | 'busyUntil' | 'counter'>;

/**
 * Every change of a booking, whoever asks: its citizen, staff, the answer of a mail client, a calendar, a deadline. Each
 * is one transaction with its line in the history, the letters it owes and, where a counter has one, the event in its
 * calendar. What a service says of moving and cancelling in time, and of how many bookings a person may have, binds the
 * citizen only. A `version` that is no longer the booking's is refused as `changed`.
 */
export class ChangeDesk {
  readonly #limit: PersonLimit;
  readonly #scribe: Scribe;
  readonly #seating: Seating;
  readonly #overruling: Overruling;

  constructor(
    private readonly registers: Registers,
    private readonly rules: Rules,
    private readonly issuer: Issuer,
  ) {
    this.#limit = new PersonLimit(registers);
    this.#scribe = new Scribe(registers, issuer);
    this.#seating = new Seating(registers, issuer);
    this.#overruling = new Overruling(registers, rules, issuer);
  }

  /**
   * Gives a booking another start. The old one is kept until the new one is certain, and does not stand in its way.
   * @param counter the only one that will do
   * @throws Refusal `changed`, `cancelled`, `too-late`, those of the start, `already-booked`, `slot-taken` with
   *   alternatives
   */
  move(
    authority: Authority,
    booking: Booking,
    start: Minute,
    change: Change = CITIZEN,
    counter?: number,
  ): Promise<Booking> {
    return this.#untilCurrent(authority, booking, async (current, was) => {
      checkSeen(was, change);
      if (!was.isLive) throw new Refusal('cancelled');
      if (was.start === start && was.counter === (counter ?? was.counter)) return was;
      this.#checkAhead(current, was, change);
      if (was.start === start) return this.#reseat(current, was, counter!, change);
      const wish = wishOf(current, was, start, counter);
      const allowed = await this.#allowed(current, wish, was, change);
      const moved = await this.#seating.first(spotsOf(wish, allowed, was.counter), async (tx, spot) => {
        await this.#checkCurrent(tx, current);
        return this.moveIn(tx, current, was, spot, change);
      });
      return moved ?? this.#refuseMove(current, was, wish, change);
    });
  }

  /**
   * The same in the caller's transaction, to a spot the caller has found; {@link Registers.changed} is to be said after
   * its COMMIT. What it may be moved to is not asked.
   * @throws DuplicateKey of a Claim when another has the spot; Overtaken when the booking is not as it was
   */
  async moveIn(tx: Transaction, authority: Authority, was: Booking, spot: Spot, change: Change): Promise<Booking> {
    const moved = was.movedTo(spot, this.issuer.now());
    await this.#scribe.replace(tx, was, moved);
    if (isCitizens(change)) await this.#holdLimit(tx, authority, moved);
    await this.#seating.change(tx, was, moved);
    await this.#scribe.tell(tx, authority, { was, now: moved, what: 'moved', letter: 'moved' }, change);
    return moved;
  }

  /** Cancels; a second time changes nothing and tells nobody. A no to a booking that waits is the same. @throws Refusal `changed`, `too-late` */
  cancel(authority: Authority, booking: Booking, change: Change = CITIZEN): Promise<Booking> {
    return this.#untilCurrent(authority, booking, async (current, was) => {
      if (!was.isLive) return was;
      checkSeen(was, change);
      this.#checkAhead(current, was, change);
      return this.#seating.write((tx) => this.cancelIn(tx, current, was, change));
    });
  }

  /**
   * The same in the caller's transaction; {@link Registers.changed} is to be said after its COMMIT. Whether it is too
   * late is not asked.
   * @throws Overtaken when the booking is not as it was
   */
  async cancelIn(tx: Transaction, authority: Authority, was: Booking, change: Change): Promise<Booking> {
    const cancelled = was.cancelled(change.by.kind, this.issuer.now());
    const what = was.status === 'pending' && change.by.kind === 'staff' ? 'declined' : 'cancelled';
    await this.#scribe.replace(tx, was, cancelled);
    await this.#seating.giveBack(tx, was);
    await this.#scribe.tell(tx, authority, { was, now: cancelled, what, letter: 'cancelled' }, change);
    return cancelled;
  }

  /** The office's yes to a booking that waits for it: the first invite. @throws Refusal `changed`, also when it waits no more */
  confirm(authority: Authority, booking: Booking, change: Change): Promise<Booking> {
    return this.#untilCurrent(authority, booking, (current, was) => {
      checkSeen(was, change);
      if (was.status !== 'pending') throw new Refusal('changed');
      const now = was.with({ status: 'confirmed' }, this.issuer.now());
      return this.#turn(current, { was, now, what: 'confirmed', letter: 'confirmed' }, change);
    });
  }

  /**
   * What happened on the day, or that it did not. No letters.
   * @throws Refusal `changed`, also when one does not follow the other; `too-soon` for what cannot be true yet
   */
  mark(authority: Authority, booking: Booking, status: Mark, change: Change): Promise<Booking> {
    return this.#untilCurrent(authority, booking, (current, was) => {
      checkSeen(was, change);
      if (!mayBeMarked(was.status, status)) throw new Refusal('changed');
      if (toMinute(this.issuer.now()) < markableFrom(status, was.start, current.zone)) throw new Refusal('too-soon');
      const now = was.with({ status }, this.issuer.now());
      return this.#turn(current, { was, now, what: status === 'confirmed' ? 'reopened' : status }, change);
    });
  }

  /** Seats a booking at another counter of its office, at its time. The citizen is not told. @throws Refusal `changed`, `cancelled`, `slot-taken` */
  reseat(authority: Authority, booking: Booking, counter: number, change: Change): Promise<Booking> {
    return this.#untilCurrent(authority, booking, async (current, was) => {
      checkSeen(was, change);
      if (!was.isLive) throw new Refusal('cancelled');
      return was.counter === counter ? was : this.#reseat(current, was, counter, change);
    });
  }

  /** The other counters at which a booking could sit at its time. */
  freeSeats(authority: Authority, booking: Booking): Promise<KeyedCounter[]> {
    return this.#seating.free(authority, booking);
  }

  /**
   * Brings back a booking that the answer of a mail client cancelled, while its time is free.
   * @throws Refusal `changed` for one that stands or was cancelled otherwise, `too-late`, `closed`, `already-booked`,
   *   `slot-taken` with alternatives
   */
  restore(authority: Authority, booking: Booking, change: Change): Promise<Booking> {
    return this.#untilCurrent(authority, booking, async (current, was) => {
      checkSeen(was, change);
      if (was.cancelledBy !== 'reply') throw new Refusal('changed');
      if (was.start <= toMinute(this.issuer.now())) throw new Refusal('too-late');
      const wish = wishOf(current, was, was.start);
      const allowed = await this.rules.allowAgain(current, wish);
      const restored = await this.#seating.first(spotsOf(wish, allowed, was.counter), (tx, spot) =>
        this.#restoreIn(tx, current, was, spot, change),
      );
      if (!restored) throw await this.rules.slotTaken(current, wish);
      return restored;
    });
  }

  async #restoreIn(tx: Transaction, authority: Authority, was: Booking, spot: Spot, change: Change): Promise<Booking> {
    const now = was.restored(spot, this.issuer.now());
    await this.#scribe.replace(tx, was, now);
    await this.#checkCurrent(tx, authority);
    await this.#holdLimit(tx, authority, now);
    await this.#seating.take(tx, now);
    await this.#scribe.tell(tx, authority, { was, now, what: 'restored', letter: 'confirmed' }, change);
    return now;
  }

  async #reseat(authority: Authority, was: Booking, counter: number, change: Change): Promise<Booking> {
    const spots = seatsFor(authority, was).filter(({ key }) => key === counter);
    const now = was.with({ counter }, this.issuer.now());
    const seated = await this.#seating.first(spots, async (tx) => {
      await this.#scribe.replace(tx, was, now);
      await this.#seating.change(tx, was, now);
      await this.#scribe.tell(tx, authority, { was, now, what: 'reseated' }, change);
      return now;
    });
    if (!seated) throw new Refusal('slot-taken');
    return seated;
  }

  #allowed(authority: Authority, wish: Wish, { id }: Booking, change: Change): Promise<Allowed> {
    return (overrules(change) ? this.#overruling : this.rules).allow(authority, wish, id);
  }

  async #refuseMove(authority: Authority, was: Booking, wish: Wish, change: Change): Promise<never> {
    // Somebody took the place in more that was free: there may be another.
    if (overrules(change) && wish.onlyAt === undefined) throw new Overtaken();
    const service = authority.anyService(was.officeId, was.serviceId)!;
    if (isCitizens(change)) await this.#limit.check(authority, service, { ...was, start: wish.start });
    throw await this.rules.slotTaken(authority, wish, was);
  }

  #turn(authority: Authority, turn: Turn, change: Change): Promise<Booking> {
    return this.#seating.write(async (tx) => {
      await this.#scribe.replace(tx, turn.was, turn.now);
      await this.#scribe.tell(tx, authority, turn, change);
      return turn.now;
    });
  }

  async #checkCurrent(tx: Transaction, authority: Authority): Promise<void> {
    if (!(await this.registers.authorities.isCurrent(tx, authority))) throw new Overtaken();
  }

  #holdLimit(tx: Transaction, authority: Authority, booking: Booking): Promise<void> {
    return this.#limit.hold(tx, authority, authority.anyService(booking.officeId, booking.serviceId)!, booking);
  }

  /** @throws Refusal `too-late` once it has been held or missed and, for the citizen, once `cancel_until` has passed */
  #checkAhead(authority: Authority, booking: Booking, change: Change): void {
    const service = authority.anyService(booking.officeId, booking.serviceId)!;
    const late = isCitizens(change) && toMinute(this.issuer.now()) > lastChange(booking, service, authority.zone);
    if (late || !isAhead(booking.status)) throw new Refusal('too-late');
  }

  /** @param change is given the authority and the booking as they now are */
  #untilCurrent(
    authority: Authority,
    booking: Booking,
    change: (current: Authority, was: Booking) => Promise<Booking>,
  ): Promise<Booking> {
    const { authorities, books } = this.registers;
    const changed = (current: Authority, was: Booking): Promise<Booking> => {
      if (was.isForgotten) throw new Refusal('not-found');
      return change(current, was);
    };
    return untilCurrent(async (outOfDate) => {
      if (!outOfDate) return changed(authority, booking);
      const current = await authorities.find(authority.id);
      return changed(current ?? authority, (await books.byId(booking.id)) ?? booking);
    });
  }
}

/** @throws Refusal `changed` when it is no longer what the caller saw */
function checkSeen(was: Booking, { version }: Change): void {
  if (version !== undefined && version !== was.version) throw new Refusal('changed');
}

function wishOf(authority: Authority, booking: Booking, start: Minute, onlyAt?: number): Wish {
  const { officeId, serviceId, mode } = booking;
  return { officeId, serviceId, mode, start, onlyAt, audience: audienceOf(authority, booking) };
}

/** Whoever moves stays at the same counter when it is free. */
const spotsOf = ({ start }: Wish, { counters, end, busyUntil }: Allowed, own: number): Spot[] =>
  [...counters]
    .sort((a, b) => Number(b === own) - Number(a === own))
    .map((counter) => ({ start, end, busyUntil, counter }));
