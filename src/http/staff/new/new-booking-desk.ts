// SPDX-License-Identifier: AGPL-3.0-or-later
import { Injectable } from '@nestjs/common';
import type { Staff } from '../../../access/staff.ts';
import type { Booking } from '../../../bookings/booking.ts';
import { Refusal, type Place } from '../../../bookings/refusal.ts';
import { BookingDesk } from '../../../front-desk/booking-desk.ts';
import { HoldDesk } from '../../../front-desk/hold-desk.ts';
import { obstaclesOf } from '../../../front-desk/obstacles.ts';
import { Rules, type Wish } from '../../../front-desk/rules.ts';
import { Timetable } from '../../../front-desk/timetable.ts';
import type { Authority } from '../../../offices/authority.ts';
import { jsonHash } from '../../json-hash.ts';
import type { InTheWay, NewBooking } from './new-booking-memory.ts';

const NEAREST = 3;
/** Of the idempotency keys: the names of forms. */
const CALLER = 'staff';

/** What the form of staff asks of the desks, in the form's own terms. */
@Injectable()
export class NewBookingDesk {
  constructor(
    private readonly bookings: BookingDesk,
    private readonly holds: HoldDesk,
    private readonly rules: Rules,
    private readonly timetable: Timetable,
  ) {}

  /** What stands in the way now; the form's own hold does not. */
  async inTheWay(authority: Authority, a: NewBooking): Promise<InTheWay[]> {
    const obstacles = await obstaclesOf(this.rules, authority, wishOf(a), a.hold?.id);
    return a.overLimit ? [...obstacles, 'limit'] : obstacles;
  }

  /** Keeps the time a while longer, as long as it is free for everybody; what is overruled is not held. */
  async holding(authority: Authority, a: NewBooking): Promise<NewBooking> {
    try {
      const { hold, secret } = await this.holds.renew(
        authority,
        { ...wishOf(a), onlyAt: a.counter },
        a.hold ?? undefined,
      );
      return { ...a, counter: hold.counter, hold: { id: hold.id, secret, expiresAt: hold.expiresAt } };
    } catch (fault) {
      if (!(fault instanceof Refusal)) throw fault;
      const nowhere = { ...a, counter: undefined, hold: null };
      return a.counter === undefined ? nowhere : this.holding(authority, nowhere);
    }
  }

  /** The free starts nearest to the one in the form, at its office. */
  async nearest(authority: Authority, a: NewBooking): Promise<Place[]> {
    const { officeId, start } = a;
    const near = await this.timetable.nearest(authority, wishOf(a), { officeId, start }, NEAREST);
    return near.filter((place) => place.officeId === officeId);
  }

  /** What the form became already: pressed twice, the second finds its own booking in its way. */
  booked(authority: Authority, name: string): Promise<Booking | null> {
    return this.bookings.byKey(authority, { caller: CALLER, key: name });
  }

  /**
   * The booking of this form, however often it is sent.
   * @param name of the form
   * @throws Refusal
   */
  async book(authority: Authority, staff: Staff, a: NewBooking, name: string): Promise<Booking> {
    try {
      return await this.#book(authority, staff, a, name);
    } catch (fault) {
      if (!(fault instanceof Refusal) || fault.reason !== 'hold-expired') throw fault;
      return this.#book(authority, staff, await this.holding(authority, a), name);
    }
  }

  #book(authority: Authority, { id, name: staffName }: Staff, a: NewBooking, name: string): Promise<Booking> {
    const { hold, overruled, why, givenName, familyName, email, phone, fields, language } = a;
    const request = {
      ...wishOf(a),
      fields,
      language,
      citizen: { givenName, familyName, email: email || null, phone: phone || null },
      reason: a.reason || null,
      caseNumber: a.caseNumber || null,
      hold: hold ?? undefined,
    };
    const repeat = { caller: CALLER, key: name, bodyHash: jsonHash({ ...a, hold: null }) };
    const by = { kind: 'staff', id, name: staffName } as const;
    return this.bookings.book(authority, request, repeat, overruled.length ? { by, overrule: why } : { by });
  }
}

const wishOf = ({ officeId, serviceId, start, mode, audience }: NewBooking): Wish => ({
  officeId,
  serviceId,
  start,
  mode,
  audience,
});
