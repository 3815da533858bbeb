// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Sealed } from '../access/sealed.ts';
import type { Booking } from '../bookings/booking.ts';
import type { Registers } from '../database/registers.ts';
import type { OutboxRow, Room } from '../database/rows.ts';
import type { VideoProvider } from '../offices/definition.ts';
import type { Authority } from '../offices/authority.ts';
import { toMinute, type Clock } from '../time/clock.ts';
import { callOf, IN_USE_BEFORE, type Call } from '../video/call.ts';
import { makerFor } from '../video/made-ahead.ts';
import type { RoomMaker } from '../video/provider.ts';
import type { Providers } from '../video/providers.ts';
import { VideoFailure } from '../video/video-failure.ts';

/** What is to be agreed about, with whom. */
interface Errand {
  readonly booking: Booking;
  readonly call: Call;
  /** Who is to have a room for it, if anybody. */
  readonly wanted: VideoProvider | null;
}

/** Taken away at a time, so that all is done before the lease ends. */
const MOST_STRAYS = 4;

/**
 * Makes the providers of video calls agree about a booking: a room at the one its service names, as the booking now
 * stands, and none elsewhere. Repeated at will: what is known to be done is not done again.
 */
export class RoomCarrier {
  constructor(
    private readonly registers: Registers,
    private readonly providers: Providers,
    private readonly sealed: Sealed,
    private readonly clock: Clock,
  ) {}

  /** @throws VideoFailure */
  async agree(row: OutboxRow): Promise<void> {
    const errand = await this.#errandOf(row);
    if (!errand) return;
    const { booking, wanted } = errand;
    const now = toMinute(this.clock.now());
    // Rooms of what is over end by themselves.
    if (booking.end <= now) return;
    const known = await this.registers.rooms.ofBooking(booking.id);
    const maker = wanted && this.#makerAt(wanted);
    if (maker) await this.#provide(errand, wanted, maker, known.find(({ provider }) => provider === wanted) ?? null);
    if (booking.isLive && booking.start - IN_USE_BEFORE <= now) return;
    for (const room of known) if (room.provider !== wanted) await this.#takeAway(errand, room);
  }

  /** Nobody will try again: what was wanted has failed, and what was to go is left to end by itself. */
  async giveUp(row: OutboxRow, error: string): Promise<void> {
    const errand = await this.#errandOf(row);
    if (!errand) return;
    const { rooms } = this.registers;
    const { booking, wanted } = errand;
    const now = this.clock.now();
    for (const room of await rooms.ofBooking(booking.id)) {
      const isDone = room.provider === wanted && room.state === 'ready' && room.sequence === booking.sequence;
      if (room.provider !== wanted) await rooms.gone(room, now);
      else if (!isDone) await rooms.failed(room, booking.sequence, error, now);
    }
  }

  async #errandOf(row: OutboxRow): Promise<Errand | null> {
    const { books, authorities } = this.registers;
    const [booking, authority] = await Promise.all([books.byId(row.bookingId), authorities.find(row.authorityId)]);
    if (!booking || !authority) return null;
    const service = authority.anyService(booking.officeId, booking.serviceId);
    return { booking, call: callOf(booking, service), wanted: wantedFor(authority, booking) };
  }

  #makerAt(name: string): RoomMaker | undefined {
    return this.providers.of(name as VideoProvider)?.rooms;
  }

  async #provide(errand: Errand, provider: VideoProvider, maker: RoomMaker, known: Room | null): Promise<void> {
    const { booking, call } = errand;
    const { rooms } = this.registers;
    if (known?.state === 'ready' && known.sequence === booking.sequence) return;
    if (known?.externalId && (await this.#moved(maker, known, known.externalId, errand))) return;
    const intended = await rooms.intend(booking, provider, known, this.clock.now());
    if (!intended) throw overtaken();
    // Whoever asked before us may have been given a room and never have heard of it.
    if (known && known.state !== 'ready' && known.state !== 'gone') await this.#takeStrays(maker, call);
    await this.#make(maker, call, intended);
  }

  /** @returns false when another room is needed; the old one is then gone */
  async #moved(maker: RoomMaker, known: Room, externalId: string, { booking, call }: Errand): Promise<boolean> {
    if (known.state !== 'ready' || !maker.move) {
      await maker.remove(externalId);
      return false;
    }
    try {
      await maker.move(externalId, call);
    } catch (failure) {
      if (failure instanceof VideoFailure && failure.kind === 'gone') return false;
      throw failure;
    }
    if (!(await this.registers.rooms.moved(known, booking.sequence, this.clock.now()))) throw overtaken();
    return true;
  }

  async #make(maker: RoomMaker, call: Call, intended: Room): Promise<void> {
    const { staffUrl, ...made } = await maker.make(call);
    const kept = { ...made, staffUrl: staffUrl && this.sealed.seal(staffUrl) };
    if (await this.registers.rooms.keep(intended, kept, this.clock.now())) return;
    await maker.remove(made.externalId);
    throw overtaken();
  }

  async #takeAway({ call }: Errand, room: Room): Promise<void> {
    const maker = this.#makerAt(room.provider);
    if (room.state === 'gone') return;
    if (maker && room.externalId) await maker.remove(room.externalId);
    else if (maker) await this.#takeStrays(maker, call);
    await this.registers.rooms.gone(room, this.clock.now());
  }

  async #takeStrays(maker: RoomMaker, call: Call): Promise<void> {
    const strays = await maker.find(call);
    for (const stray of strays.slice(0, MOST_STRAYS)) await maker.remove(stray);
    if (strays.length > MOST_STRAYS) throw new VideoFailure('again', { status: 0, reason: 'strays' });
  }
}

/** One that the office has still to confirm needs no room yet, and what is over none any more. */
const wantedFor = (authority: Authority, booking: Booking): VideoProvider | null =>
  booking.status === 'confirmed' || booking.status === 'arrived' ? makerFor(authority, booking) : null;

const overtaken = (): VideoFailure => new VideoFailure('again', { status: 0, reason: 'overtaken' });
