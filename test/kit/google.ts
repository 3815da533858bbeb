// SPDX-License-Identifier: AGPL-3.0-or-later
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Chance } from '../../src/bookings/chance.ts';
import { FakeCalendar, type FakeEvent, type Written } from './google/calendar.ts';
import { Faults, type Fault, type FaultKind, type Operation } from './google/faults.ts';
import { Channels, type Push } from './google/channels.ts';
import { GoogleError, OAuthError } from './google/refused.ts';
import { FakeTokens, type Caller } from './google/tokens.ts';

export type { Fault, FaultKind, Operation, FakeEvent, Push };

/** One request, as it came and as it was answered. */
export interface Logged {
  operation: Operation;
  calendar?: string;
  event?: string;
  /** 0 when there was no answer. */
  status: number;
  /** The injected fault that answered it. */
  fault?: FaultKind;
  body: string;
  ifMatch?: string;
  query: string;
}

interface Asked {
  operation: Operation;
  calendar?: string;
  event?: string;
  query: URLSearchParams;
  body: string;
  ifMatch?: string;
  bearer?: string;
}

interface Reply {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

const ROOT = '/calendar/v3/';
const EVENTS = /^calendars\/([^/]+)\/events(?:\/([^/]+))?$/;
/** Not of the calendar's API. */
const ELSEWHERE: Operation[] = ['token', 'revoke', 'consent'];
const WRITES: Operation[] = ['insert', 'patch', 'delete'];

/** Google's calendar, strict: what the real one refuses this one refuses too. On loopback, until it is stopped. */
export class FakeGoogle {
  readonly faults = new Faults();
  readonly tokens: FakeTokens;
  readonly log: Logged[] = [];
  /** Nobody answers at all: every connection breaks, the token endpoint's too. */
  down = false;
  readonly #calendars = new Map<string, FakeCalendar>();
  readonly #channels: Channels;
  readonly #server: Server;
  readonly #now: () => number;

  private constructor(now: () => number) {
    this.#now = now;
    this.tokens = new FakeTokens(now);
    this.#channels = new Channels(now);
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  /** @param clock by which tokens and channels end: the one of the house. */
  static async start(clock: { now(): number }): Promise<FakeGoogle> {
    const google = new FakeGoogle(() => clock.now());
    google.#server.listen(0, '127.0.0.1');
    await once(google.#server, 'listening');
    return google;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  /** As GOOGLE_API_URL. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  get tokenUrl(): string {
    return `${this.url}token`;
  }

  get authUrl(): string {
    return `${this.url}o/oauth2/v2/auth`;
  }

  /** A new calendar, shared with the service account "to make changes" unless roles are given. */
  addCalendar(
    id: string,
    { timeZone = 'Europe/Rome', roles }: { timeZone?: string; roles?: Roles } = {},
  ): FakeCalendar {
    const calendar = new FakeCalendar(id, timeZone, this.#now, (changed) => this.#channels.changed(changed.id));
    const given = roles ?? { [this.tokens.serviceAccount.client_email]: 'writer' };
    for (const [email, role] of Object.entries(given)) calendar.roles.set(email, role);
    this.#calendars.set(id, calendar);
    return calendar;
  }

  calendar(id: string): FakeCalendar {
    const calendar = this.#calendars.get(id);
    if (!calendar) throw new GoogleError(404, 'notFound', 'Not Found');
    return calendar;
  }

  /** What is in a calendar and not deleted, by start. */
  events(calendar: string): FakeEvent[] {
    return this.calendar(calendar).live;
  }

  /** What a person does in Google's own pages: no faults, no rights asked. */
  staffAdd(calendar: string, written: Written): FakeEvent {
    return this.calendar(calendar).add(written);
  }

  staffChange(calendar: string, event: string, written: Written): FakeEvent {
    return this.calendar(calendar).patch(event, written, { conference: false, plainAccount: false });
  }

  staffDelete(calendar: string, event: string): void {
    this.calendar(calendar).delete(event);
  }

  /** Requests of the calendar's API that no injected fault answered: what a client may be blamed for. */
  get calls(): Logged[] {
    return this.log.filter(({ operation, fault }) => !ELSEWHERE.includes(operation) && !fault);
  }

  /** Notifications not delivered yet, in the order they were made. */
  get pushes(): readonly Push[] {
    return this.#channels.waiting;
  }

  /** Channels that are open now. */
  get channels(): readonly { id: string; calendar: string; address: string; expiration: number }[] {
    return this.#channels.open;
  }

  /**
   * Delivers the notifications that wait. With `chance` some are dropped, some come twice, and none in order.
   * @param send posts one to its address, as the test sees fit.
   */
  async deliver(send: (push: Push) => Promise<unknown>, chance?: Chance): Promise<void> {
    for (const push of this.#channels.take(chance)) await send(push);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = await askedOf(request, this.url);
    if (!asked) return;
    const fault = this.down ? DOWN : this.faults.next(asked.operation, asked.calendar);
    if (fault) return this.#fail(fault, asked, response);
    const reply = await this.#answer(asked);
    this.#noted(asked, reply.status);
    answerWith(response, reply);
  }

  #noted({ operation, calendar, event, body, ifMatch, query }: Asked, status: number, fault?: FaultKind): void {
    this.log.push({ operation, calendar, event, status, fault, body, ifMatch, query: query.toString() });
  }

  async #fail(fault: Fault, asked: Asked, response: ServerResponse): Promise<void> {
    const { kind } = fault;
    if (kind === 'lost' || kind === '409') await this.#answer(asked);
    if (asked.calendar) this.#makeTrue(fault, asked.calendar, asked.event);
    if (kind === '401') this.tokens.forgetAccess();
    const reply = answerOf(fault);
    this.#noted(asked, reply?.status ?? 0, kind);
    if (reply) answerWith(response, reply);
    else if (kind !== 'silent') response.destroy();
  }

  #makeTrue({ kind }: Fault, calendarId: string, event?: string): void {
    const calendar = this.#calendars.get(calendarId);
    if (kind === '410' && !event) calendar?.expireTokens();
    if (!calendar || !event) return;
    const isThere = calendar.live.some((live) => live.id === event);
    if (kind === '404') calendar.purge(event);
    if (kind === '410' && isThere) calendar.delete(event);
    if (kind === '412') calendar.touch(event);
  }

  async #answer(asked: Asked): Promise<Reply> {
    try {
      if (asked.operation === 'token')
        return { status: 200, body: await this.tokens.grant(new URLSearchParams(asked.body), this.tokenUrl) };
      if (asked.operation === 'revoke') {
        this.tokens.revokeToken(new URLSearchParams(asked.body).get('token') ?? '');
        return { status: 200, body: {} };
      }
      return this.#carryOut(asked);
    } catch (fault) {
      if (!(fault instanceof GoogleError || fault instanceof OAuthError)) throw fault;
      return { status: fault.status, body: fault.body };
    }
  }

  #carryOut(asked: Asked): Reply {
    if (asked.operation === 'consent')
      return { status: 302, headers: { Location: this.tokens.authorize(asked.query) }, body: {} };
    const caller = this.tokens.caller(asked.bearer);
    if (!caller) throw new GoogleError(401, 'authError', 'Invalid Credentials');
    if (asked.operation === 'freeBusy') return { status: 200, body: this.#freeBusy(caller, asked) };
    if (asked.operation === 'stop') {
      this.#channels.stop(JSON.parse(asked.body) as { id?: string; resourceId?: string });
      return { status: 204 };
    }
    const calendar = this.#entered(asked, caller);
    if (asked.operation === 'watch') return { status: 200, body: this.#channels.watch(calendar.id, asked.body) };
    if (asked.operation === 'list') return { status: 200, body: calendar.list(asked.query) };
    return this.#onEvent(calendar, asked, caller);
  }

  #onEvent(calendar: FakeCalendar, asked: Asked, { plainAccount }: Caller): Reply {
    const { operation, event = '', ifMatch } = asked;
    const by = { conference: asked.query.get('conferenceDataVersion') === '1', plainAccount };
    const written = asked.body ? (JSON.parse(asked.body) as Written) : {};
    if (operation === 'insert') return { status: 200, body: calendar.insert(written, by) };
    if (operation === 'patch') return { status: 200, body: calendar.patch(event, written, by, ifMatch) };
    if (operation === 'get') return { status: 200, body: calendar.get(event) };
    calendar.delete(event, ifMatch);
    return { status: 204 };
  }

  #entered({ operation, calendar: id = '' }: Asked, caller: Caller): FakeCalendar {
    if (!caller.scopes.some((scope) => scope === 'calendar' || scope === 'calendar.events'))
      throw new GoogleError(403, 'insufficientPermissions', 'Request had insufficient authentication scopes.');
    const calendar = this.calendar(id);
    const role = calendar.roles.get(caller.email);
    if (!role) throw new GoogleError(404, 'notFound', 'Not Found');
    const enough = WRITES.includes(operation) ? role === 'writer' : role !== 'freeBusyReader';
    if (!enough) throw new GoogleError(403, 'requiredAccessLevel', 'You need to have writer access to this calendar.');
    return calendar;
  }

  #freeBusy({ email }: Caller, { body }: Asked): object {
    const { timeMin, timeMax, items = [] } = JSON.parse(body) as FreeBusyQuery;
    const calendars = items.map(({ id }) => {
      const calendar = this.#calendars.get(id);
      if (!calendar?.roles.has(email)) return [id, { errors: [{ domain: 'global', reason: 'notFound' }], busy: [] }];
      return [id, { busy: calendar.busy(Date.parse(timeMin), Date.parse(timeMax)) }];
    });
    return { kind: 'calendar#freeBusy', timeMin, timeMax, calendars: Object.fromEntries(calendars) as object };
  }
}

type Roles = Record<string, 'writer' | 'reader' | 'freeBusyReader'>;

interface FreeBusyQuery {
  timeMin: string;
  timeMax: string;
  items?: { id: string }[];
}

const STATUS: Partial<Record<FaultKind, [number, string]>> = {
  '400': [400, 'badRequest'],
  '401': [401, 'authError'],
  forbidden: [403, 'forbidden'],
  quota: [403, 'rateLimitExceeded'],
  '404': [404, 'notFound'],
  '409': [409, 'duplicate'],
  '410': [410, 'deleted'],
  '412': [412, 'conditionNotMet'],
  '429': [429, 'rateLimitExceeded'],
  '500': [500, 'backendError'],
  '503': [503, 'backendError'],
};

const DOWN: Fault = { kind: 'reset' };

/** Null when there is none. */
function answerOf({ kind, retryAfter }: Fault): Reply | null {
  if (kind === 'html') return { status: 200, body: '<!doctype html><title>Sorry</title>' };
  if (kind === 'truncated') return { status: 200, body: '{"id":"bk', headers: { 'Content-Type': 'application/json' } };
  const told = STATUS[kind];
  if (!told) return null;
  const [status, reason] = told;
  const headers = retryAfter === undefined ? undefined : { 'Retry-After': String(retryAfter) };
  return { status, body: new GoogleError(status, reason).body, headers };
}

function answerWith(response: ServerResponse, { status, body, headers = {} }: Reply): void {
  const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body);
  const type = typeof body === 'string' ? 'text/html; charset=utf-8' : 'application/json; charset=utf-8';
  response.writeHead(status, { 'Content-Type': type, ...headers }).end(text);
}

async function askedOf(request: IncomingMessage, root: string): Promise<Asked | null> {
  const url = new URL(request.url ?? '/', root);
  const body = await bodyOf(request).catch(() => null);
  if (body === null) return null;
  const known = operationOf(request.method ?? '', url.pathname);
  const ifMatch = request.headers['if-match'];
  const bearer = request.headers.authorization?.replace(/^Bearer /, '');
  return { ...known, query: url.searchParams, body, ifMatch, bearer };
}

function operationOf(method: string, path: string): Pick<Asked, 'operation' | 'calendar' | 'event'> {
  if (path === '/token') return { operation: 'token' };
  if (path === '/revoke') return { operation: 'revoke' };
  if (path === '/o/oauth2/v2/auth') return { operation: 'consent' };
  const rest = path.startsWith(ROOT) ? path.slice(ROOT.length) : '';
  if (rest === 'freeBusy') return { operation: 'freeBusy' };
  if (rest === 'channels/stop') return { operation: 'stop' };
  const [, calendar = '', event] = EVENTS.exec(rest) ?? [];
  const place = { calendar: decodeURIComponent(calendar), event: event && decodeURIComponent(event) };
  if (event === 'watch') return { operation: 'watch', calendar: place.calendar };
  if (!event) return { operation: method === 'POST' ? 'insert' : 'list', ...place };
  return { operation: method === 'PATCH' ? 'patch' : method === 'DELETE' ? 'delete' : 'get', ...place };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}
