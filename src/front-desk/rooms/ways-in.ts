// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Sealed } from '../../access/sealed.ts';
import type { Booking } from '../../bookings/booking.ts';
import type { Registers } from '../../database/registers.ts';
import type { Authority } from '../../offices/authority.ts';
import type { VideoProvider } from '../../offices/definition.ts';
import { callOf } from '../../video/call.ts';
import type { KeptRoom, Person, Provider } from '../../video/provider.ts';
import type { Providers } from '../../video/providers.ts';
import type { Arrival } from '../../waiting-room/arrival.ts';

/**
 * Why our own room stands in, for staff: `not-set-up`, nobody has told this house how to reach the provider; `refused`,
 * it was asked and will not; `no-room`, it has made none so far.
 */
export type Trouble = 'not-set-up' | 'refused' | 'no-room';

/** Where a call is held, as one person is to enter it. */
export interface WayIn {
  /** Whom the service names. */
  readonly provider: VideoProvider;
  /** Null: our own room. */
  readonly url: string | null;
  readonly trouble: Trouble | null;
}

const OWN_ROOM: WayIn = { provider: 'builtin', url: null, trouble: null };

/**
 * Which room a call is held in, decided each time somebody enters: the link in the letter is ours, so another provider
 * in the authority file, or one that is down, breaks none.
 */
export class WaysIn {
  constructor(
    private readonly registers: Registers,
    private readonly providers: Providers,
    private readonly sealed: Sealed,
  ) {}

  /** Asks nobody over the network. Who knocked, and whom staff would rather have there, come into our own room. */
  async of(authority: Authority, booking: Booking | null, arrival: Arrival | null, who: Person): Promise<WayIn> {
    const service = booking && authority.anyService(booking.officeId, booking.serviceId);
    if (!service || booking.mode !== 'video' || arrival?.ownRoom === 1 || service.video === 'builtin') return OWN_ROOM;
    const provider = this.providers.of(service.video);
    if (!provider) return { provider: service.video, url: null, trouble: 'not-set-up' };
    const { room, trouble } = await this.#roomOf(booking, provider);
    const url = trouble ? null : await provider.enter(callOf(booking, service), who, room);
    return { provider: service.video, url, trouble: url ? null : (trouble ?? 'no-room') };
  }

  /** What the courier has kept, if it is of the booking's present time. */
  async #roomOf(
    { id, sequence }: Booking,
    { name, rooms }: Provider,
  ): Promise<{ room: KeptRoom | null; trouble?: Trouble }> {
    if (!rooms) return { room: null };
    const row = await this.registers.rooms.find(id, name);
    if (row?.state === 'failed') return { room: null, trouble: 'refused' };
    if (row?.state !== 'ready' || row.sequence !== sequence || !row.citizenUrl)
      return { room: null, trouble: 'no-room' };
    return { room: { citizenUrl: row.citizenUrl, staffUrl: row.staffUrl && this.sealed.open(row.staffUrl) } };
  }
}
