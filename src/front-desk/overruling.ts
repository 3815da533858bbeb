// SPDX-License-Identifier: AGPL-3.0-or-later
import type { SlotQuestion } from '../availability/free-slots.ts';
import { Refusal } from '../bookings/refusal.ts';
import type { Registers } from '../database/registers.ts';
import type { Authority, KeyedCounter } from '../offices/authority.ts';
import { toMinute } from '../time/clock.ts';
import { covers, overlaps, type Interval } from '../time/interval.ts';
import { TICK } from '../time/tick.ts';
import { dayOf } from '../time/zone.ts';
import type { Issuer } from './issuer.ts';
import { Overtaken } from './overtaken.ts';
import { theService, type Allowed, type Rules, type Wish } from './rules.ts';

/** Two years: further ahead a date is a slip of the pen. */
export const FARTHEST = 2 * 366 * 1440;
/** Places in more at one office: so many at once are no exception any longer. */
const MOST_EXTRAS = 20;

/**
 * What staff may take with a reason that is written down: a time outside hours, grid, notice and horizon, and a place in
 * more than there are counters. Never a time that a counter has given to another.
 */
export class Overruling {
  constructor(
    private readonly registers: Registers,
    private readonly rules: Rules,
    private readonly issuer: Issuer,
  ) {}

  /**
   * @param ignoring a hold or a booking of the caller's own that does not stand in the way
   * @returns the counters that are there and free, else the places in more
   * @throws Refusal `invalid`; `off-grid` between whole five minutes; `too-soon` before today; `too-far`
   * @throws Overtaken once it has made a place in more, which the authority in hand does not know yet
   */
  async allow(authority: Authority, wish: Wish, ignoring?: string): Promise<Allowed> {
    const { office, service } = theService(authority, wish);
    this.#checkStart(authority, wish);
    const end = wish.start + service.duration;
    const busyUntil = end + service.bufferAfter;
    const question = await this.rules.question(authority, wish, ignoring);
    const seats = seatsAt(authority, wish, question, { start: wish.start, end });
    const counters = await this.#free(seats, { start: wish.start, end: busyUntil }, ignoring);
    if (!counters.length && wish.onlyAt === undefined) await this.#makeExtra(authority, office.id);
    return { office, service, end, busyUntil, counters };
  }

  /** Those of these counters that nobody has at this time, in their order. A busy calendar of Google's does not count. */
  async #free(keys: readonly number[], time: Interval, ignoring?: string): Promise<number[]> {
    const busy = await this.registers.books.busyTimes(keys, time, this.issuer.now(), ignoring);
    return keys.filter((key) => !busy.get(key)!.some((taken) => overlaps(taken, time)));
  }

  #checkStart({ zone }: Authority, { start }: Wish): void {
    const now = toMinute(this.issuer.now());
    if (start % TICK !== 0) throw new Refusal('off-grid');
    if (dayOf(start, zone) < dayOf(now, zone)) throw new Refusal('too-soon');
    if (start > now + FARTHEST) throw new Refusal('too-far');
  }

  async #makeExtra(authority: Authority, officeId: string): Promise<never> {
    const number = authority.extrasOf(officeId).length + 1;
    if (number > MOST_EXTRAS) throw new Refusal('slot-taken');
    await this.registers.authorities.addExtraCounter(authority, officeId, number);
    throw new Overtaken();
  }
}

/** Who is there at this time, or whoever gives the service when nobody is; then the places in more. */
function seatsAt(
  authority: Authority,
  { officeId, serviceId, onlyAt }: Wish,
  { openings, counters }: SlotQuestion,
  time: Interval,
): number[] {
  const isOpen = openings.some((opening) => covers(opening, time));
  const there = counters.filter(({ present }) => isOpen && (!present || present.some((p) => covers(p, time))));
  const giving: readonly Pick<KeyedCounter, 'key'>[] = there.length
    ? there
    : authority.countersFor(officeId, serviceId);
  if (onlyAt !== undefined) {
    const all = [...authority.countersFor(officeId, serviceId), ...authority.extrasOf(officeId)];
    return all.filter(({ key }) => key === onlyAt).map(({ key }) => key);
  }
  return [...giving, ...authority.extrasOf(officeId)].map(({ key }) => key);
}
