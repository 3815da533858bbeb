// SPDX-License-Identifier: AGPL-3.0-or-later
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { eventId, roomFor, roomOf, type EventText } from '../../src/calendars/event.ts';
import { CalendarFailure } from '../../src/calendars/calendar-failure.ts';
import { failureOf } from '../../src/google/google-failure.ts';
import type { Link } from '../../src/calendars/link.ts';
import { Sealed } from '../../src/access/sealed.ts';
import { SECRET } from '../kit/app.ts';
import { SeededChance } from '../kit/chance.ts';
import { ManualClock } from '../kit/clock.ts';
import { FakeGoogle } from '../kit/google.ts';
import { craftFor } from '../kit/google/craft.ts';

const CAL = 'suap@group.calendar.example';
const LINK: Link = { counter: 1, calendarId: CAL, access: 'service_account' };
const START = { dateTime: '2027-03-30T10:00:00+02:00', timeZone: 'Europe/Rome' };
const END = { dateTime: '2027-03-30T10:30:00+02:00', timeZone: 'Europe/Rome' };
const MINUTE = 60_000;
const event = (id: string, more: EventText = {}): EventText => ({
  id,
  summary: 'x',
  start: START,
  end: END,
  ...more,
});

let google: FakeGoogle;
let clock: ManualClock;
let craft: ReturnType<typeof craftFor>;
let rotated: string[];

beforeAll(async () => {
  clock = new ManualClock('2027-03-20T08:00:00+01:00');
  google = await FakeGoogle.start(clock);
});
afterAll(() => google.stop());
beforeEach(() => {
  google.faults.clear();
  google.log.length = 0;
  google.tokens.forgetAccess();
  google.tokens.rotates = false;
  google.addCalendar(CAL);
  clock.set('2027-03-20T08:00:00+01:00');
  rotated = [];
  craft = craftFor(google, clock, (_, sealedToken) => Promise.resolve(void rotated.push(sealedToken)));
});

const tokenRequests = () => google.log.filter(({ operation }) => operation === 'token').length;

/** How a call failed: its kind, and what it was told. */
async function failure(promise: Promise<unknown>): Promise<CalendarFailure> {
  try {
    await promise;
  } catch (fault) {
    if (fault instanceof CalendarFailure) return fault;
    throw fault;
  }
  throw new Error('it did not fail');
}
const kindOf = async (promise: Promise<unknown>): Promise<string> => (await failure(promise)).message;

describe('An event', () => {
  test('has an id Google takes, always the same for a booking and a generation', () => {
    const id = eventId('0b5ad0a2-1d7e-4c9a-8f5e-3f5d6a6ad0c1', 0);
    expect(id).toMatch(/^bk[0-9a-v]{32}$/);
    expect(eventId('0b5ad0a2-1d7e-4c9a-8f5e-3f5d6a6ad0c1', 0)).toBe(id);
    expect(eventId('0b5ad0a2-1d7e-4c9a-8f5e-3f5d6a6ad0c1', 1)).not.toBe(id);
    expect(eventId('0b5ad0a2-1d7e-4c9a-8f5e-3f5d6a6ad0c2', 0)).not.toBe(id);
  });

  test('is made, read, changed without touching what staff wrote, and deleted', async () => {
    const { calendars } = craft;
    const made = await calendars.insert(LINK, event('bk00001'));
    google.staffChange(CAL, 'bk00001', { colorId: '7' });
    expect(await kindOf(calendars.patch(LINK, 'bk00001', { summary: 'y' }, made.etag))).toBe(
      'conflict: 412 conditionNotMet',
    );
    const read = await calendars.get(LINK, 'bk00001');
    const changed = await calendars.patch(LINK, 'bk00001', { summary: 'y' }, read.etag);
    expect(changed).toMatchObject({ summary: 'y', colorId: '7', id: 'bk00001' });
    await calendars.delete(LINK, 'bk00001');
    await calendars.delete(LINK, 'bk00001');
    await calendars.delete(LINK, 'bk00099');
    expect(await kindOf(calendars.insert(LINK, event('bk00001')))).toBe('duplicate: 409 duplicate');
    expect(await kindOf(calendars.get(LINK, 'bk00099'))).toBe('gone: 404 notFound');
    expect(google.events(CAL)).toEqual([]);
  });

  test('gets a room from Meet at once, later or never', async () => {
    google.tokens.delegatedBy.add('comune.example');
    const as = { ...LINK, as: 'mario@comune.example' };
    const calendar = google.addCalendar(CAL, { roles: { 'mario@comune.example': 'writer' } });
    const withRoom = (id: string) => craft.calendars.insert(as, event(id, roomFor(id)));
    expect(roomOf(await withRoom('bk00001'))).toEqual({ url: expect.stringMatching(/^https:\/\/meet\.google\.com\//) });
    calendar.meet = 'pending';
    expect(roomOf(await withRoom('bk00002'))).toBe('pending');
    expect(roomOf(await craft.calendars.get(as, 'bk00002'))).toBe('pending');
    expect(roomOf(await craft.calendars.get(as, 'bk00002'))).toHaveProperty('url');
    calendar.meet = 'failure';
    expect(roomOf(await withRoom('bk00003'))).toBe('failed');
    expect(roomOf(await craft.calendars.insert(as, event('bk00004')))).toBe('none');
    expect(roomOf({ hangoutLink: 'javascript:alert(1)' })).toBe('none');
    expect(await kindOf(craft.calendars.insert(LINK, event('bk00005')))).toBe('gone: 404 notFound');
  });
});

describe('A list', () => {
  test('comes in pages, then only what changed, and a token that no longer holds is gone', async () => {
    const calendar = google.calendar(CAL);
    calendar.pageSize = 2;
    for (const id of ['bk00001', 'bk00002', 'bk00003']) google.staffAdd(CAL, { id, start: START, end: END });
    const first = await craft.calendars.list(LINK, { from: clock.now() });
    expect([first.items.length, first.nextSyncToken, first.timeZone]).toEqual([2, null, 'Europe/Rome']);
    const last = await craft.calendars.list(LINK, { from: clock.now(), pageToken: first.nextPageToken! });
    expect([last.items.length, last.nextPageToken]).toEqual([1, null]);
    google.staffDelete(CAL, 'bk00002');
    const since = await craft.calendars.list(LINK, { syncToken: last.nextSyncToken! });
    expect(since.items).toEqual([{ kind: 'calendar#event', id: 'bk00002', status: 'cancelled' }]);
    calendar.expireTokens();
    expect(await kindOf(craft.calendars.list(LINK, { syncToken: since.nextSyncToken! }))).toBe(
      'gone: 410 fullSyncRequired',
    );
  });

  test('is watched by a channel, whose end is no failure twice', async () => {
    const address = 'https://prenota.example/google/notifiche';
    const channel = await craft.calendars.watch(LINK, { id: 'channel-1', token: 'secret', address });
    expect(channel.endsAt).toBeGreaterThan(clock.now());
    google.staffAdd(CAL, { start: START, end: END });
    expect(google.pushes.map(({ headers }) => headers['X-Goog-Resource-State'])).toEqual(['sync', 'exists']);
    await craft.calendars.stop(LINK, 'channel-1', channel.resourceId);
    await craft.calendars.stop(LINK, 'channel-1', channel.resourceId);
    expect(google.channels).toEqual([]);
    expect(
      await kindOf(craft.calendars.watch(LINK, { id: 'channel-2', token: 't', address: 'http://x.example/' })),
    ).toMatch(/^fatal: 400/);
  });
});

describe('The door', () => {
  test('opens for a service account with one token for many calls, which is renewed when it ends', async () => {
    for (const id of ['bk00001', 'bk00002']) await craft.calendars.insert(LINK, event(id));
    expect(tokenRequests()).toBe(1);
    clock.advance(59.5 * MINUTE);
    await craft.calendars.get(LINK, 'bk00001');
    expect(tokenRequests()).toBe(2);
  });

  test('opens for whom the domain delegates to, and stays shut where it does not', async () => {
    google.addCalendar(CAL, { roles: { 'mario@comune.example': 'writer' } });
    google.tokens.delegatedBy.clear();
    const as = { ...LINK, as: 'mario@comune.example' };
    expect(await kindOf(craft.calendars.list(as, {}))).toBe('reauthorize: 401 unauthorized_client');
    google.tokens.delegatedBy.add('comune.example');
    expect(await kindOf(craft.calendars.list(as, {}))).toBe('reauthorize: 401 unauthorized_client');
    expect(tokenRequests()).toBe(1);
    clock.advance(10 * MINUTE);
    expect((await craft.calendars.list(as, {})).items).toEqual([]);
  });

  test('opens for staff who consent, keeps only a sealed token, and shuts when they revoke it', async () => {
    google.addCalendar(CAL, { roles: { 'mario@comune.example': 'writer' } });
    const redirect = 'http://localhost:3000/operatore/calendari/ritorno';
    const page = craft.consent.url(redirect, 'a state', 'a verifier');
    const answer = await fetch(page, { redirect: 'manual' });
    const back = new URL(answer.headers.get('location')!);
    expect(back.searchParams.get('state')).toBe('a state');
    const code = back.searchParams.get('code')!;
    const refreshToken = await craft.consent.exchange(code, 'a verifier', redirect);
    expect(refreshToken).not.toContain('refresh-');
    const link: Link = { ...LINK, access: 'oauth', refreshToken };
    await craft.calendars.insert(link, event('bk00001'));
    expect(await kindOf(craft.consent.exchange(code, 'a verifier', redirect))).toBe('reauthorize: 400 invalid_grant');
    await craft.consent.revoke(refreshToken);
    await craft.consent.revoke(refreshToken);
    clock.advance(61 * MINUTE);
    expect(await kindOf(craft.calendars.list(link, {}))).toBe('reauthorize: 400 invalid_grant');
  });

  test('stays open when Google replaces the refresh token', async () => {
    google.addCalendar(CAL, { roles: { 'mario@comune.example': 'writer' } });
    google.tokens.rotates = true;
    const link: Link = { ...LINK, access: 'oauth', refreshToken: craft.sealed.seal(google.tokens.consent()) };
    await craft.calendars.list(link, {});
    expect(rotated).toHaveLength(1);
    const next = { ...link, refreshToken: rotated[0]! };
    await craft.calendars.list(next, {});
    expect(tokenRequests()).toBe(1);
    clock.advance(61 * MINUTE);
    await craft.calendars.list(next, {});
    expect(rotated).toHaveLength(2);
  });

  test('is tried once more after a 401, and then left alone for ten minutes', async () => {
    google.faults.add({ kind: '401' });
    expect((await craft.calendars.list(LINK, {})).items).toEqual([]);
    expect(tokenRequests()).toBe(2);
    google.faults.add({ kind: '401', times: Infinity });
    expect(await kindOf(craft.calendars.list(LINK, {}))).toMatch(/^reauthorize/);
    for (let n = 0; n < 20; n++) expect(await kindOf(craft.calendars.list(LINK, {}))).toBe('reauthorize: authError');
    expect([tokenRequests(), google.log.length]).toEqual([2, 5]);
    google.faults.clear();
    clock.advance(10 * MINUTE);
    expect((await craft.calendars.list(LINK, {})).items).toEqual([]);
  });

  test('stays shut without keys, and says which is missing', async () => {
    expect(await kindOf(craft.calendars.list({ ...LINK, access: 'oauth' }, {}))).toBe('reauthorize: not-connected');
    const other = new Sealed(`another ${SECRET}`, new SeededChance(1)).seal('refresh-1');
    const link: Link = { ...LINK, access: 'oauth', refreshToken: other };
    expect(await kindOf(craft.calendars.list(link, {}))).toBe('reauthorize: not-connected');
    expect(google.log).toEqual([]);
  });
});

describe('A failure', () => {
  test.each([
    ['quota', 'retry: 403 rateLimitExceeded'],
    ['forbidden', 'fatal: 403 forbidden'],
    ['429', 'retry: 429 rateLimitExceeded'],
    ['500', 'retry: 500 backendError'],
    ['503', 'retry: 503 backendError'],
    ['400', 'fatal: 400 badRequest'],
    ['html', 'retry: 200 unreadable'],
    ['truncated', 'retry: 200 unreadable'],
    ['reset', 'retry: '],
    ['lost', 'retry: '],
  ] as const)('of the kind %s is told as %s', async (kind, told) => {
    google.faults.add({ kind });
    expect(await kindOf(craft.calendars.insert(LINK, event('bk00001')))).toContain(told);
    expect(google.events(CAL)).toHaveLength(kind === 'lost' ? 1 : 0);
    expect(google.log.filter(({ operation }) => operation === 'insert')).toHaveLength(1);
  });

  test('is told when Google stays silent', async () => {
    const hasty = craftFor(google, clock, undefined, 1000);
    await hasty.calendars.list(LINK, {});
    google.faults.add({ kind: 'silent' });
    expect(await kindOf(hasty.calendars.insert(LINK, event('bk00001')))).toContain('retry: ');
    expect(google.log.at(-1)).toMatchObject({ operation: 'insert', fault: 'silent' });
  });

  test('says how long Google asks us to wait, in seconds or as a date', async () => {
    google.faults.add({ kind: 'quota', retryAfter: 90 });
    expect((await failure(craft.calendars.list(LINK, {}))).retryAfter).toBe(90_000);
    const headers = new Headers({ 'Retry-After': 'Sat, 20 Mar 2027 07:02:00 GMT' });
    expect(failureOf({ response: { status: 503, headers } }, clock.now()).retryAfter).toBe(2 * MINUTE);
  });

  test('never repeats what Google wrote', () => {
    const data = { error: { errors: [{ reason: 'no, Anna Rossi has no appointment' }] } };
    expect(failureOf({ response: { status: 400, data } }, 0).message).toBe('fatal: 400 no reason');
  });

  test('five times in a row lets Google rest for half a minute, all but one request', async () => {
    await craft.calendars.list(LINK, {});
    google.down = true;
    for (let n = 0; n < 9; n++) await kindOf(craft.calendars.list(LINK, {}));
    expect(google.log.filter(({ operation }) => operation === 'list')).toHaveLength(6);
    google.down = false;
    expect((await failure(craft.calendars.list(LINK, {}))).retryAfter).toBe(30_000);
    clock.advance(30_000);
    expect((await craft.calendars.list(LINK, {})).items).toEqual([]);
    expect((await craft.calendars.list(LINK, {})).items).toEqual([]);
  });
});

describe('A seal', () => {
  test('opens under the same secret only, and not when it was touched', () => {
    const seal = new Sealed(SECRET, new SeededChance(1));
    const sealed = seal.seal('1//refresh');
    expect(sealed).not.toBe(seal.seal('1//refresh'));
    expect(new Sealed(SECRET, new SeededChance(2)).open(sealed)).toBe('1//refresh');
    expect(new Sealed(`${SECRET}.`, new SeededChance(1)).open(sealed)).toBeNull();
    const touched = Buffer.from(sealed, 'base64url');
    touched[touched.length - 1]! ^= 1;
    expect(seal.open(touched.toString('base64url'))).toBeNull();
    expect(seal.open('')).toBeNull();
  });
});
