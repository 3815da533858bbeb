// SPDX-License-Identifier: AGPL-3.0-or-later
import { createHash } from 'node:crypto';
import { Temporal } from 'temporal-polyfill';
import { GoogleError } from './refused.ts';

export interface When {
  dateTime?: string;
  date?: string;
  timeZone?: string;
}

export interface Conference {
  createRequest?: { requestId?: string; conferenceSolutionKey?: { type?: string }; status?: { statusCode?: string } };
  entryPoints?: { entryPointType: string; uri: string }[];
}

/** An event as the API shows it, as far as it matters here. */
export interface FakeEvent {
  kind?: string;
  id: string;
  etag: string;
  status: 'confirmed' | 'tentative' | 'cancelled';
  iCalUID?: string;
  updated: string;
  start: When;
  end: When;
  summary?: string;
  description?: string;
  location?: string;
  colorId?: string;
  transparency?: string;
  visibility?: string;
  eventType?: string;
  attendees?: { email: string; self?: boolean; responseStatus?: string }[];
  extendedProperties?: { private?: Record<string, string> };
  source?: { title?: string; url?: string };
  conferenceData?: Conference;
  hangoutLink?: string;
  guestsCanInviteOthers?: boolean;
  reminders?: object;
}

/** What a caller writes: anything, to be checked. */
export type Written = Partial<Omit<FakeEvent, 'etag' | 'updated'>>;

interface Kept {
  event: FakeEvent;
  /** The change of the calendar that made it as it is. */
  change: number;
}

const ID = /^[a-v0-9]{5,1024}$/;
/** Set by the service; a client that sends them is not obeyed. */
const OURS = ['kind', 'etag', 'updated', 'hangoutLink'];

/** One calendar: the rules by which its events live. */
export class FakeCalendar {
  /** Who may do what: an e-mail address and its role. */
  readonly roles = new Map<string, 'writer' | 'reader' | 'freeBusyReader'>();
  /** How Meet answers: at once, after so many looks, or not at all. */
  meet: 'success' | 'pending' | 'failure' = 'success';
  /** Looks for which a room stays pending. */
  meetLooks = 2;
  /** Items a page, at most. */
  pageSize = 250;
  readonly #events = new Map<string, Kept>();
  readonly #looks = new Map<string, number>();
  #changes = 0;
  #oldestToken = 0;
  #made = 0;

  constructor(
    readonly id: string,
    readonly timeZone: string,
    private readonly now: () => number,
    private readonly changed: (calendar: FakeCalendar) => void,
  ) {}

  /** All that is not deleted, by start. */
  get live(): FakeEvent[] {
    const events = [...this.#events.values()].map(({ event }) => event).filter((event) => event.status !== 'cancelled');
    return events.sort((a, b) => startOf(a, this.timeZone) - startOf(b, this.timeZone));
  }

  get(id: string): FakeEvent {
    const { event } = this.#find(id);
    if (event.conferenceData?.createRequest?.status?.statusCode === 'pending') this.#lookAtMeet(event);
    return event;
  }

  /** An event made by hand in Google's own pages. */
  add(written: Written): FakeEvent {
    const id = written.id ?? `hand${String(++this.#made).padStart(6, '0')}`;
    return this.insert({ ...written, id }, { conference: true, plainAccount: false });
  }

  insert(written: Written, by: { conference: boolean; plainAccount: boolean }): FakeEvent {
    checkNew(written, by.plainAccount);
    const id = written.id ?? `google${String(++this.#made).padStart(6, '0')}`;
    if (this.#events.has(id)) throw new GoogleError(409, 'duplicate', 'The requested identifier already exists.');
    const event: FakeEvent = {
      status: 'confirmed',
      eventType: 'default',
      ...clean(written),
      id,
      iCalUID: written.iCalUID ?? `${id}@google.com`,
      etag: '',
      updated: '',
      start: written.start!,
      end: written.end!,
    };
    this.#confer(event, written, by);
    checkTimes(event, this.timeZone);
    return this.#keep(event);
  }

  patch(id: string, written: Written, by: { conference: boolean; plainAccount: boolean }, ifMatch?: string): FakeEvent {
    const { event } = this.#find(id);
    this.#match(event, ifMatch);
    if (written.id !== undefined && written.id !== id)
      throw new GoogleError(400, 'invalid', 'Invalid resource id value.');
    if (by.plainAccount && written.attendees?.length) throw new GoogleError(403, 'forbiddenForServiceAccounts');
    const next: FakeEvent = { ...event, ...clean(written), id, etag: event.etag };
    this.#confer(next, written, by);
    checkTimes(next, this.timeZone);
    return this.#keep(next);
  }

  /** @throws GoogleError 410 the second time. */
  delete(id: string, ifMatch?: string): void {
    const { event } = this.#find(id);
    if (event.status === 'cancelled') throw new GoogleError(410, 'deleted', 'Resource has been deleted');
    this.#match(event, ifMatch);
    this.#keep({ ...event, status: 'cancelled' });
  }

  /** Makes as if an event had never been: what is left of one deleted long ago. */
  purge(id: string): void {
    this.#events.delete(id);
  }

  /** As if somebody had edited it: a new etag. */
  touch(id: string): void {
    const kept = this.#events.get(id);
    if (kept) this.#keep({ ...kept.event });
  }

  /** Every sync token given so far is refused with 410 from now on, and a full list has no tombstones. */
  expireTokens(): void {
    this.#oldestToken = this.#changes + 1;
    this.#changes++;
    for (const [id, { event }] of this.#events) if (event.status === 'cancelled') this.#events.delete(id);
  }

  list(query: URLSearchParams): object {
    const since = this.#since(query);
    const asked = [...this.#events.values()]
      .filter((kept) => this.#isAsked(kept, since, query))
      .sort((a, b) => a.change - b.change);
    const from = Number(query.get('pageToken') ?? 0);
    const size = Math.min(this.pageSize, Number(query.get('maxResults') ?? 250));
    const items = asked.slice(from, from + size).map(({ event }) => shown(event));
    const more = from + size < asked.length;
    const place = more ? { nextPageToken: String(from + size) } : { nextSyncToken: this.#token() };
    return {
      kind: 'calendar#events',
      etag: `"${this.#changes}"`,
      summary: this.id,
      timeZone: this.timeZone,
      items,
      ...place,
    };
  }

  /** Busy intervals within a window: merged, without what is declined or transparent. */
  busy(from: number, to: number): { start: string; end: string }[] {
    const merged: [number, number][] = [];
    for (const event of this.live.filter(keepsBusy)) {
      const start = Math.max(from, startOf(event, this.timeZone));
      const end = Math.min(to, endOf(event, this.timeZone));
      const last = merged.at(-1);
      if (start >= end) continue;
      if (last && start <= last[1]) last[1] = Math.max(last[1], end);
      else merged.push([start, end]);
    }
    return merged.map(([start, end]) => ({ start: new Date(start).toISOString(), end: new Date(end).toISOString() }));
  }

  #token(): string {
    return Buffer.from(`${this.id} ${this.#changes}`).toString('base64url');
  }

  #since(query: URLSearchParams): number | null {
    const token = query.get('syncToken');
    if (token === null) return null;
    const alien = ['iCalUID', 'orderBy', 'q', 'timeMin', 'timeMax', 'updatedMin', 'privateExtendedProperty'];
    if (alien.some((name) => query.has(name)) || query.get('showDeleted') === 'false')
      throw new GoogleError(400, 'invalid', 'Sync token cannot be used with this parameter.');
    const [calendar, change] = Buffer.from(token, 'base64url').toString().split(' ');
    if (calendar !== this.id || !(Number(change) >= this.#oldestToken))
      throw new GoogleError(410, 'fullSyncRequired', 'Sync token is no longer valid, a full sync is required.');
    return Number(change);
  }

  #isAsked({ event, change }: Kept, since: number | null, query: URLSearchParams): boolean {
    if (since !== null) return change > since;
    if (event.status === 'cancelled' && query.get('showDeleted') !== 'true') return false;
    const [min, max] = [query.get('timeMin'), query.get('timeMax')];
    if (min && endOf(event, this.timeZone) <= Date.parse(min)) return false;
    return !max || startOf(event, this.timeZone) < Date.parse(max);
  }

  #find(id: string): Kept {
    const kept = this.#events.get(id);
    if (!kept) throw new GoogleError(404, 'notFound', 'Not Found');
    return kept;
  }

  #match(event: FakeEvent, ifMatch?: string): void {
    if (ifMatch && ifMatch !== '*' && ifMatch !== event.etag)
      throw new GoogleError(412, 'conditionNotMet', 'Precondition Failed');
  }

  #keep(event: FakeEvent): FakeEvent {
    const change = ++this.#changes;
    const etag = `"${createHash('sha256').update(`${this.id} ${event.id} ${change}`).digest('hex').slice(0, 16)}"`;
    const kept = { ...event, kind: 'calendar#event', etag, updated: new Date(this.now()).toISOString() };
    this.#events.set(event.id, { event: kept, change });
    this.changed(this);
    return kept;
  }

  #confer(event: FakeEvent, { conferenceData }: Written, by: { conference: boolean; plainAccount: boolean }): void {
    if (!by.conference || !conferenceData) {
      event.conferenceData = this.#events.get(event.id)?.event.conferenceData;
      return;
    }
    const { requestId, conferenceSolutionKey } = conferenceData.createRequest ?? {};
    if (by.plainAccount || conferenceSolutionKey?.type !== 'hangoutsMeet' || !requestId)
      throw new GoogleError(400, 'invalid', 'Invalid conference type value.');
    event.conferenceData = { createRequest: { requestId, conferenceSolutionKey, status: { statusCode: this.meet } } };
    if (this.meet === 'success') openRoom(event);
  }

  #lookAtMeet(event: FakeEvent): void {
    const looks = (this.#looks.get(event.id) ?? 0) + 1;
    this.#looks.set(event.id, looks);
    if (looks < this.meetLooks) return;
    event.conferenceData!.createRequest!.status = { statusCode: 'success' };
    openRoom(event);
  }
}

function openRoom(event: FakeEvent): void {
  const uri = `https://meet.google.com/${createHash('sha256').update(event.id).digest('hex').slice(0, 10)}`;
  event.hangoutLink = uri;
  event.conferenceData!.entryPoints = [{ entryPointType: 'video', uri }];
}

/** Of a deleted event only the id may be relied on. */
const shown = (event: FakeEvent): object =>
  event.status === 'cancelled' ? { kind: event.kind, id: event.id, status: 'cancelled' } : event;

const clean = (written: Written): Written =>
  Object.fromEntries(Object.entries(written).filter(([name]) => !OURS.includes(name) && name !== 'conferenceData'));

function checkNew(written: Written, plainAccount: boolean): void {
  if (written.id !== undefined && !ID.test(written.id))
    throw new GoogleError(400, 'invalid', 'Invalid resource id value.');
  if (written.id !== undefined && written.iCalUID !== undefined)
    throw new GoogleError(400, 'invalid', 'Only one of id and iCalUID should be supplied.');
  if (!written.start || !written.end) throw new GoogleError(400, 'required', 'Missing end time.');
  if (plainAccount && written.attendees?.length) throw new GoogleError(403, 'forbiddenForServiceAccounts');
}

function checkTimes(event: FakeEvent, zone: string): void {
  const [start, end] = [startOf(event, zone), endOf(event, zone)];
  if (Number.isNaN(start) || Number.isNaN(end)) throw new GoogleError(400, 'invalid', 'Invalid value for time.');
  if (end < start) throw new GoogleError(400, 'timeRangeEmpty', 'The specified time range is empty.');
}

const keepsBusy = (event: FakeEvent): boolean =>
  event.transparency !== 'transparent' &&
  event.eventType !== 'workingLocation' &&
  !event.attendees?.some((guest) => guest.self && guest.responseStatus === 'declined');

const startOf = (event: FakeEvent, zone: string): number => momentOf(event.start, zone);
const endOf = (event: FakeEvent, zone: string): number => momentOf(event.end, zone);

/** An all-day event begins when the day does in the calendar's own zone. */
function momentOf({ dateTime, date, timeZone }: When, zone: string): number {
  try {
    if (date) return Temporal.PlainDate.from(date).toZonedDateTime(zone).epochMilliseconds;
    if (/(Z|[+-]\d\d:\d\d)$/.test(dateTime ?? '')) return Temporal.Instant.from(dateTime!).epochMilliseconds;
    return Temporal.PlainDateTime.from(dateTime!).toZonedDateTime(timeZone!).epochMilliseconds;
  } catch {
    return NaN;
  }
}
