// SPDX-License-Identifier: AGPL-3.0-or-later
import ICAL from 'ical.js';
import type { Email } from 'postal-mime';
import { ANSWERS, type CalendarAnswer, type Reply } from './incoming.ts';

const LARGEST_CALENDAR = 100_000;
const BOOKING_ID = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@/i;

/** What a calendar part says, as far as it concerns us; `other` is no answer: a proposal, an invite of theirs. */
export type CalendarPart = Omit<Reply, 'kind' | 'hash' | 'authentic'> | 'counter' | 'other' | 'broken';

/** The calendar of a message: the part that is one, else a file called one; null without. */
export function calendarIn({ attachments }: Email): CalendarPart | null {
  const isCalendar = (type: string): boolean => type === 'text/calendar' || type === 'application/ics';
  const part =
    attachments.find(({ mimeType }) => isCalendar(mimeType)) ??
    attachments.find(({ filename }) => /\.ics$/i.test(filename ?? ''));
  if (!part) return null;
  if (typeof part.content === 'string' || part.content.byteLength > LARGEST_CALENDAR) return 'broken';
  return readCalendar(new TextDecoder().decode(part.content));
}

/** RFC 5546 3.2.3: one VEVENT, one ATTENDEE. ORGANIZER is not asked for: outlook.com leaves it out. */
export function readCalendar(text: string): CalendarPart {
  try {
    const calendar = ICAL.Component.fromString(text);
    const method = textOf(calendar, 'method').toUpperCase();
    if (method === 'COUNTER') return 'counter';
    if (calendar.name !== 'vcalendar' || method !== 'REPLY') return 'other';
    const events = calendar.getAllSubcomponents('vevent');
    return (events.length === 1 && answerOf(events[0]!)) || 'broken';
  } catch {
    return 'broken';
  }
}

function answerOf(event: ICAL.Component): CalendarPart | null {
  const attendees = event.getAllProperties('attendee');
  const [, bookingId] = BOOKING_ID.exec(textOf(event, 'uid')) ?? [];
  const attendee = addressOf(attendees[0]?.getFirstValue());
  const answer = String(attendees[0]?.getFirstParameter('partstat') ?? '').toUpperCase();
  const sequence = Number(event.getFirstPropertyValue('sequence') ?? 0);
  if (attendees.length !== 1 || !bookingId || !attendee || event.hasProperty('recurrence-id')) return null;
  if (!Number.isSafeInteger(sequence) || sequence < 0) return null;
  if (!isAnswer(answer)) return 'other';
  return { bookingId: bookingId.toLowerCase(), attendee, answer, sequence };
}

const isAnswer = (text: string): text is CalendarAnswer => (ANSWERS as readonly string[]).includes(text);

function textOf(component: ICAL.Component, property: string): string {
  const value = component.getFirstPropertyValue(property);
  return typeof value === 'string' ? value : '';
}

/** `mailto:` with an address that may be percent-encoded (RFC 6068). @throws URIError when it is so badly */
function addressOf(value: unknown): string {
  const [, address = ''] = /^mailto:([^?]+)/i.exec(typeof value === 'string' ? value.trim() : '') ?? [];
  return decodeURIComponent(address).trim().toLowerCase();
}
