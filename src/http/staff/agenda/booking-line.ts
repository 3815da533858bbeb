// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Booking, Language } from '../../../bookings/booking.ts';
import { spaced } from '../../../bookings/reference.ts';
import type { Status } from '../../../bookings/status.ts';
import { standsOutside } from '../../../front-desk/hours/standing.ts';
import type { Authority } from '../../../offices/authority.ts';
import type { Mode } from '../../../offices/definition.ts';
import type { Minute } from '../../../time/interval.ts';
import { sayDay, sayRange, sayTime } from '../../../time/say.ts';

/** With whose eyes and when bookings are looked at. */
export interface Look {
  readonly authority: Authority;
  readonly language: Language;
  readonly now: Minute;
  /** The bookings of those who are in the virtual waiting room. */
  readonly here?: ReadonlySet<string>;
}

const MODE_ICONS: Record<Mode, string> = { in_person: 'pa', phone: 'telephone', video: 'video' };
const STATUS_ICONS: Record<Status, string> = {
  pending: 'help-circle',
  confirmed: 'check',
  arrived: 'user',
  done: 'check-circle',
  no_show: 'ban',
  cancelled: 'close-circle',
};

/** A booking as staff read it at a glance. */
export function bookingLine(booking: Booking, { authority, language, now, here }: Look) {
  const { start, end, mode, status, officeId, serviceId } = booking;
  const service = authority.anyService(officeId, serviceId);
  return {
    href: `/operatore/appuntamenti/${booking.reference}`,
    reference: spaced(booking.reference),
    day: sayDay(start, authority.zone, language, now),
    time: sayTime(start, authority.zone, language),
    range: sayRange(start, end, authority.zone, language),
    name: booking.isForgotten ? spaced(booking.reference) : `${booking.familyName} ${booking.givenName}`,
    office: authority.anyOffice(officeId)?.name ?? officeId,
    service: service?.name ?? serviceId,
    counter: authority.counterByKey(booking.counter)?.name ?? '',
    mode: { key: mode, icon: MODE_ICONS[mode] },
    status: { key: status, icon: STATUS_ICONS[status] },
    /** Booked against the hours, or left behind when they changed. */
    outside: booking.isLive && end > now && standsOutside(authority, booking) !== null,
    addressFails: booking.addressFails === 1,
    isHere: here?.has(booking.id) ?? false,
    phone: booking.phone,
    reason: booking.reason,
    answers: (service?.fields ?? []).flatMap((field) => {
      const answer = booking.fields[field.id];
      return answer ? [{ label: field.label, answer }] : [];
    }),
    caseNumber: booking.caseNumber,
  };
}
