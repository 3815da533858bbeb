// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Booking } from '../../bookings/booking.ts';
import { noticeTo } from '../../bookings/notices.ts';
import type { Registers } from '../../database/registers.ts';
import type { MadeBy } from '../../database/reception/rooms.ts';
import type { Authority } from '../../offices/authority.ts';
import { toMinute } from '../../time/clock.ts';
import type { Minute } from '../../time/interval.ts';
import { IN_USE_BEFORE } from '../../video/call.ts';
import { makerFor } from '../../video/made-ahead.ts';
import type { Providers } from '../../video/providers.ts';
import type { Issuer } from '../issuer.ts';

/**
 * Finds the bookings to come whose rooms are not where the authority file now has them, and owes them to the courier.
 * However the file was changed (on a page, by an import beside us, while nothing ran), none is missed.
 */
export class RoomUpkeep {
  constructor(
    private readonly registers: Registers,
    private readonly providers: Providers,
    private readonly issuer: Issuer,
  ) {}

  /** @returns how many are owed now */
  async round(): Promise<number> {
    const owed: number[] = [];
    for (const authority of await this.registers.authorities.all()) owed.push(await this.#look(authority));
    return owed.reduce((a, b) => a + b, 0);
  }

  async #look(authority: Authority): Promise<number> {
    const from = Math.floor(toMinute(this.issuer.now())) + IN_USE_BEFORE;
    const amiss = new Map<string, Booking>();
    for (const each of [...(await this.#missing(authority, from)), ...(await this.#misplaced(authority, from))])
      amiss.set(each.id, each);
    for (const booking of amiss.values()) await this.#owe(booking);
    if (amiss.size) this.registers.changed();
    return amiss.size;
  }

  async #missing(authority: Authority, from: Minute): Promise<Booking[]> {
    const found: Booking[] = [];
    for (const made of this.#madeIn(authority))
      found.push(...(await this.registers.rooms.missing(authority.id, made, from)));
    return found;
  }

  async #misplaced(authority: Authority, from: Minute): Promise<Booking[]> {
    const standing = await this.registers.rooms.standing(authority.id, from);
    return standing
      .filter(({ provider, booking }) => !booking.isLive || makerFor(authority, booking) !== provider)
      .map(({ booking }) => booking);
  }

  /** Also services given no longer: appointments of theirs may be to come. */
  #madeIn(authority: Authority): MadeBy[] {
    return authority.definition.offices.flatMap(({ id: officeId, services }) => {
      const byProvider = Map.groupBy(services, ({ id: serviceId }) =>
        makerFor(authority, { officeId, serviceId, mode: 'video' }),
      );
      return [...byProvider].flatMap(([provider, given]) =>
        provider && this.providers.of(provider) ? [{ provider, officeId, services: given.map(({ id }) => id) }] : [],
      );
    });
  }

  async #owe(booking: Booking): Promise<void> {
    const notice = noticeTo('video', booking, 'room', this.issuer.now());
    const id = this.issuer.id();
    await this.registers.database.transaction((tx) => this.registers.outbox.owe(tx, booking, [notice], () => id));
  }
}
