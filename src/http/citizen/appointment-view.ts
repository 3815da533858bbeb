// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Booking, Language } from '../../bookings/booking.ts';
import { lastChange } from '../../bookings/last-change.ts';
import { isAhead } from '../../bookings/status.ts';
import { spaced } from '../../bookings/reference.ts';
import type { Links } from '../../bookings/links.ts';
import type { Authority } from '../../offices/authority.ts';
import { toMinute, toMillis, type Millis } from '../../time/clock.ts';
import type { Minute } from '../../time/interval.ts';
import { sayMoment, sayWhen } from '../../time/say.ts';
import { addressOf } from './choice.ts';
import { contactOf } from './contact.ts';
import { whereOf } from '../../offices/office-address.ts';

type Stage = 'pending' | 'confirmed' | 'cancelled' | 'past';

/** An appointment, and with whose eyes and when it is looked at. */
interface Look {
  readonly authority: Authority;
  readonly booking: Booking;
  /** To be kept. */
  readonly links: Links;
  /** To be followed from the page. */
  readonly paths: Links;
  readonly language: Language;
  readonly now: Millis;
}

export type AppointmentView = ReturnType<typeof appointmentOf>;

/** An appointment as its citizen reads it. */
export function appointmentOf({ authority, booking, links, paths, language, now: nowMs }: Look) {
  const now = toMinute(nowMs);
  const office = authority.anyOffice(booking.officeId)!;
  const service = authority.anyService(booking.officeId, booking.serviceId)!;
  const where = whereOf(authority, office);
  const last = lastChange(booking, service, authority.zone);
  return {
    stage: stageOf(booking, now),
    /** The words about that stage. */
    stageText: textOf(booking, now),
    office,
    service,
    where,
    mode: booking.mode,
    when: sayWhen(booking.start, booking.end, authority.zone, language, now),
    reference: spaced(booking.reference),
    email: booking.email,
    phone: office.phone ?? authority.definition.phone ?? null,
    contact: contactOf(authority, office),
    /** The number at which the office calls the citizen. */
    calledAt: booking.mode === 'phone' ? booking.phone : null,
    /** While it stands, and the service still lets it be moved or called off from here. */
    changeable: isAhead(booking.status) && now <= last && now < booking.start,
    /** Called off by the answer of a calendar, which may not have been meant. */
    restorable: !booking.isLive && booking.cancelledBy === 'reply' && now < booking.start,
    /** Said only when it is sooner than the appointment itself. */
    until: last < booking.start ? sayMoment(last, authority.zone, language, now) : null,
    meeting: links.meeting,
    paths,
    calendars: calendarsOf(
      booking,
      `${service.name} – ${office.name}`,
      links.meeting ?? (booking.mode === 'in_person' ? where : ''),
    ),
    again: addressOf('/prenota', { servizio: service.id }),
  };
}

function stageOf(booking: Booking, now: Minute): Stage {
  if (!booking.isLive) return 'cancelled';
  if (booking.end <= now || isOver(booking)) return 'past';
  return booking.status === 'pending' ? 'pending' : 'confirmed';
}

const isOver = ({ status }: Booking): boolean => status === 'done' || status === 'no_show';

/** Nobody is thanked for a cancellation that was not theirs. */
function textOf(booking: Booking, now: Minute): string {
  const stage = stageOf(booking, now);
  if (stage === 'pending' && booking.email === null) return 'stage.pending-here.text';
  const by = stage === 'cancelled' ? booking.cancelledBy : null;
  if (by === 'deadline') return 'stage.unanswered.text';
  return by === 'staff' || by === 'calendar' ? 'stage.called-off.text' : `stage.${stage}.text`;
}

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
