// SPDX-License-Identifier: AGPL-3.0-or-later
import { freeCounters, refusalOf, type SlotQuestion } from '../availability/free-slots.ts';
import type { Booking } from '../bookings/booking.ts';
import { invalid, Refusal } from '../bookings/refusal.ts';
import { breadth, type Authority, type KeyedCounter } from '../offices/authority.ts';
import type { Audience, Mode, Office, Service } from '../offices/definition.ts';
import type { Minute } from '../time/interval.ts';
import type { Timetable } from './timetable.ts';

/** A slot someone wants. */
export interface Wish {
  readonly officeId: string;
  readonly serviceId: string;
  readonly start: Minute;
  readonly mode: Mode;
  /** `public` when absent. */
  readonly audience?: Audience;
  /** The only counter that will do; any when absent. */
  readonly onlyAt?: number;
}

/** A wish the rules allow: what it takes, and the counters free for it, the first choice first. */
export interface Allowed {
  readonly office: Office;
  readonly service: Service;
  readonly end: Minute;
  /** The end and the buffer after it. */
  readonly busyUntil: Minute;
  readonly counters: readonly number[];
}

const ALTERNATIVES = 3;

/** Decides about one slot, with the very function that shows them. */
export class Rules {
  constructor(private readonly timetable: Timetable) {}

  /**
   * @param ignoring a hold or a booking of the caller's own that does not stand in the way
   * @returns with no counters when the slot is taken
   * @throws Refusal `invalid`, `closed`, `off-grid`, `too-soon` or `too-far`
   */
  async allow(authority: Authority, wish: Wish, ignoring?: string): Promise<Allowed> {
    return allowed(authority, wish, await this.question(authority, wish, ignoring));
  }

  /** The same of a time that was the caller's already: notice and horizon were kept when it was first taken. */
  async allowAgain(authority: Authority, wish: Wish, ignoring?: string): Promise<Allowed> {
    const question = await this.question(authority, wish, ignoring);
    return allowed(authority, wish, { ...question, earliest: -Infinity, latest: Infinity });
  }

  /** @throws Refusal `invalid` */
  async question(authority: Authority, wish: Wish, ignoring?: string): Promise<SlotQuestion> {
    const audience = wish.audience ?? 'public';
    return this.timetable.question(authority, { ...theService(authority, wish), audience }, wish.start, ignoring);
  }

  /** @param moving a booking whose own time is free for it, but no alternative */
  async slotTaken(authority: Authority, wish: Wish, moving?: Booking): Promise<Refusal> {
    const place = { officeId: wish.officeId, start: wish.start };
    const near = await this.timetable.nearest(authority, { ...wish, except: moving }, place, ALTERNATIVES + 1);
    const others = near.filter((p) => p.start !== moving?.start || p.officeId !== moving.officeId);
    return new Refusal('slot-taken', { alternatives: others.slice(0, ALTERNATIVES) });
  }
}

/** @throws Refusal of a start that is not on the list, whoever may be free */
function allowed(authority: Authority, wish: Wish, question: SlotQuestion): Allowed {
  const { office, service } = theService(authority, wish);
  const refusal = refusalOf(question, wish.start);
  if (refusal) throw new Refusal(refusal);
  const end = wish.start + service.duration;
  const free = freeCounters(question, wish.start).filter((key) => key === (wish.onlyAt ?? key));
  const counters = firstChoiceFirst(authority.countersFor(office.id, service.id), question, free);
  return { office, service, end, busyUntil: end + service.bufferAfter, counters };
}

/** The counter that serves the fewest services, then the one with the fewest appointments that day. */
function firstChoiceFirst(
  counters: readonly KeyedCounter[],
  { counters: times }: SlotQuestion,
  free: readonly number[],
) {
  const rank = new Map(counters.map((c) => [c.key, breadth(c)]));
  const load = new Map(times.map((c) => [c.key, c.busy.length]));
  return [...free].sort((a, b) => rank.get(a)! - rank.get(b)! || load.get(a)! - load.get(b)!);
}

/** Who a booking is offered to when it moves: professionals only when the service is theirs alone. */
export const audienceOf = (
  authority: Authority,
  { officeId, serviceId }: Pick<Wish, 'officeId' | 'serviceId'>,
): Audience =>
  authority.service(officeId, serviceId)?.audience.includes('public') === false ? 'professionals' : 'public';

/** @throws Refusal `invalid` */
export function theService(authority: Authority, wish: Wish): { office: Office; service: Service } {
  const office = authority.office(wish.officeId);
  if (!office) throw invalid('office_id', 'There is no such office.');
  const service = authority.service(office.id, wish.serviceId);
  if (!service?.audience.includes(wish.audience ?? 'public'))
    throw invalid('service_id', 'This office gives no such service.');
  if (!service.modes.includes(wish.mode)) throw invalid('mode', 'This service is not given in this mode.');
  return { office, service };
}
