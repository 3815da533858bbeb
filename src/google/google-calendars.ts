// SPDX-License-Identifier: AGPL-3.0-or-later
import { calendar, type calendar_v3 } from '@googleapis/calendar';
import { OAuth2Client } from 'google-auth-library';
import { CalendarFailure } from '../calendars/calendar-failure.ts';
import type { Calendars, Channel, Listing, OpenChannel, Page, WrittenEvent } from '../calendars/calendars.ts';
import type { EventText } from '../calendars/event.ts';
import type { Link } from '../calendars/link.ts';
import type { Clock } from '../time/clock.ts';
import type { AccessTokens } from './access-tokens.ts';
import { failureOf } from './google-failure.ts';
import { Rest } from './rest.ts';
import { requestOptions, type GoogleSettings } from './settings.ts';

type Answer = Promise<{ data: unknown }>;
type Options = ReturnType<typeof requestOptions> & { headers?: Record<string, string> };

const PAGE = 2500;
/** No letters to guests, though there are none; without the second Google drops the room of an event. */
const QUIETLY = { sendUpdates: 'none', conferenceDataVersion: 1 } as const;

/** The calendars of Google. Each request is made once; what becomes of a failure is the caller's to decide. */
export class GoogleCalendars implements Calendars {
  readonly #api: calendar_v3.Calendar;
  readonly #options: Options;
  readonly #rest: Rest;
  /** By calendar, what was asked of it last: Google takes badly to quick writes side by side. */
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(
    settings: GoogleSettings,
    private readonly tokens: AccessTokens,
    private readonly clock: Clock,
  ) {
    this.#api = calendar({ version: 'v3', rootUrl: settings.apiUrl });
    this.#options = requestOptions(settings);
    this.#rest = new Rest(clock);
  }

  /** @throws CalendarFailure duplicate, when an event with its id is or was there. */
  async insert(link: Link, event: EventText): Promise<WrittenEvent> {
    return this.#inTurn(link, (place) =>
      this.#api.events.insert({ ...place, ...QUIETLY, requestBody: event }, this.#options),
    ).then(written);
  }

  /** Also one deleted a while ago, `cancelled`. @throws CalendarFailure gone */
  async get(link: Link, eventId: string): Promise<WrittenEvent> {
    return this.#ask(link, (place) => this.#api.events.get({ ...place, eventId }, this.#options)).then(written);
  }

  /** Changes what is given and leaves the rest, which is the staff's. @throws CalendarFailure conflict, gone */
  async patch(link: Link, eventId: string, event: EventText, etag: string): Promise<WrittenEvent> {
    const options = { ...this.#options, headers: { 'If-Match': etag } };
    return this.#inTurn(link, (place) =>
      this.#api.events.patch({ ...place, ...QUIETLY, eventId, requestBody: event }, options),
    ).then(written);
  }

  /** One that is gone already is no failure. */
  async delete(link: Link, eventId: string): Promise<void> {
    const remove = (place: Place) => this.#api.events.delete({ ...place, sendUpdates: 'none', eventId }, this.#options);
    await this.#inTurn(link, remove).then(nothing, unlessGone);
  }

  /** One page. @throws CalendarFailure gone, when the sync token no longer holds: list all. */
  async list(link: Link, { syncToken, from, pageToken }: Listing): Promise<Page> {
    const asked = { singleEvents: true, showDeleted: true, maxResults: PAGE, syncToken, pageToken };
    const timeMin = from === undefined ? undefined : new Date(from).toISOString();
    const data = await this.#ask(link, (place) =>
      this.#api.events.list({ ...place, ...asked, timeMin }, this.#options),
    );
    return pageOf(data);
  }

  /** Asks to be told of changes. */
  async watch(link: Link, channel: Channel): Promise<OpenChannel> {
    const requestBody = { ...channel, type: 'web_hook' };
    const data = await this.#ask(link, (place) => this.#api.events.watch({ ...place, requestBody }, this.#options));
    const { resourceId, expiration } = data as calendar_v3.Schema$Channel;
    if (!resourceId) throw unreadable();
    return { resourceId, endsAt: Number(expiration ?? this.clock.now()) };
  }

  /** A channel that is gone already is no failure. */
  async stop(link: Link, id: string, resourceId: string): Promise<void> {
    const end = ({ auth }: Place) => this.#api.channels.stop({ auth, requestBody: { id, resourceId } }, this.#options);
    await this.#ask(link, end).then(nothing, unlessGone);
  }

  #inTurn(link: Link, request: (place: Place) => Answer): Promise<unknown> {
    const last = this.#turns.get(link.calendarId) ?? Promise.resolve();
    const mine = last.then(() => this.#ask(link, request));
    const settled = mine.catch(() => undefined);
    this.#turns.set(link.calendarId, settled);
    void settled.then(() => this.#turns.get(link.calendarId) === settled && this.#turns.delete(link.calendarId));
    return mine;
  }

  /** The data of the answer. A token that is refused is replaced once. @throws CalendarFailure */
  async #ask(link: Link, request: (place: Place) => Answer): Promise<unknown> {
    this.#rest.check();
    try {
      const token = await this.tokens.of(link);
      const data = await this.#once(link, token, request).catch(async (failure: CalendarFailure) => {
        if (failure.status !== 401) throw failure;
        return this.#once(link, await this.tokens.instead(link, token), request);
      });
      this.#rest.answered();
      return data;
    } catch (error) {
      const failure = failureOf(error, this.clock.now());
      if (failure.kind === 'retry' && (failure.status === 0 || failure.status >= 500)) this.#rest.failed();
      else this.#rest.answered();
      throw failure;
    }
  }

  async #once({ calendarId }: Link, token: string, request: (place: Place) => Answer): Promise<unknown> {
    const auth = new OAuth2Client();
    auth.setCredentials({ access_token: token });
    try {
      return (await request({ calendarId, auth })).data;
    } catch (error) {
      throw failureOf(error, this.clock.now());
    }
  }
}

interface Place {
  readonly calendarId: string;
  readonly auth: OAuth2Client;
}

const unreadable = (): CalendarFailure => new CalendarFailure('retry', { status: 200, reason: 'unreadable' });

function unlessGone(failure: unknown): void {
  if (!(failure instanceof CalendarFailure) || failure.kind !== 'gone') throw failure;
}

/** What is done without a word has no words to it: a page of a proxy's own says that it was not done. */
function nothing(data: unknown): void {
  if (data) throw unreadable();
}

/** A proxy answers 200 with a page of its own: that is no event. */
function written(data: unknown): WrittenEvent {
  const event = (typeof data === 'object' && data ? data : {}) as EventText;
  const { id, etag } = event;
  if (!id || !etag) throw unreadable();
  return { ...event, id, etag };
}

function pageOf(data: unknown): Page {
  const page = (typeof data === 'object' && data ? data : {}) as calendar_v3.Schema$Events;
  if (!Array.isArray(page.items) || (!page.nextPageToken && !page.nextSyncToken)) throw unreadable();
  const { items, timeZone = null, summary = null, nextPageToken = null, nextSyncToken = null } = page;
  return { items, timeZone, summary, nextPageToken, nextSyncToken };
}
