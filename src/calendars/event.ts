// SPDX-License-Identifier: AGPL-3.0-or-later
import { createHash } from 'node:crypto';

type Maybe<T> = T | null | undefined;

/** A moment, or a whole day of the calendar's own zone. */
interface EventTime {
  readonly dateTime?: Maybe<string>;
  readonly date?: Maybe<string>;
  readonly timeZone?: Maybe<string>;
}

/**
 * An event as it is exchanged with a calendar: the fields that we write or read, in the shape of Google's events
 * resource (Calendar API v3). Whoever keeps calendars otherwise translates: a VEVENT of CalDAV (RFC 4791), an event of
 * Microsoft Graph.
 */
export interface EventText {
  readonly id?: Maybe<string>;
  readonly etag?: Maybe<string>;
  readonly status?: Maybe<string>;
  readonly summary?: Maybe<string>;
  readonly description?: Maybe<string>;
  readonly location?: Maybe<string>;
  readonly start?: EventTime;
  readonly end?: EventTime;
  readonly transparency?: Maybe<string>;
  readonly visibility?: Maybe<string>;
  readonly eventType?: Maybe<string>;
  readonly guestsCanInviteOthers?: Maybe<boolean>;
  readonly source?: Maybe<{ readonly title?: string; readonly url?: string }>;
  readonly attendees?: { readonly self?: Maybe<boolean>; readonly responseStatus?: Maybe<string> }[];
  readonly extendedProperties?: Maybe<{ readonly private?: Record<string, string> }>;
  readonly hangoutLink?: Maybe<string>;
  readonly conferenceData?: Conference;
}

/** The room of a video call that comes with an event, where the calendar's keeper makes such rooms. */
interface Conference {
  readonly createRequest?: {
    readonly requestId?: Maybe<string>;
    readonly conferenceSolutionKey?: { readonly type?: Maybe<string> };
    readonly status?: { readonly statusCode?: Maybe<string> };
  };
  readonly entryPoints?: { readonly entryPointType?: Maybe<string>; readonly uri?: Maybe<string> }[];
}

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

/** To be sent with a new event: Google makes a room for it, now or a little later. */
export const roomFor = (id: string): Pick<EventText, 'conferenceData'> => ({
  conferenceData: { createRequest: { requestId: id, conferenceSolutionKey: { type: 'hangoutsMeet' } } },
});

/** How the room of an event stands: there is none, it is being made, it is there, it will not come. */
export function roomOf({ conferenceData, hangoutLink }: EventText): 'none' | 'pending' | 'failed' | { url: string } {
  const entry = conferenceData?.entryPoints?.find(({ entryPointType }) => entryPointType === 'video')?.uri;
  const url = entry ?? hangoutLink;
  if (url?.startsWith('https://')) return { url };
  const status = conferenceData?.createRequest?.status?.statusCode;
  if (status === 'failure') return 'failed';
  return status === 'pending' ? 'pending' : 'none';
}

/** Whether an event is just as we would write it: of this version of the booking, and moved by nobody since. */
export function saysAll(found: EventText, written: EventText): boolean {
  const isSame = (a: EventText['start'], b: EventText['start']): boolean =>
    Date.parse(a?.dateTime ?? '') === Date.parse(b?.dateTime ?? '');
  return (
    found.extendedProperties?.private?.['rev'] === written.extendedProperties?.private?.['rev'] &&
    found.status === written.status &&
    isSame(found.start, written.start) &&
    isSame(found.end, written.end)
  );
}
