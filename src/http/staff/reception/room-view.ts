// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Staff } from '../../../access/staff.ts';
import type { Booking } from '../../../bookings/booking.ts';
import { spaced } from '../../../bookings/reference.ts';
import type { WayIn } from '../../../front-desk/rooms/ways-in.ts';
import { sayWhen } from '../../../time/say.ts';
import type { Arrival } from '../../../waiting-room/arrival.ts';
import type { Say } from '../../page.ts';
import type { Look } from '../agenda/booking-line.ts';
import { sayTrouble } from '../video-trouble.ts';
import { WAITING_ROOM } from './received.ts';

interface Known {
  readonly arrival: Arrival;
  readonly booking: Booking | null;
  readonly way: WayIn;
}

/** A call as staff see it: with whom, about what, and where it is held. */
export function roomView({ arrival, booking, way }: Known, { id }: Staff, look: Look & { readonly t: Say }) {
  const { authority, language, now, t } = look;
  const office = authority.anyOffice(arrival.officeId)!;
  const service = booking && authority.anyService(booking.officeId, booking.serviceId);
  return {
    path: `${WAITING_ROOM}/${arrival.id}`,
    back: WAITING_ROOM,
    callBack: null,
    other: booking?.isForgotten ? spaced(booking.reference) : arrival.name,
    about: service ? `${service.name} · ${office.name}` : office.name,
    url: way.url,
    provider: way.provider,
    staffSide: {
      /** Who only helps a colleague may not end their call. */
      mine: arrival.staffId === id,
      number: arrival.number,
      when: booking && sayWhen(booking.start, booking.end, authority.zone, language, now),
      reference: booking && spaced(booking.reference),
      sheet: booking && `/operatore/appuntamenti/${booking.reference}`,
      caseNumber: booking?.caseNumber ?? null,
      reason: arrival.reason,
      said: arrival.said,
      phone: arrival.phone,
      trouble: sayTrouble(way, t),
    },
  };
}
