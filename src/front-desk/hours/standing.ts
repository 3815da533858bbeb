// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Booking } from '../../bookings/booking.ts';
import type { Authority } from '../../offices/authority.ts';
import { AUDIENCES, type Audience, type Office, type Service } from '../../offices/definition.ts';
import { covers } from '../../time/interval.ts';
import { dayOf } from '../../time/zone.ts';
import { presence } from '../timetable.ts';

/** Why a booking has no place: its office, service or mode is gone, nobody is open then, its counter is not there. */
export type NoPlace = 'office' | 'service' | 'mode' | 'closed' | 'counter';

/** What must be known of a booking to tell whether it has a place. */
export type Placed = Pick<Booking, 'officeId' | 'serviceId' | 'mode' | 'counter' | 'start' | 'end'>;

/**
 * Whether a booking stands outside what an authority offers: it was made by overruling, or kept when hours changed.
 * Notice, horizon, grid and the length of the service do not matter to one already made.
 */
export function standsOutside(authority: Authority, booking: Placed): NoPlace | null {
  const reasons = AUDIENCES.map((audience) => noPlaceFor(audience, authority, booking));
  return reasons.includes(null) ? null : reasons[0]!;
}

/**
 * Why a booking that has its place under one definition has none under another. Who it was given to is not written
 * down: it counts as the public's where the public could have had it.
 */
export function losesPlace(was: Authority, now: Authority, booking: Placed): NoPlace | null {
  const audience = AUDIENCES.find((a) => noPlaceFor(a, was, booking) === null);
  return audience ? noPlaceFor(audience, now, booking) : null;
}

function noPlaceFor(audience: Audience, authority: Authority, booking: Placed): NoPlace | null {
  const office = authority.office(booking.officeId);
  if (!office) return 'office';
  const service = authority.service(office.id, booking.serviceId);
  if (!service?.audience.includes(audience)) return 'service';
  if (!service.modes.includes(booking.mode)) return 'mode';
  return atItsTime(audience, authority, { office, service, booking });
}

interface Seated {
  readonly office: Office;
  readonly service: Service;
  readonly booking: Placed;
}

function atItsTime(audience: Audience, authority: Authority, { office, service, booking }: Seated): NoPlace | null {
  const day = dayOf(booking.start, authority.zone);
  const opened = authority.days.forService(office, service, audience, day);
  if (!opened.open.some((open) => covers(open, booking))) return 'closed';
  if (authority.extrasOf(office.id).some((extra) => extra.key === booking.counter)) return null;
  const counter = authority.countersFor(office.id, service.id).find(({ key }) => key === booking.counter);
  if (!counter) return 'counter';
  const there = presence(counter, office, service, [{ day, ...opened }]);
  return !there || there.some((time) => covers(time, booking)) ? null : 'counter';
}
