// SPDX-License-Identifier: AGPL-3.0-or-later
import { differencesBetween, type Difference } from '../../authority-file/changes.ts';
import type { Booking } from '../../bookings/booking.ts';
import type { Actor, Change } from '../../bookings/change.ts';
import { Refusal } from '../../bookings/refusal.ts';
import { Forthcoming, type BookedPlace } from '../../database/forthcoming.ts';
import type { Registers } from '../../database/registers.ts';
import type { Transaction } from '../../database/engine/transaction.ts';
import type { Authority } from '../../offices/authority.ts';
import type { AuthorityDefinition } from '../../offices/definition.ts';
import { toMinute } from '../../time/clock.ts';
import type { Minute } from '../../time/interval.ts';
import type { ChangeDesk } from '../change-desk.ts';
import type { Issuer } from '../issuer.ts';
import { Overtaken } from '../overtaken.ts';
import { proposedAuthority } from './proposal.ts';
import type { Rules } from '../rules.ts';
import { losesPlace, type NoPlace } from './standing.ts';

/** A booking that loses its place, and why. */
export interface Loss {
  readonly booking: Booking;
  readonly why: NoPlace;
}

/** What another definition would do, before anything is saved. */
export interface Preview {
  readonly changes: readonly Difference[];
  /** Bookings still to come that stay as they are. */
  readonly stay: number;
  /** In the order of their starts. */
  readonly lose: readonly Loss[];
}

/** What becomes of a booking that loses its place. One that moves to its own time only changes its counter. */
export type Decision =
  { readonly to: 'keep' } | { readonly to: 'cancel' } | { readonly to: 'move'; readonly start: Minute };

export interface Ordered {
  readonly by: Extract<Actor, { kind: 'staff' }>;
  /** A sentence for the letters, and for the history. */
  readonly note?: string;
}

/** What was decided, and the bookings of which it was. */
interface Decided {
  readonly known: ReadonlyMap<string, Booking>;
  readonly decisions: ReadonlyMap<string, Decision>;
  readonly ordered: Ordered;
}

/** What was done. */
export interface Applied {
  readonly kept: number;
  readonly cancelled: number;
  readonly moved: number;
  /** Could not be moved any more: kept, and marked like the others that are. */
  readonly notMoved: readonly Booking[];
}

/** Changes the hours, services and counters of an authority, and nobody's appointment unseen. */
export class HoursDesk {
  readonly #forthcoming: Forthcoming;

  constructor(
    private readonly registers: Registers,
    private readonly changes: ChangeDesk,
    private readonly rules: Rules,
    private readonly issuer: Issuer,
  ) {
    this.#forthcoming = new Forthcoming(registers.database);
  }

  /** Looks through every booking still to come. Changes nothing. */
  async preview(authority: Authority, definition: AuthorityDefinition): Promise<Preview> {
    const next = proposedAuthority(authority, definition);
    const places = await this.#forthcoming.places(authority, this.#now());
    const lost = lossesAmong(places, authority, next);
    const bookings = await this.#forthcoming.byId([...lost.keys()]);
    return {
      changes: differencesBetween(authority.definition, next.definition),
      stay: places.length - lost.size,
      lose: [...lost].flatMap(([id, why]) => {
        const booking = bookings.get(id);
        return booking ? [{ booking, why }] : [];
      }),
    };
  }

  /**
   * Saves the definition and carries out what was decided: what is kept and cancelled with it, in one transaction; what
   * moves at once after it, each by itself, for another may have taken its new time. Until then, and if so, it is kept.
   * @param decisions by the id of the booking
   * @throws Refusal `changed` when the authority is no longer the one that was looked at, or a booking loses its place
   *   of which nothing was decided; then nothing at all is done
   */
  async apply(
    authority: Authority,
    definition: AuthorityDefinition,
    decisions: ReadonlyMap<string, Decision>,
    ordered: Ordered,
  ): Promise<Applied> {
    const next = proposedAuthority(authority, definition);
    const known = await this.#forthcoming.byId([...decisions.keys()]);
    const lost = await this.#save(authority, next, { known, decisions, ordered });
    this.registers.changed();
    const current = (await this.registers.authorities.find(authority.id))!;
    const to = (what: Decision['to']) => lost.filter(({ id }) => decisions.get(id)!.to === what);
    const notMoved = await this.#move(current, to('move'), decisions, ordered);
    return {
      kept: to('keep').length,
      cancelled: to('cancel').length,
      moved: to('move').length - notMoved.length,
      notMoved,
    };
  }

  /** @returns the bookings that lost their place. */
  async #save(authority: Authority, next: Authority, { known, decisions, ordered }: Decided): Promise<Booking[]> {
    const { database, authorities } = this.registers;
    try {
      return await database.transaction(async (tx) => {
        if (!(await authorities.replace(tx, authority, next.definition))) throw new Refusal('changed');
        const places = await this.#forthcoming.places(authority, this.#now(), tx);
        const lost = inHand(lossesAmong(places, authority, next), known);
        for (const booking of lost) await this.#decide(tx, authority, booking, decisions.get(booking.id)!, ordered);
        return lost;
      });
    } catch (fault) {
      throw fault instanceof Overtaken ? new Refusal('changed') : fault;
    }
  }

  /** What is to move is left as it is until it moves. */
  async #decide(
    tx: Transaction,
    authority: Authority,
    booking: Booking,
    { to }: Decision,
    { by, note }: Ordered,
  ): Promise<void> {
    if (to === 'cancel') await this.changes.cancelIn(tx, authority, booking, { by, note });
    if (to === 'keep') await this.#keep(tx, booking, { by, note });
  }

  async #keep(tx: Transaction, was: Booking, change: Change): Promise<void> {
    const kept = was.with({}, this.issuer.now());
    if (!(await this.registers.books.replace(tx, was, kept))) throw new Overtaken();
    await this.registers.history.add(tx, this.issuer.id(), kept, change, 'kept');
  }

  /** @returns those that could not be moved. */
  async #move(
    authority: Authority,
    bookings: readonly Booking[],
    decisions: ReadonlyMap<string, Decision>,
    { by, note }: Ordered,
  ): Promise<Booking[]> {
    const notMoved: Booking[] = [];
    for (const booking of bookings) {
      const decision = decisions.get(booking.id)!;
      if (decision.to !== 'move') continue;
      try {
        await this.#moveOne(authority, booking, decision.start, { by, note });
      } catch (fault) {
        if (!(fault instanceof Refusal)) throw fault;
        notMoved.push(booking);
      }
    }
    return notMoved;
  }

  /** At its own time it only needs another counter, and nobody need be told. */
  async #moveOne(authority: Authority, booking: Booking, start: Minute, change: Change): Promise<void> {
    if (start !== booking.start) {
      await this.changes.move(authority, booking, start, change);
      return;
    }
    const { counters } = await this.rules.allow(authority, booking, booking.id);
    const [counter] = counters;
    if (counter === undefined) throw await this.rules.slotTaken(authority, booking, booking);
    await this.changes.reseat(authority, booking, counter, change);
  }

  #now(): Minute {
    return toMinute(this.issuer.now());
  }
}

function lossesAmong(places: readonly BookedPlace[], was: Authority, next: Authority): Map<string, NoPlace> {
  const lost = new Map<string, NoPlace>();
  for (const place of places) {
    const why = losesPlace(was, next, place);
    if (why) lost.set(place.id, why);
  }
  return lost;
}

/** @throws Refusal `changed` for a booking of which nothing was decided. */
function inHand(lost: ReadonlyMap<string, NoPlace>, known: ReadonlyMap<string, Booking>): Booking[] {
  return [...lost.keys()].map((id) => {
    const booking = known.get(id);
    if (!booking) throw new Refusal('changed');
    return booking;
  });
}
