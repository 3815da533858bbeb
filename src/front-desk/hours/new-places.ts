// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Booking } from '../../bookings/booking.ts';
import type { Authority } from '../../offices/authority.ts';
import { addDays } from '../../time/day.ts';
import type { Minute } from '../../time/interval.ts';
import { dayOf } from '../../time/zone.ts';
import type { OfferedSlot, Timetable } from '../timetable.ts';

const EACH = 3;
/** Whoever must move is looked after within some weeks of their day. */
const WEEKS = 6 * 7;

/** The free starts of one service in one mode; the same counters may give others. */
interface Pool {
  readonly slots: readonly OfferedSlot[];
  /** Of each slot, the counters that nobody was given yet. */
  readonly left: number[];
  /** Minutes a counter is taken. */
  readonly length: number;
  readonly counters: readonly number[];
}

/**
 * Where bookings that lose their place could go: to each the nearest free starts, the first of them to nobody else, so
 * that all of them can be taken at their word in this order. Their own start is one of them where only the counter is
 * not there.
 * @param authority as it would be; a service it does not give has no places
 */
export async function newPlaces(
  timetable: Timetable,
  authority: Authority,
  bookings: readonly Booking[],
): Promise<Map<string, readonly Minute[]>> {
  const pools = new Map<string, Pool>();
  for (const [kind, alike] of Map.groupBy(bookings, kindOf)) pools.set(kind, await poolOf(timetable, authority, alike));
  const places = new Map<string, readonly Minute[]>();
  for (const booking of bookings) {
    const pool = pools.get(kindOf(booking))!;
    const near = nearest(pool.slots, pool.left, booking.start).map((i) => pool.slots[i]!.start);
    if (near[0] !== undefined) give(near[0], pool, pools.values());
    places.set(booking.id, near);
  }
  return places;
}

const kindOf = ({ officeId, serviceId, mode }: Booking): string => [officeId, serviceId, mode].join();

async function poolOf(timetable: Timetable, authority: Authority, alike: readonly Booking[]): Promise<Pool> {
  const { officeId, serviceId } = alike[0]!;
  const slots = await slotsFor(timetable, authority, alike);
  const service = authority.service(officeId, serviceId);
  return {
    slots,
    left: slots.map(({ free }) => free),
    length: service ? service.duration + service.bufferAfter : 0,
    counters: authority.countersFor(officeId, serviceId).map(({ key }) => key),
  };
}

/** One counter fewer for every slot that overlaps, also of other services and modes that the same counters give. */
function give(start: Minute, { length, counters }: Pool, pools: Iterable<Pool>): void {
  for (const pool of pools) {
    if (!pool.counters.some((key) => counters.includes(key))) continue;
    const first = firstFrom(pool.slots, start - pool.length + 1);
    for (let i = first; i < pool.slots.length && pool.slots[i]!.start < start + length; i++) pool.left[i]!--;
  }
}

async function slotsFor(
  timetable: Timetable,
  authority: Authority,
  alike: readonly Booking[],
): Promise<readonly OfferedSlot[]> {
  const { officeId, serviceId, mode } = alike[0]!;
  const service = authority.service(officeId, serviceId);
  if (!service?.modes.includes(mode) || !service.audience.includes('public')) return [];
  const starts = alike.map(({ start }) => start);
  const from = addDays(dayOf(Math.min(...starts), authority.zone), -WEEKS);
  const through = addDays(dayOf(Math.max(...starts), authority.zone), WEEKS);
  const { slots } = await timetable.offer(authority, { officeIds: [officeId], serviceId, mode, from, through });
  return slots;
}

/** Walks outwards from a start. @returns the indices of the slots nearest to it that are still left, the nearest first. */
function nearest(slots: readonly OfferedSlot[], left: readonly number[], start: Minute): number[] {
  const found: number[] = [];
  let after = firstFrom(slots, start);
  let before = after - 1;
  while (found.length < EACH && (before >= 0 || after < slots.length)) {
    const ahead = after < slots.length ? slots[after]!.start - start : Infinity;
    const back = before >= 0 ? start - slots[before]!.start : Infinity;
    const next = ahead <= back ? after++ : before--;
    if (left[next]! > 0) found.push(next);
  }
  return found;
}

/** Of slots sorted by start, the first that does not start before. */
function firstFrom(slots: readonly OfferedSlot[], start: Minute): number {
  let low = 0;
  let high = slots.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (slots[middle]!.start < start) low = middle + 1;
    else high = middle;
  }
  return low;
}
