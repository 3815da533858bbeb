// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Booking } from '../bookings/booking.ts';
import { lastChange } from '../bookings/last-change.ts';
import { noticesOf, remindersOf } from '../bookings/notices.ts';
import { Refusal } from '../bookings/refusal.ts';
import { Claim } from '../database/rows.ts';
import type { Stretch } from '../database/claims.ts';
import type { Registers } from '../database/registers.ts';
import { DuplicateKey, type Transaction } from '../database/transaction.ts';
import type { Authority } from '../offices/authority.ts';
import type { Service } from '../offices/definition.ts';
import type { Minute } from '../time/interval.ts';
import { toMinute } from '../time/clock.ts';
import type { Issuer } from './issuer.ts';
import { Overtaken, untilCurrent } from './overtaken.ts';
import { PersonLimit } from './person-limit.ts';
import type { Rules } from './rules.ts';

/** Moves and cancels appointments. */
export class ChangeDesk {
  readonly #limit: PersonLimit;

  constructor(
    private readonly registers: Registers,
    private readonly rules: Rules,
    private readonly issuer: Issuer,
  ) {
    this.#limit = new PersonLimit(registers);
  }

  /**
   * Gives a booking another start. The old one is kept until the new one is certain, and does not stand in its way.
   * @throws Refusal `cancelled`, `too-late`, those of the start, `already-booked`, `slot-taken` with alternatives
   */
  async move(authority: Authority, booking: Booking, start: Minute): Promise<Booking> {
    return this.#untilCurrent(authority, booking, async (current, was) => {
      if (!was.isLive) throw new Refusal('cancelled');
      if (was.start === start) return was;
      const service = this.#changeable(current, was);
      const { officeId, serviceId, mode } = was;
      const wish = { officeId, serviceId, start, mode };
      const { counters, end, busyUntil } = await this.rules.allow(current, wish, was.id);
      for (const counter of stayingFirst(counters, was.counter)) {
        const moved = was.movedTo({ start, end, busyUntil, counter }, this.issuer.now());
        if (await this.#writeMove(current, service, was, moved)) return moved;
      }
      await this.#limit.check(current, service, { ...was, start });
      throw await this.rules.slotTaken(current, wish, was);
    });
  }

  /** Cancels; a second time changes nothing and tells nobody. @throws Refusal `too-late` */
  async cancel(authority: Authority, booking: Booking): Promise<Booking> {
    return this.#untilCurrent(authority, booking, async (current, was) => {
      if (!was.isLive) return was;
      this.#changeable(current, was);
      const cancelled = was.cancelled('citizen', this.issuer.now());
      const { claims, outbox, database } = this.registers;
      await database.transaction(async (tx) => {
        await this.#replace(tx, was, cancelled);
        await claims.free(tx, stretchOf(was), was.id);
        await outbox.forgetReminders(tx, was.id);
        await outbox.owe(
          tx,
          cancelled,
          noticesOf(cancelled, 'cancelled', cancelled.updatedAt, { was }),
          this.issuer.id,
        );
      });
      this.registers.changed();
      return cancelled;
    });
  }

  /** @returns false when another was faster at this counter. */
  async #writeMove(authority: Authority, service: Service, was: Booking, moved: Booking): Promise<boolean> {
    const { claims, database } = this.registers;
    const stays = was.counter === moved.counter;
    try {
      await database.transaction(async (tx) => {
        await this.#replace(tx, was, moved);
        if (!(await this.registers.authorities.isCurrent(tx, authority))) throw new Overtaken();
        await this.#limit.hold(tx, authority, service, moved);
        const [from, to] = [stretchOf(was), stretchOf(moved)];
        await claims.take(tx, to, was.id, { now: moved.updatedAt, except: stays ? from.time : undefined });
        await claims.free(tx, from, was.id, stays ? to.time : undefined);
        await this.#tell(tx, authority, service, was, moved);
      });
    } catch (fault) {
      if (!(fault instanceof DuplicateKey) || fault.target !== Claim) throw fault;
      return false;
    }
    this.registers.changed();
    return true;
  }

  async #tell(tx: Transaction, authority: Authority, service: Service, was: Booking, moved: Booking): Promise<void> {
    const { outbox } = this.registers;
    const at = moved.updatedAt;
    await outbox.forgetReminders(tx, was.id);
    const reminders = moved.status === 'pending' ? [] : remindersOf(moved, service.reminders, authority.zone, at);
    await outbox.owe(tx, moved, [...noticesOf(moved, 'moved', at, { was }), ...reminders], this.issuer.id);
  }

  async #replace(tx: Transaction, was: Booking, now: Booking): Promise<void> {
    if (!(await this.registers.books.replace(tx, was, now))) throw new Overtaken();
  }

  /** The booking's service, retired or not. @throws Refusal `too-late` once its `cancel_until` has passed */
  #changeable(authority: Authority, booking: Booking): Service {
    const service = authority.anyService(booking.officeId, booking.serviceId)!;
    if (toMinute(this.issuer.now()) > lastChange(booking, service, authority.zone)) throw new Refusal('too-late');
    return service;
  }

  /** @param change is given the authority and the booking as they now are */
  #untilCurrent(
    authority: Authority,
    booking: Booking,
    change: (current: Authority, was: Booking) => Promise<Booking>,
  ): Promise<Booking> {
    const { authorities, books } = this.registers;
    return untilCurrent(async (outOfDate) => {
      if (!outOfDate) return change(authority, booking);
      const current = await authorities.find(authority.id);
      return change(current ?? authority, (await books.byId(booking.id)) ?? booking);
    });
  }
}

const stretchOf = ({ counter, claimed }: Booking): Stretch => ({ counter, time: claimed });

/** A citizen who moves stays at the same counter when it is free. */
const stayingFirst = (counters: readonly number[], own: number): number[] =>
  [...counters].sort((a, b) => Number(b === own) - Number(a === own));
