// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Millis } from '../time/clock.ts';
import type { EventText } from './event.ts';
import type { Link } from './link.ts';

/** An event that has been written: it has an id and an etag. */
export type WrittenEvent = EventText & { readonly id: string; readonly etag: string };

/** Part of a list. The last page carries the token with which the next list begins. */
export interface Page {
  readonly items: readonly EventText[];
  /** The calendar's own. */
  readonly timeZone: string | null;
  /** The calendar's name; of a person's first calendar their address. */
  readonly summary: string | null;
  readonly nextPageToken: string | null;
  readonly nextSyncToken: string | null;
}

/** What to list: all since a token, or all that ends after a moment. */
export interface Listing {
  readonly syncToken?: string;
  readonly from?: Millis;
  readonly pageToken?: string;
}

export interface Channel {
  readonly id: string;
  readonly token: string;
  readonly address: string;
}

export interface OpenChannel {
  readonly resourceId: string;
  readonly endsAt: Millis;
}

/**
 * The port behind which the counters' calendars stand. Google is who keeps them today; CalDAV or Microsoft Graph would be
 * another craft that does this, chosen by `Link.access`. What it must have: an id that we choose (so that a repeat is known), etags
 * (so that nobody's edit is lost), and a token for what changed since (RFC 6578's sync-token, Graph's delta link). Each
 * request is made once; what becomes of a {@link CalendarFailure} is the caller's to decide.
 */
export interface Calendars {
  /** @throws CalendarFailure duplicate, when an event with its id is or was there. */
  insert(link: Link, event: EventText): Promise<WrittenEvent>;
  /** Also one deleted a while ago, `cancelled`. @throws CalendarFailure gone */
  get(link: Link, eventId: string): Promise<WrittenEvent>;
  /** Changes what is given and leaves the rest, which is the staff's. @throws CalendarFailure conflict, gone */
  patch(link: Link, eventId: string, event: EventText, etag: string): Promise<WrittenEvent>;
  /** One that is gone already is no failure. */
  delete(link: Link, eventId: string): Promise<void>;
  /** One page. @throws CalendarFailure gone with status 410, when the sync token no longer holds: list all. */
  list(link: Link, listing: Listing): Promise<Page>;
  /** Asks to be told of changes. Who cannot tell is fatal about it, and is looked at every few minutes. */
  watch(link: Link, channel: Channel): Promise<OpenChannel>;
  /** A channel that is gone already is no failure. */
  stop(link: Link, id: string, resourceId: string): Promise<void>;
}

/** What a person has let us in with, given back. */
export interface Permissions {
  /** @throws CalendarFailure retry */
  revoke(sealedToken: string): Promise<void>;
}
