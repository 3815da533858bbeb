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

/**
 * Where bookings that lose their place could go: to each the nearest free starts, the first of them to nobody else, so
 * that all of them can be taken at their word. Their own start is one of them where only the counter is not there.
 * @param authority as it would be; a service it does not give has no places
 */
export async function newPlaces(
  timetable: Timetable,
  authority: Authority,
  bookings: readonly Booking[],
): Promise<Map<string, readonly Minute[]>> {
  const places = new Map<string, readonly Minute[]>();
  for (const alike of Map.groupBy(bookings, ({ officeId, serviceId, mode }) =>
    [officeId, serviceId, mode].join(),
  ).values())
    allot(alike, await slotsFor(timetable, authority, alike), places);
  return places;
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

function allot(alike: readonly Booking[], slots: readonly OfferedSlot[], places: Map<string, readonly Minute[]>): void {
  const left = slots.map(({ free }) => free);
  for (const { id, start } of alike) {
    const near = nearest(slots, left, start);
    if (near[0] !== undefined) left[near[0]]!--;
    places.set(
      id,
      near.map((i) => slots[i]!.start),
    );
  }
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
