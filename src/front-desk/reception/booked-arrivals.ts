// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Booking } from '../../bookings/booking.ts';
import { Refusal } from '../../bookings/refusal.ts';
import type { Registers } from '../../database/registers.ts';
import { DuplicateKey, type Transaction } from '../../database/engine/transaction.ts';
import type { Authority } from '../../offices/authority.ts';
import { toMillis, type Millis } from '../../time/clock.ts';
import { Arrival, newArrival } from '../../waiting-room/arrival.ts';
import type { Issuer } from '../issuer.ts';
import type { Turnstile } from './turnstile.ts';

/** How long before its start, and after its end, the link of a video appointment leads to the waiting room. */
export const EARLIEST_MS: Millis = 10 * 60_000;
export const LATEST_MS: Millis = 30 * 60_000;

/** Lets those whose appointment has come into the waiting room of its office. */
export class BookedArrivals {
  constructor(
    private readonly registers: Registers,
    private readonly issuer: Issuer,
    private readonly turnstile: Turnstile,
  ) {}

  /**
   * Again it is the same arrival, and who was gone or had left waits once more, under a new number.
   * @throws Refusal `not-found`, `cancelled`, `changed` while the office has not said yes, `too-soon`, `too-late`
   */
  async arrive(authority: Authority, booking: Booking): Promise<Arrival> {
    const known = await this.registers.arrivals.find(authority.id, booking.id);
    if (known && !this.#mayComeAgain(known, booking)) return known;
    checkTime(booking, this.issuer.now());
    if (known) return this.#comeAgain(known, booking);
    const arrival = await this.#comeFirst(booking);
    if (arrival) this.turnstile.tell(arrival);
    return arrival ?? this.arrive(authority, booking);
  }

  /** One that was closed stays so, and one who waits keeps their place, unless the appointment is now another time. */
  #mayComeAgain(known: Arrival, booking: Booking): boolean {
    if (known.status === 'withdrawn' || known.isGoneAt(this.issuer.now())) return true;
    return known.due !== booking.start && known.status !== 'called' && known.status !== 'held';
  }

  /** @returns null when they came at the same moment by another page */
  async #comeFirst(booking: Booking): Promise<Arrival | null> {
    const comer = arrivalOf(booking, this.issuer.now());
    try {
      return await this.registers.database.transaction(async (tx) => {
        const arrival = new Arrival({ ...comer, number: await this.#nextNumber(tx, comer) });
        await this.registers.arrivals.insert(tx, [arrival]);
        return arrival;
      });
    } catch (fault) {
      if (fault instanceof DuplicateKey && fault.target === Arrival) return null;
      throw fault;
    }
  }

  #comeAgain(known: Arrival, booking: Booking): Promise<Arrival> {
    return this.turnstile.pass(known, async (was, tx) => {
      if (!this.#mayComeAgain(was, booking)) return null;
      const { id: _, version: __, ...anew } = arrivalOf(booking, this.issuer.now());
      return { ...anew, number: await this.#nextNumber(tx, anew) };
    });
  }

  async #nextNumber(tx: Transaction, door: Pick<Arrival, 'authorityId' | 'officeId'>): Promise<number> {
    return (await this.registers.doors.take(tx, { authorityId: door.authorityId, officeId: door.officeId })).lastNumber;
  }
}

function checkTime(booking: Booking, now: Millis): void {
  if (booking.mode !== 'video' || booking.isForgotten) throw new Refusal('not-found');
  if (!booking.isLive) throw new Refusal('cancelled');
  if (booking.status === 'pending') throw new Refusal('changed');
  if (now < toMillis(booking.start) - EARLIEST_MS) throw new Refusal('too-soon');
  if (now >= toMillis(booking.end) + LATEST_MS) throw new Refusal('too-late');
}

const arrivalOf = (booking: Booking, arrivedAt: Millis): Arrival =>
  newArrival({
    id: booking.id,
    authorityId: booking.authorityId,
    officeId: booking.officeId,
    kind: 'booking',
    tokenHash: booking.meetingHash,
    due: booking.start,
    name: `${booking.givenName} ${booking.familyName}`,
    reason: booking.reason?.replace(/\s+/g, ' ') ?? null,
    phone: booking.phone,
    language: booking.language,
    arrivedAt,
  });
