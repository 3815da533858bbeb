// SPDX-License-Identifier: AGPL-3.0-or-later
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createEmulator } from 'emulate';
import { AccessTokens } from '../../src/google/access-tokens.ts';
import { Consent } from '../../src/google/consent.ts';
import { GoogleCalendars } from '../../src/google/google-calendars.ts';
import type { Link } from '../../src/calendars/link.ts';
import { Sealed } from '../../src/access/sealed.ts';
import type { GoogleSettings } from '../../src/google/settings.ts';
import { SECRET } from '../kit/app.ts';
import { SeededChance } from '../kit/chance.ts';
import { ManualClock } from '../kit/clock.ts';
import { FakeGoogle } from '../kit/google.ts';
import { settingsFor } from '../kit/google/craft.ts';
import { freePorts } from '../kit/keeper.ts';

const MARIO = 'mario@comune.example';
const REDIRECT = 'http://localhost:3000/operatore/calendari/ritorno';
const CLIENT = { id: 'sportello.apps.example', secret: 'the secret of the client' };

interface Other {
  settings: GoogleSettings;
  close(): Promise<void>;
}

async function fake(): Promise<Other> {
  const google = await FakeGoogle.start(new ManualClock('2027-03-20T08:00:00+01:00'));
  google.addCalendar('ufficio', { roles: { [MARIO]: 'writer' } });
  return { settings: settingsFor(google), close: () => google.stop() };
}

async function emulator(): Promise<Other> {
  const [port] = await freePorts(1);
  const google = {
    users: [{ email: MARIO, name: 'Mario' }],
    oauth_clients: [
      { client_id: CLIENT.id, client_secret: CLIENT.secret, name: 'Sportello', redirect_uris: [REDIRECT] },
    ],
    calendars: [{ id: 'ufficio', user_email: MARIO, summary: 'Ufficio', time_zone: 'Europe/Rome' }],
  };
  const running = await createEmulator({ service: 'google', port, seed: { google } });
  const { url } = running;
  const addresses = { apiUrl: `${url}/`, tokenUrl: `${url}/oauth2/token`, authUrl: `${url}/o/oauth2/v2/auth` };
  return { settings: { ...addresses, client: CLIENT }, close: () => running.close() };
}

/** Presses "Allow", on a page of buttons or where nobody asks. @returns where the browser is sent. */
async function allow(page: string): Promise<URL> {
  const shown = await fetch(page, { redirect: 'manual' });
  if (shown.status === 302) return new URL(shown.headers.get('location')!);
  const form = (await shown.text()).split('<form').find((part) => part.includes(MARIO)) ?? '';
  const body = new URLSearchParams();
  for (const [, name, value] of form.matchAll(/name="(\w+)" value="([^"]*)"/g))
    body.set(name!, value!.replaceAll('&amp;', '&'));
  const answer = await fetch(new URL('/o/oauth2/v2/auth/callback', page), { method: 'POST', body, redirect: 'manual' });
  return new URL(answer.headers.get('location')!);
}

/** What holds of our own strict Google must hold of somebody else's, where that one has the route at all. */
describe.each([
  ['our fake', fake],
  ['emulate', emulator],
])('The same of %s', (_, open) => {
  let other: Other;
  let consent: Consent;
  let calendars: GoogleCalendars;
  let link: Link;
  let bearer: string;

  beforeAll(async () => {
    other = await open();
    const clock = new ManualClock('2027-03-20T08:00:00+01:00');
    const sealed = new Sealed(SECRET, new SeededChance('contract'));
    const tokens = new AccessTokens(other.settings, sealed, clock, () => Promise.resolve());
    consent = new Consent(other.settings, tokens, sealed);
    calendars = new GoogleCalendars(other.settings, tokens, clock);
    const back = await allow(consent.url(REDIRECT, 'a state', 'v'.repeat(43)));
    expect(back.searchParams.get('state')).toBe('a state');
    const refreshToken = await consent.exchange(back.searchParams.get('code')!, 'v'.repeat(43), REDIRECT);
    link = { counter: 1, calendarId: 'ufficio', access: 'oauth', refreshToken };
    bearer = await tokens.of(link);
  });
  afterAll(() => other.close());

  const time = (hour: number) => ({ dateTime: `2027-03-30T${hour}:00:00+02:00`, timeZone: 'Europe/Rome' });
  const at = (hour: number) => ({ summary: `at ${hour}`, start: time(hour), end: time(hour + 1) });
  const failing = (promise: Promise<unknown>) =>
    promise.then(
      () => 'no failure',
      (fault: Error) => fault.message,
    );
  async function ask<Body>(path: string, body?: object, token = bearer): Promise<{ status: number; body: Body }> {
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
    const url = `${other.settings.apiUrl}calendar/v3/${path}`;
    const answer = await fetch(url, body ? { method: 'POST', headers, body: JSON.stringify(body) } : { headers });
    return { status: answer.status, body: (await answer.json()) as Body };
  }

  test('A code is good once, and only with its verifier', async () => {
    const back = await allow(consent.url(REDIRECT, 's', 'w'.repeat(43)));
    const code = back.searchParams.get('code')!;
    expect(await failing(consent.exchange(code, 'x'.repeat(43), REDIRECT))).toBe('reauthorize: 400 invalid_grant');
    expect(await failing(consent.exchange('no code', 'w'.repeat(43), REDIRECT))).toBe('reauthorize: 400 invalid_grant');
  });

  test('A refresh token that nobody gave opens nothing', async () => {
    const sealed = new Sealed(SECRET, new SeededChance('contract'));
    const stranger = { ...link, refreshToken: sealed.seal('1//made-up') };
    expect(await failing(calendars.get(stranger, 'bk00001'))).toBe('reauthorize: 400 invalid_grant');
  });

  test('An event is made, listed and deleted', async () => {
    const made = await calendars.insert(link, at(10));
    expect(made).toMatchObject({ kind: 'calendar#event', status: 'confirmed', summary: 'at 10', start: time(10) });
    const { body } = await ask<{ kind: string; items: { id: string }[] }>(`calendars/ufficio/events?singleEvents=true`);
    expect(body.kind).toBe('calendar#events');
    expect(body.items.map(({ id }) => id)).toEqual([made.id]);
    await calendars.delete(link, made.id);
    expect((await ask<{ items: unknown[] }>('calendars/ufficio/events')).body.items).toEqual([]);
    await calendars.delete(link, made.id);
  });

  test('A list has a window and pages', async () => {
    const made = [];
    for (const hour of [10, 12, 14]) made.push(await calendars.insert(link, at(hour)));
    type List = { items: { summary: string }[]; nextPageToken?: string };
    const list = async (query: string) => (await ask<List>(`calendars/ufficio/events?singleEvents=true&${query}`)).body;
    const first = await list('maxResults=2');
    const last = await list(`maxResults=2&pageToken=${first.nextPageToken}`);
    expect([first.items.length, last.items.length, last.nextPageToken]).toEqual([2, 1, undefined]);
    const window = await list('timeMin=2027-03-30T09:00:00Z&timeMax=2027-03-30T11:00:00Z');
    expect(window.items.map(({ summary }) => summary)).toEqual(['at 12']);
    for (const { id } of made) await calendars.delete(link, id);
  });

  test('Busy time leaves out what is transparent', async () => {
    const busy = await calendars.insert(link, at(10));
    const free = await calendars.insert(link, { ...at(14), transparency: 'transparent' });
    const asked = { timeMin: '2027-03-30T00:00:00Z', timeMax: '2027-03-31T00:00:00Z', items: [{ id: 'ufficio' }] };
    type Busy = { calendars: Record<string, { busy: { start: string; end: string }[] }> };
    const { body } = await ask<Busy>('freeBusy', asked);
    const times = body.calendars['ufficio']!.busy.map(({ start, end }) => [Date.parse(start), Date.parse(end)]);
    expect(times).toEqual([[Date.parse(time(10).dateTime), Date.parse(time(11).dateTime)]]);
    for (const { id } of [busy, free]) await calendars.delete(link, id);
  });

  test('What is wrong is told in the same envelope', async () => {
    type Envelope = { error: { code: number; errors: { reason: string }[] } };
    const missing = await ask<Envelope>('calendars/nobody/events', at(10));
    expect([missing.status, missing.body.error.code, missing.body.error.errors[0]!.reason]).toEqual([
      404,
      404,
      'notFound',
    ]);
    const endless = await ask<Envelope>('calendars/ufficio/events', { summary: 'x', start: time(10) });
    expect([endless.status, endless.body.error.code]).toEqual([400, 400]);
    const anonymous = await fetch(`${other.settings.apiUrl}calendar/v3/calendars/ufficio/events`);
    expect([anonymous.status, ((await anonymous.json()) as Envelope).error.code]).toEqual([401, 401]);
  });
});
