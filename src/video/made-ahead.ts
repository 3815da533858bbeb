// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Booking } from '../bookings/booking.ts';
import type { Authority } from '../offices/authority.ts';
import type { VideoProvider } from '../offices/definition.ts';

/** Those of whom a room must be asked beforehand, whether this house knows how to reach them or not. */
const MADE_AHEAD: readonly VideoProvider[] = ['whereby', 'goto'];

/** Which provider is to have a room for a booking, as the authority file now has it; null when none is asked. */
export function makerFor(
  authority: Authority,
  { officeId, serviceId, mode }: Pick<Booking, 'officeId' | 'serviceId' | 'mode'>,
) {
  const service = authority.anyService(officeId, serviceId);
  return mode === 'video' && service && MADE_AHEAD.includes(service.video) ? service.video : null;
}
