// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Booking } from '../bookings/booking.ts';
import type { Stretch } from '../database/claims.ts';
import type { Registers } from '../database/registers.ts';
import { Claim } from '../database/rows.ts';
import { DuplicateKey, type Transaction } from '../database/engine/transaction.ts';
import type { Authority, KeyedCounter } from '../offices/authority.ts';
import { overlaps } from '../time/interval.ts';
import type { Issuer } from './issuer.ts';

/** The time bookings have at their counters: taken, changed, given back. */
export class Seating {
  constructor(
    private readonly registers: Registers,
    private readonly issuer: Issuer,
  ) {}

  /** The other counters at which a booking could sit at its time. */
  async free(authority: Authority, booking: Booking): Promise<KeyedCounter[]> {
    const { id, counter, claimed } = booking;
    const seats = seatsFor(authority, booking).filter(({ key }) => key !== counter);
    const keys = seats.map(({ key }) => key);
    const busy = await this.registers.books.busyTimes(keys, claimed, this.issuer.now(), id);
    return seats.filter(({ key }) => !busy.get(key)!.some((time) => overlaps(time, claimed)));
  }

  /** Tries one spot after another, each in its own transaction. @returns null when others were faster at all of them. */
  async first<S>(spots: readonly S[], write: (tx: Transaction, spot: S) => Promise<Booking>): Promise<Booking | null> {
    for (const spot of spots) {
      try {
        return await this.write((tx) => write(tx, spot));
      } catch (fault) {
        if (!(fault instanceof DuplicateKey) || fault.target !== Claim) throw fault;
      }
    }
    return null;
  }

  async write(write: (tx: Transaction) => Promise<Booking>): Promise<Booking> {
    const written = await this.registers.database.transaction(write);
    this.registers.changed();
    return written;
  }

  /** @throws DuplicateKey of a Claim when another has it. */
  take(tx: Transaction, booking: Booking): Promise<void> {
    return this.registers.claims.take(tx, stretchOf(booking), booking.id, { now: booking.updatedAt });
  }

  /** Takes the ticks it lacks and lets go of those it leaves. @throws DuplicateKey of a Claim when another has one. */
  async change(tx: Transaction, was: Booking, now: Booking): Promise<void> {
    const { claims } = this.registers;
    const [from, to] = [stretchOf(was), stretchOf(now)];
    const stays = was.counter === now.counter;
    await claims.take(tx, to, was.id, { now: now.updatedAt, except: stays ? from.time : undefined });
    await claims.free(tx, from, was.id, stays ? to.time : undefined);
  }

  giveBack(tx: Transaction, booking: Booking): Promise<void> {
    return this.registers.claims.free(tx, stretchOf(booking), booking.id);
  }
}

/** Where a booking may sit: whoever gives its service at its office, on whichever day, and the places in more. */
export const seatsFor = (authority: Authority, { officeId, serviceId }: Booking): KeyedCounter[] => [
  ...authority.countersFor(officeId, serviceId),
  ...authority.extrasOf(officeId),
];

const stretchOf = ({ counter, claimed }: Booking): Stretch => ({ counter, time: claimed });
