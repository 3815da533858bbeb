// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Booking } from '../bookings/booking.ts';
import { exceeds } from '../bookings/limit.ts';
import { Refusal } from '../bookings/refusal.ts';
import type { Registers } from '../database/registers.ts';
import type { Transaction } from '../database/engine/transaction.ts';
import type { Authority } from '../offices/authority.ts';
import type { Service } from '../offices/definition.ts';

/** What a limit looks at. A booking that moves is not counted against itself. */
export type Limited = Pick<Booking, 'id' | 'authorityId' | 'serviceId' | 'emailHash' | 'start'>;

/** Holds the number of live bookings one person may have of a service. */
export class PersonLimit {
  constructor(private readonly registers: Registers) {}

  /** @throws Refusal `already-booked`. Two racing bookings of one person meet at the guard's row first. */
  async hold(tx: Transaction, authority: Authority, { limits }: Service, booking: Limited): Promise<void> {
    const { id, authorityId, serviceId, emailHash, start } = booking;
    // Who has no address is known to the staff who book for them.
    if (!limits || emailHash === null) return;
    await this.registers.guards.meet(tx, { authorityId, serviceId, emailHash });
    const others = await this.registers.books.startsOf(tx, { authorityId, serviceId, emailHash }, id);
    if (exceeds(limits, others, start, authority.zone)) throw new Refusal('already-booked');
  }

  /** For a slot that is taken: a person over the limit hears of the limit first. @throws Refusal `already-booked` */
  async check(authority: Authority, service: Service, booking: Limited): Promise<void> {
    if (service.limits) await this.registers.database.transaction((tx) => this.hold(tx, authority, service, booking));
  }
}
