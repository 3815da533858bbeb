// SPDX-License-Identifier: AGPL-3.0-or-later
import type { calendar_v3 } from '@googleapis/calendar';
import { createHash } from 'node:crypto';
import type { Booking } from '../bookings/booking.ts';
import { spaced } from '../bookings/reference.ts';
import type { Authority } from '../offices/authority.ts';
import { whereOf } from '../offices/office-address.ts';
import { rfc3339 } from '../time/zone.ts';
import italian from '../../templates/letters/it.json' with { type: 'json' };

export type GoogleEvent = calendar_v3.Schema$Event;

const BASE32HEX = '0123456789abcdefghijklmnopqrstuv';
const ID_BYTES = 20;
/** What our events are known by, among those of people and of other programs. */
export const OURS = 'sportello';

/**
 * The id of an event, always the same for one booking and generation, so that an insert whose answer was lost is known
 * when it is repeated. Digits and a to v, as the API asks.
 */
export function eventId(bookingId: string, generation: number): string {
  const hash = createHash('sha256').update(`${bookingId}:${generation}`).digest().subarray(0, ID_BYTES);
  const bits = [...hash].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return `bk${bits.replace(/.{5}/g, (five) => BASE32HEX[parseInt(five, 2)]!)}`;
}

/**
 * A booking as staff see it in their calendar. Nobody is invited: the citizen has our own invite, and an edit in the
 * calendar must not write to them. Nothing of the citizen but the reference, unless the office wants the name.
 * @param base public address of the authority, without a slash at the end.
 */
export function eventOf(booking: Booking, authority: Authority, base: string): GoogleEvent {
  const office = authority.anyOffice(booking.officeId)!;
  const service = authority.anyService(booking.officeId, booking.serviceId)!;
  const name = office.calendarShows === 'name' ? [`${booking.givenName} ${booking.familyName}`] : [];
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

/** To be sent with a new event: Google makes a room for it, now or a little later. */
export const roomFor = (id: string): Pick<GoogleEvent, 'conferenceData'> => ({
  conferenceData: { createRequest: { requestId: id, conferenceSolutionKey: { type: 'hangoutsMeet' } } },
});

/** How the room of an event stands: there is none, it is being made, it is there, it will not come. */
export function roomOf({ conferenceData, hangoutLink }: GoogleEvent): 'none' | 'pending' | 'failed' | { url: string } {
  const entry = conferenceData?.entryPoints?.find(({ entryPointType }) => entryPointType === 'video')?.uri;
  const url = entry ?? hangoutLink;
  if (url?.startsWith('https://')) return { url };
  const status = conferenceData?.createRequest?.status?.statusCode;
  if (status === 'failure') return 'failed';
  return status === 'pending' ? 'pending' : 'none';
}

/** Whether an event is just as we would write it: of this version of the booking, and moved by nobody since. */
export function saysAll(found: GoogleEvent, written: GoogleEvent): boolean {
  const isSame = (a: GoogleEvent['start'], b: GoogleEvent['start']): boolean =>
    Date.parse(a?.dateTime ?? '') === Date.parse(b?.dateTime ?? '');
  return (
    found.extendedProperties?.private?.['rev'] === written.extendedProperties?.private?.['rev'] &&
    found.status === written.status &&
    isSame(found.start, written.start) &&
    isSame(found.end, written.end)
  );
}
