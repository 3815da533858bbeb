// SPDX-License-Identifier: AGPL-3.0-or-later
import { renderSVG } from 'uqr';
import type { Booking } from '../../../bookings/booking.ts';
import { lastChange } from '../../../bookings/last-change.ts';
import type { Links } from '../../../bookings/links.ts';
import { spaced } from '../../../bookings/reference.ts';
import type { Authority } from '../../../offices/authority.ts';
import { whereOf } from '../../../offices/office-address.ts';
import type { Minute } from '../../../time/interval.ts';
import { sayMoment, sayWhen } from '../../../time/say.ts';
import { contactOf } from '../../citizen/contact.ts';

/** What an appointment's paper says, in the language of whoever takes it home. */
export function slipOf(authority: Authority, booking: Booking, links: Links, now: Minute) {
  const { language, start, end } = booking;
  const office = authority.anyOffice(booking.officeId)!;
  const service = authority.anyService(booking.officeId, booking.serviceId)!;
  const last = lastChange(booking, service, authority.zone);
  return {
    language,
    office,
    service,
    where: whereOf(authority, office),
    when: sayWhen(start, end, authority.zone, language, now),
    mode: booking.mode,
    phone: booking.phone,
    contact: contactOf(authority, office),
    reference: spaced(booking.reference).replace(' ', '\u00a0'),
    status: booking.status,
    /** Until when it can be moved or cancelled from the page behind the code; null when that is the start itself. */
    until: last < start ? sayMoment(last, authority.zone, language, now) : null,
    code: booking.isLive ? drawingOf(links.manage) : null,
  };
}

/** A QR code (ISO/IEC 18004) as an image that needs no file; four modules of white around it, as the standard asks. */
const drawingOf = (link: string): string =>
  `data:image/svg+xml;base64,${Buffer.from(renderSVG(link, { ecc: 'M', border: 4 })).toString('base64')}`;
