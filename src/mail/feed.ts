// SPDX-License-Identifier: AGPL-3.0-or-later
import ical, { ICalCalendarMethod, type ICalEventData } from 'ical-generator';
import { spaced } from '../bookings/reference.ts';
import { toMillis } from '../time/clock.ts';
import { STATUS, uidOf, written } from './invite.ts';
import type { Occasion } from './letter.ts';
import { addressOf } from './place.ts';
import { oneLine } from './plain.ts';
import { WORDS } from './words.ts';

/** An appointment as staff read it in their own calendar. */
export interface FeedEntry extends Pick<Occasion, 'booking' | 'authority' | 'office' | 'service'> {
  /** Its page in our agenda. */
  readonly link: string;
}

/** How often a calendar program is asked to look again (RFC 7986 5.7). */
const REFRESH_SECONDS = 900;
const STAFF_WORDS = WORDS.it;

/**
 * The appointments of a counter as a calendar to subscribe to: METHOD PUBLISH, nobody named but where the office wants it.
 * @throws Error when an event came out as calendars do not take it
 */
export function feedOf(name: string, entries: readonly FeedEntry[]): string {
  const calendar = ical({
    prodId: { company: 'Sportello', product: 'Sportello' },
    method: ICalCalendarMethod.PUBLISH,
    name: oneLine(name, 250),
    ttl: REFRESH_SECONDS,
  });
  const frame = `${calendar.toString()}\r\n`;
  return frame.replace('END:VCALENDAR', () => entries.map(eventText).join('') + 'END:VCALENDAR');
}

/** Each is written, and looked over, like an invite. */
function eventText(entry: FeedEntry): string {
  const text = written('PUBLISH', eventOf(entry));
  return text.slice(text.indexOf('BEGIN:VEVENT'), text.indexOf('END:VCALENDAR'));
}

function eventOf(entry: FeedEntry): ICalEventData {
  const { booking, office, service, link } = entry;
  const { givenName, familyName, reference, mode, status } = booking;
  const code = spaced(reference);
  const who = office.calendarShows === 'name' && !booking.isForgotten ? `${givenName} ${familyName}` : code;
  return {
    id: uidOf(entry),
    sequence: booking.sequence,
    stamp: new Date(booking.updatedAt),
    start: new Date(toMillis(booking.start)),
    end: new Date(toMillis(booking.end)),
    status: STATUS[status],
    summary: oneLine(`${service.name} – ${who}`, 250),
    location: mode === 'in_person' ? oneLine(addressOf(entry), 500) : STAFF_WORDS.modes[mode],
    description: `${STAFF_WORDS.rows.reference}: ${code}\n${link}`,
    url: link,
  };
}
