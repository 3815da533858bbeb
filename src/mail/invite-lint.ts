// SPDX-License-Identifier: AGPL-3.0-or-later

/** The properties an event of ours may have, each once. Anything else was smuggled in. */
const EVENT_PROPERTIES = new Set([
  'UID',
  'SEQUENCE',
  'DTSTAMP',
  'DTSTART',
  'DTEND',
  'SUMMARY',
  'LOCATION',
  'DESCRIPTION',
  'URL',
  'STATUS',
  'TRANSP',
  'ORGANIZER',
  'ATTENDEE',
  'CONFERENCE',
  'X-MICROSOFT-CDO-BUSYSTATUS',
  'X-MICROSOFT-DISALLOW-COUNTER',
]);
const REQUIRED = ['UID', 'SEQUENCE', 'DTSTAMP', 'DTSTART', 'DTEND', 'SUMMARY', 'STATUS'];
const FRAME = ['BEGIN:VCALENDAR', 'BEGIN:VEVENT', 'END:VEVENT', 'END:VCALENDAR'];

/**
 * What is wrong with an invite, in a few words each: above all what libical lets pass (a line over 75 octets, a time
 * that is not UTC, a TZID, a CANCEL that is not cancelled, a missing last CRLF), then who must be named, then strays.
 */
export function lint(content: string): string[] {
  const lines = content.replaceAll('\r\n ', '').split('\r\n').slice(0, -1);
  const properties = lines.map(propertyOf);
  const event = new Map(properties.slice(lines.indexOf('BEGIN:VEVENT') + 1, -2));
  const method = new Map(properties).get('METHOD');
  const problems = {
    'a line over 75 octets': content.split('\r\n').some((line) => Buffer.byteLength(line) > 75),
    'no CRLF at the end': !content.endsWith('END:VCALENDAR\r\n'),
    'a bare control character': /(?!\r\n)[\p{Cc}]/u.test(content.replaceAll('\r\n', '')),
    'not one event': lines.filter((line) => /^(BEGIN|END):/i.test(line)).join() !== FRAME.join(),
    'a time that is not UTC': ['DTSTAMP', 'DTSTART', 'DTEND'].some((p) => !/^\d{8}T\d{6}Z$/.test(event.get(p) ?? '')),
    'a time zone': lines.some((line) => /^(DT\w+;[^:]*TZID=|TZID|TIMEZONE-ID|X-WR-TIMEZONE)/i.test(line)),
    'a status that is not of its method':
      (method === 'CANCEL') !== (event.get('STATUS') === 'CANCELLED') && method !== 'PUBLISH',
    'people not of its method': ['ORGANIZER', 'ATTENDEE'].some((p) => event.has(p) === (method === 'PUBLISH')),
    'a property too few': REQUIRED.some((p) => !event.has(p)),
    'a property too many': event.size !== lines.length - 7 || [...event.keys()].some((p) => !EVENT_PROPERTIES.has(p)),
  };
  return Object.entries(problems).flatMap(([problem, found]) => (found ? [problem] : []));
}

/** The name before `;` or `:`, and what follows the first colon outside quotes. */
function propertyOf(line: string): [string, string] {
  const [, name = '', value = ''] = /^([A-Z-]+)(?:;(?:"[^"]*"|[^":])*)?:(.*)$/s.exec(line) ?? [];
  return [name, value];
}
