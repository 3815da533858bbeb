// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Booking } from '../bookings/booking.ts';
import { spaced } from '../bookings/reference.ts';
import { OURS, type EventText } from '../calendars/event.ts';
import type { Authority } from '../offices/authority.ts';
import { whereOf } from '../offices/office-address.ts';
import { rfc3339 } from '../time/zone.ts';
import italian from '../../templates/letters/it.json' with { type: 'json' };

/**
 * A booking as staff see it in their calendar. Nobody is invited: the citizen has our own invite, and an edit in the
 * calendar must not write to them. Nothing of the citizen but the reference, unless the office wants the name.
 * @param base public address of the authority, without a slash at the end.
 */
export function eventOf(booking: Booking, authority: Authority, base: string): EventText {
  const office = authority.anyOffice(booking.officeId)!;
  const service = authority.anyService(booking.officeId, booking.serviceId)!;
  const name =
    office.calendarShows === 'name' && !booking.isForgotten ? [`${booking.givenName} ${booking.familyName}`] : [];
  const time = (minute: number) => ({ dateTime: rfc3339(minute, authority.zone), timeZone: authority.zone });
  const url = `${base}/operatore/appuntamenti/${booking.reference}`;
  return {
    summary: [service.name, ...name, spaced(booking.reference)].join(' · '),
    description: url,
    location: booking.mode === 'in_person' ? whereOf(authority, office) : italian.modes[booking.mode],
    start: time(booking.start),
    end: time(booking.end),
    status: booking.status === 'pending' ? 'tentative' : 'confirmed',
    transparency: 'opaque',
    visibility: 'private',
    guestsCanInviteOthers: false,
    source: { title: office.name, url },
    extendedProperties: { private: { app: OURS, bk: booking.id, rev: String(booking.version) } },
  };
}
