// SPDX-License-Identifier: AGPL-3.0-or-later
import ical, {
  ICalAttendeeRole,
  ICalAttendeeStatus,
  ICalAttendeeType,
  ICalCalendarMethod,
  ICalEventBusyStatus,
  ICalEventStatus,
  ICalEventTransparency,
  type ICalEventData,
} from 'ical-generator';
import { spaced } from '../bookings/reference.ts';
import { toMillis } from '../time/clock.ts';
import type { Invite, Letter, Occasion } from './letter.ts';
import { lint } from './invite-lint.ts';
import { domainOf, mailbox, type Mailbox } from './mailbox.ts';
import { addressOf, callOf, needsTitle } from './place.ts';
import { oneLine, safeName } from './plain.ts';
import { fill, WORDS } from './words.ts';

/** What a file to download says: the booking as it is. */
export const STATUS = {
  pending: ICalEventStatus.TENTATIVE,
  confirmed: ICalEventStatus.CONFIRMED,
  arrived: ICalEventStatus.CONFIRMED,
  done: ICalEventStatus.CONFIRMED,
  no_show: ICalEventStatus.CONFIRMED,
  cancelled: ICalEventStatus.CANCELLED,
} as const;

/** What an invite says: the booking as it was when the letter was owed, though it may be cancelled by now. */
const SAID = { REQUEST: ICalEventStatus.CONFIRMED, CANCEL: ICalEventStatus.CANCELLED } as const;

/**
 * The invite a letter carries, or null when it carries none: an invite is for a citizen who has, or has had, the
 * office's yes. One UID for life, SEQUENCE growing, REQUEST and CANCEL (RFC 5546 3.2), all times in UTC.
 */
export function inviteOf(letter: Letter): Invite | null {
  const method = methodOf(letter);
  if (!method) return null;
  const people = { organizer: organizerOf(letter), attendees: [attendeeOf(letter)] };
  return { method, content: written(method, { ...eventOf(letter, SAID[method]), ...people }) };
}

function methodOf({ kind, recipient, booking, wasPending }: Letter): Invite['method'] | null {
  if (recipient !== 'citizen' || booking.status === 'pending') return null;
  if (wasPending && kind !== 'confirmed') return null;
  if (kind === 'cancelled') return 'CANCEL';
  return kind === 'confirmed' || kind === 'moved' ? 'REQUEST' : null;
}

/**
 * The same appointment as a file to add to a calendar: METHOD PUBLISH, which allows no ATTENDEE (RFC 5546 3.2.1);
 * without ORGANIZER too, or calendars would mail it an answer.
 */
export const downloadable = (occasion: Occasion): string =>
  written('PUBLISH', eventOf(occasion, STATUS[occasion.booking.status]));

/** @throws Error when what came out is not what calendars take: a fault of ours, better noticed than sent. */
export function written(method: 'REQUEST' | 'CANCEL' | 'PUBLISH', event: ICalEventData): string {
  const calendar = ical({ prodId: { company: 'Sportello', product: 'Sportello' }, method: ICalCalendarMethod[method] });
  calendar.createEvent(event);
  const content = `${calendar.toString()}\r\n`;
  const problems = lint(content);
  if (problems.length) throw new Error(`invite of ${event.id} is malformed: ${problems.join('; ')}`);
  return content;
}

function eventOf(occasion: Occasion, status: ICalEventStatus): ICalEventData {
  const { booking, office, service, links, stampedAt } = occasion;
  const isOff = status === ICalEventStatus.CANCELLED;
  return {
    id: uidOf(occasion),
    sequence: booking.sequence,
    stamp: new Date(stampedAt),
    start: new Date(toMillis(booking.start)),
    end: new Date(toMillis(booking.end)),
    status,
    summary: oneLine(`${service.name} – ${office.name}`, 250),
    location: oneLine(locationOf(occasion), 500),
    description: descriptionOf(occasion),
    url: links.meeting ?? links.manage,
    transparency: isOff ? ICalEventTransparency.TRANSPARENT : ICalEventTransparency.OPAQUE,
    busystatus: isOff ? ICalEventBusyStatus.FREE : ICalEventBusyStatus.BUSY,
    x: extrasOf(occasion),
  };
}

/** ical-generator writes the id as it is, so nothing but an id may come through. */
export function uidOf({ booking, authority }: Pick<Occasion, 'booking' | 'authority'>): string {
  const uid = `${booking.id}@${domainOf(organizerOf({ authority }))}`;
  if (!/^[\w.-]+@[\p{L}\p{N}.-]+$/u.test(uid)) throw new Error('the id of a booking is not an id');
  return uid;
}

/** DISALLOW-COUNTER takes "propose a new time" from Outlook: nobody would read the proposal. CONFERENCE: RFC 7986 5.11. */
function extrasOf({ links }: Occasion): [string, string][] {
  const extras: [string, string][] = [['X-MICROSOFT-DISALLOW-COUNTER', 'TRUE']];
  if (links.meeting) extras.push(['CONFERENCE;VALUE=URI;FEATURE=AUDIO,VIDEO', links.meeting]);
  return extras;
}

function locationOf(occasion: Occasion): string {
  const words = WORDS[occasion.booking.language];
  if (occasion.booking.mode === 'in_person') return addressOf(occasion);
  return occasion.links.meeting ?? callOf(occasion, words);
}

function descriptionOf(occasion: Occasion): string {
  const { booking, office, service, links } = occasion;
  const words = WORDS[booking.language];
  const { invite } = words;
  const lines = [
    fill(invite.atOffice, { office: office.name }),
    links.meeting && fill(invite.inVideo, { link: links.meeting }),
    booking.mode === 'phone' && invite.byPhone,
    service.needs.length > 0 && `${needsTitle(booking.mode, words)}: ${service.needs.join(', ')}`,
    fill(invite.reference, { reference: spaced(booking.reference) }),
    fill(invite.manage, { link: links.manage }),
  ];
  return lines
    .filter((line) => typeof line === 'string')
    .map((line) => oneLine(line, 1000))
    .join('\n');
}

/** The very address of From: anything else and calendars show "unknown organizer". */
function organizerOf({ authority }: Pick<Occasion, 'authority'>): { name: string; email: string } & Mailbox {
  const box = mailbox(authority.name, authority.definition.email);
  return { ...box, email: box.address };
}

function attendeeOf({ booking }: Occasion) {
  const { name, address } = mailbox(safeName(`${booking.givenName} ${booking.familyName}`), booking.email ?? '');
  return {
    email: address,
    name: name || address,
    type: ICalAttendeeType.INDIVIDUAL,
    role: ICalAttendeeRole.REQ,
    status: ICalAttendeeStatus.NEEDSACTION,
    rsvp: true,
  };
}
