// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Booking, Language } from '../../bookings/booking.ts';
import { spaced } from '../../bookings/reference.ts';
import type { Links } from '../../bookings/links.ts';
import type { Authority } from '../../offices/authority.ts';
import { toMinute, toMillis, type Millis } from '../../time/clock.ts';
import { before } from '../../time/duration.ts';
import type { Minute } from '../../time/interval.ts';
import { sayWhen } from '../../time/say.ts';
import { addressOf } from './choice.ts';
import { whereOf } from '../../offices/office-address.ts';

export type Stage = 'pending' | 'confirmed' | 'cancelled' | 'past';

/** An appointment as its citizen reads it. */
export function appointmentOf(authority: Authority, booking: Booking, links: Links, language: Language, nowMs: Millis) {
  const now = toMinute(nowMs);
  const office = authority.anyOffice(booking.officeId)!;
  const service = authority.anyService(booking.officeId, booking.serviceId)!;
  const stage: Stage = !booking.isLive ? 'cancelled' : booking.end <= now ? 'past' : stageOf(booking);
  const where = whereOf(authority, office);
  return {
    stage,
    office,
    service,
    where,
    mode: booking.mode,
    when: sayWhen(booking.start, booking.end, authority.zone, language, now),
    reference: spaced(booking.reference),
    email: booking.email,
    phone: office.phone ?? authority.definition.phone ?? null,
    citizenPhone: booking.phone,
    /** While it stands, and the service still lets it be moved or called off from here. */
    changeable:
      booking.isLive && now <= before(booking.start, service.cancelUntil, authority.zone) && now < booking.start,
    links,
    calendars: calendarsOf(booking, `${service.name} – ${office.name}`, links.meeting ?? where),
    again: addressOf('/prenota', { servizio: service.id }),
  };
}

const stageOf = (booking: Booking): Stage => (booking.status === 'pending' ? 'pending' : 'confirmed');

/** Links that open a calendar with the appointment filled in; nothing is sent until the citizen goes there. */
function calendarsOf(booking: Booking, title: string, location: string) {
  const google = new URLSearchParams({
    action: 'TEMPLATE',
    text: title,
    dates: `${basic(booking.start)}/${basic(booking.end)}`,
    location,
  });
  const outlook = new URLSearchParams({
    path: '/calendar/action/compose',
    rru: 'addevent',
    subject: title,
    startdt: iso(booking.start),
    enddt: iso(booking.end),
    location,
  });
  return {
    google: `https://calendar.google.com/calendar/render?${google.toString()}`,
    outlook: `https://outlook.live.com/calendar/0/deeplink/compose?${outlook.toString()}`,
  };
}

const iso = (minute: Minute): string => new Date(toMillis(minute)).toISOString().replace('.000', '');
const basic = (minute: Minute): string => iso(minute).replace(/[-:]/g, '');
