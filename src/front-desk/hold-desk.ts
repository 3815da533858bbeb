// SPDX-License-Identifier: AGPL-3.0-or-later
import { timingSafeEqual } from 'node:crypto';
import { Hold, HOLD_MS } from '../bookings/hold.ts';
import { Refusal } from '../bookings/refusal.ts';
import { sha256 } from '../bookings/token.ts';
import type { Registers } from '../database/registers.ts';
import { DuplicateKey } from '../database/engine/transaction.ts';
import type { Authority } from '../offices/authority.ts';
import { overlaps } from '../time/interval.ts';
import type { Issuer } from './issuer.ts';
import type { Allowed, Rules, Wish } from './rules.ts';
import { theService } from './rules.ts';

/** What its holder shows. */
export interface HoldTicket {
  readonly id: string;
  readonly secret: string;
}

export interface Held {
  readonly hold: Hold;
  readonly secret: string;
}

/** Keeps a slot for someone for five minutes. */
export class HoldDesk {
  constructor(
    private readonly registers: Registers,
    private readonly rules: Rules,
    private readonly issuer: Issuer,
  ) {}

  /** @throws Refusal of the start, or `slot-taken` with alternatives */
  async hold(authority: Authority, wish: Wish): Promise<Held> {
    const allowed = await this.rules.allow(authority, wish);
    const secret = this.issuer.secret();
    for (const counter of allowed.counters) {
      const hold = this.#newHold(authority, wish, allowed, counter, secret);
      if (await this.#keep(hold)) return { hold, secret };
    }
    throw await this.rules.slotTaken(authority, wish);
  }

  /** For the form: prolongs what is held for this wish, silently retakes it once expired, lets another slot go. */
  async renew(authority: Authority, wish: Wish, held?: HoldTicket): Promise<Held> {
    const { service } = theService(authority, wish);
    const hold = held && (await this.#own(authority, held));
    if (!hold) return this.hold(authority, wish);
    const prolonged = isFor(hold, wish) && (await this.#prolong(hold));
    if (prolonged) return { hold: prolonged, secret: held.secret };
    // Its own time may stand in the way of the next; one that does not is kept until the next is certain.
    const inTheWay = overlaps(hold.claimed, {
      start: wish.start,
      end: wish.start + service.duration + service.bufferAfter,
    });
    const next = inTheWay ? undefined : await this.hold(authority, wish);
    await this.#letGo(hold);
    return next ?? this.hold(authority, wish);
  }

  /** @throws Refusal `not-found` for an unknown hold and for a wrong secret alike */
  async release(authority: Authority, ticket: HoldTicket): Promise<void> {
    const hold = await this.#own(authority, ticket);
    if (!hold || !(await this.#letGo(hold)) || !hold.isLiveAt(this.issuer.now())) throw new Refusal('not-found');
  }

  /** The hold of a ticket, alive and for this wish. @throws Refusal `hold-expired` */
  async spendable(authority: Authority, wish: Wish, ticket: HoldTicket): Promise<Hold> {
    const hold = await this.#own(authority, ticket);
    if (!hold?.isLiveAt(this.issuer.now()) || !isFor(hold, wish)) throw new Refusal('hold-expired');
    return hold;
  }

  #newHold(authority: Authority, wish: Wish, { busyUntil }: Allowed, counter: number, secret: string): Hold {
    const now = this.issuer.now();
    return new Hold({
      id: this.issuer.id(),
      authorityId: authority.id,
      officeId: wish.officeId,
      serviceId: wish.serviceId,
      counter,
      start: wish.start,
      busyUntil,
      secretHash: sha256(secret),
      createdAt: now,
      expiresAt: now + HOLD_MS,
    });
  }

  /** @returns false when another was faster at this counter. */
  async #keep(hold: Hold): Promise<boolean> {
    try {
      await this.registers.database.transaction(async (tx) => {
        await this.registers.holds.insert(tx, hold);
        const stretch = { counter: hold.counter, time: hold.claimed };
        await this.registers.claims.take(tx, stretch, hold.id, { now: hold.createdAt, until: hold.expiresAt });
      });
    } catch (fault) {
      if (!(fault instanceof DuplicateKey)) throw fault;
      // A hold's own key is taken only by itself: the COMMIT whose answer was lost had happened.
      if (fault.target !== Hold) return false;
    }
    this.registers.changed();
    return true;
  }

  /** @returns null when it has expired or was let go. */
  async #prolong(hold: Hold): Promise<Hold | null> {
    const now = this.issuer.now();
    const expiresAt = hold.renewalAt(now);
    const { database, holds, claims } = this.registers;
    const prolonged = await database.transaction(
      async (tx) =>
        (await holds.prolong(tx, hold, expiresAt, now)) &&
        (await claims.prolong(tx, { counter: hold.counter, time: hold.claimed }, hold.id, expiresAt)),
    );
    return prolonged ? new Hold({ ...hold, expiresAt }) : null;
  }

  async #letGo(hold: Hold): Promise<boolean> {
    const gone = await this.registers.database.transaction(async (tx) => {
      await this.registers.claims.free(tx, { counter: hold.counter, time: hold.claimed }, hold.id);
      return this.registers.holds.remove(tx, hold.id);
    });
    this.registers.changed();
    return gone;
  }

  async #own(authority: Authority, { id, secret }: HoldTicket): Promise<Hold | null> {
    const hold = await this.registers.holds.find(authority.id, id);
    const given = Buffer.from(sha256(secret));
    return hold && timingSafeEqual(given, Buffer.from(hold.secretHash)) ? hold : null;
  }
}

const isFor = (hold: Hold, wish: Wish): boolean =>
  hold.officeId === wish.officeId && hold.serviceId === wish.serviceId && hold.start === wish.start;
