// SPDX-License-Identifier: AGPL-3.0-or-later
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Database } from '../../src/database/engine/database.ts';
import { startApp, type Answer, type RunningApp } from '../kit/app.ts';
import type { ManualClock } from '../kit/clock.ts';
import { engines } from '../kit/engines.ts';
import { newFolder } from '../kit/folder.ts';
import { signedIn } from '../kit/staff.ts';

const TOWN = `
authority: { id: comune, name: Comune di Prova, time_zone: Europe/Rome, hosts: [localhost], email: posta@comune.example, phone: "+39 0141 1" }
municipalities: [{ id: prova, name: Prova }]
offices:
  - id: suap
    name: Sportello Imprese
    municipality: prova
    address: Via Roma 1
    slot_step: PT30M
    opening_hours: [{ days: [mon, tue, wed, thu, fri], opens: "09:00", closes: "13:00" }]
    services:
      - { id: consulenza, name: Consulenza, duration: PT30M, modes: [video] }
      - { id: lontano, name: Lontano, duration: PT30M, modes: [video], video: { url: "https://video.example/stanza" } }
counters:
  - { id: uno, name: Uno, serves: [{ office: suap, services: [consulenza, lontano] }], google_calendar: null }
  - { id: due, name: Due, serves: [{ office: suap, services: [consulenza, lontano] }], google_calendar: null }
`;
const NINE = '2027-03-02T09:00:00+01:00';

let app: RunningApp<ManualClock>;
let cookie: string;

beforeAll(async () => {
  const authorityFile = join(newFolder('room'), 'town.yaml');
  writeFileSync(authorityFile, TOWN);
  app = await startApp({ databaseUrl: await engines[0]!.freshUrl(), authorityFile });
}, 30_000);

afterAll(() => app?.close());

beforeEach(async () => {
  app.clock.set(NINE);
  cookie = await signedIn(app, { name: 'Mario Verdi' });
});

const see = (path: string, headers: Record<string, string> = {}): Promise<Answer> => app.ask(path, { headers });
const form = (path: string, said = {}, headers: Record<string, string> = {}): Promise<Answer> =>
  app.ask(path, { body: new URLSearchParams(said), headers });
const act = (id: string, what: string): Promise<Answer> => form(`/operatore/attesa/${id}/${what}`, {}, { cookie });

/** Somebody before the door: the path of their link, and their id. */
async function knock(name = 'Ada'): Promise<{ path: string; id: string }> {
  const { headers } = await form('/ricevimento/suap/bussa', { name, reason: 'Una SCIA' });
  return { path: String(headers['location']), id: await last() };
}

async function come(service: string, more = {}): Promise<{ path: string; id: string; reference: string }> {
  app.clock.set('2027-03-01T09:00:00+01:00');
  const citizen = { given_name: 'Ugo', family_name: 'Neri', email: `ugo@${service}.example` };
  const body = { office_id: 'suap', service_id: service, start: NINE, mode: 'video', citizen, ...more };
  const booked = await app.ask('/api/v1/bookings', { body, headers: { 'idempotency-key': service } });
  const { meeting_url, reference } = booked.json<{ meeting_url: string; reference: string }>();
  app.clock.set(NINE);
  const path = new URL(meeting_url).pathname;
  await form(`${path}/entra`);
  return { path, id: await last(), reference };
}

async function last(): Promise<string> {
  const rows = await app.app.get(Database).rows<{ id: string }>('SELECT id FROM arrivals ORDER BY number DESC LIMIT 1');
  return rows[0]!.id;
}

const room = (id: string): string => `/operatore/attesa/${id}/stanza`;

describe('For the citizen', () => {
  test('The call is there while somebody talks with them; else the page of the meeting says how it stands', async () => {
    const { path, id } = await knock();
    const elsewhere = async (): Promise<unknown> => {
      const { status, headers } = await see(`${path}/stanza`);
      return [status, headers['location']];
    };
    expect(await elsewhere()).toEqual([303, path]);
    await act(id, 'apri');
    const { status, headers, text } = await see(`${path}/stanza`);
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'permissions-policy': 'camera=(self), microphone=(self), display-capture=(self)',
    });
    for (const part of [
      `${path}/biglietto`,
      `${path}/esci`,
      `${path}/richiamami`,
      'tel:+3901411',
      'non viene registrata',
    ])
      expect(text).toContain(part);
    await act(id, 'sospendi');
    expect(await elsewhere()).toEqual([303, path]);
    await act(id, 'richiama');
    expect((await see(`${path}/stanza`)).status).toBe(200);
    await act(id, 'chiudi');
    expect(await elsewhere()).toEqual([303, path]);
  });

  test('Camera and microphone are tried whenever one likes', async () => {
    const { path } = await knock();
    const { status, text } = await see(`${path}/prova`, { 'accept-language': 'en' });
    expect(status).toBe(200);
    expect(text).toContain('Try camera and microphone');
    expect(text).not.toMatch(/data-word="[^"]+"><\/p>/);
  });

  test('Who tries them while waiting keeps their place, and comes from there into the call', async () => {
    const { path, id } = await knock();
    for (let n = 0; n < 3; n++) {
      const { status, text } = await see(`${path}/prova`);
      expect(status).toBe(200);
      expect(text).toContain(`data-live-ticket="${path}/biglietto"`);
      expect(text).toContain('Il tuo posto in sala d&#39;attesa resta.');
      app.clock.advance(29_000);
    }
    await act(id, 'apri');
    expect((await see(`${path}/prova`)).headers['location']).toBe(`${path}/stanza`);
    const { path: lost } = await knock();
    app.clock.advance(30_000);
    expect((await see(`${lost}/prova`)).headers['location']).toBe(lost);
  });

  test('Without a script the call offers the telephone', async () => {
    const { path, id } = await knock();
    expect((await see(path)).text).toMatch(/<noscript><p>In questo browser JavaScript è spento.*\?telefono=1#phone/);
    await act(id, 'apri');
    const [unscripted] = /<noscript>.*?<\/noscript>/s.exec((await see(`${path}/stanza`)).text)!;
    expect(unscripted).toContain(`action="${path}/richiamami"`);
    expect(unscripted).toContain('tel:+3901411');
  });

  test('A link nobody has leads nowhere', async () => {
    for (const page of ['stanza', 'prova']) expect((await see(`/incontro/nessuno/${page}`)).status).toBe(404);
  });
});

describe('For staff', () => {
  test('The call shows with whom one talks, and what about', async () => {
    const { id, reference } = await come('consulenza', { case_number: 'SUAP-7', reason: 'Un <b>bar</b>' });
    await act(id, 'apri');
    const { status, text } = await see(room(id), { cookie });
    expect(status).toBe(200);
    for (const part of ['Ugo Neri', 'Consulenza · Sportello Imprese', 'SUAP-7', 'Un &lt;b&gt;bar&lt;/b&gt;', reference])
      expect(text).toContain(part);
    for (const step of ['sospendi', 'chiudi']) expect(text).toContain(`action="/operatore/attesa/${id}/${step}"`);
    const log = await app.app.get(Database).rows(`SELECT what FROM access_log WHERE what = 'call'`);
    await see(room(id), { cookie });
    expect(await app.app.get(Database).rows(`SELECT what FROM access_log WHERE what = 'call'`)).toEqual(log);
    expect(log).toHaveLength(1);
  });

  test('A colleague may help and take over, and does not end the call; who works elsewhere finds nothing', async () => {
    const { id } = await knock();
    await act(id, 'apri');
    const colleague = await see(room(id), { cookie: await signedIn(app) });
    expect(colleague.text).toContain('Prendi tu la chiamata');
    expect(colleague.text).not.toContain(`/operatore/attesa/${id}/chiudi`);
    expect((await see(room(id), { cookie: await signedIn(app, { offices: [] }) })).status).toBe(404);
    expect((await see(room('01900000-0000-7000-8000-000000000000'), { cookie })).status).toBe(404);
    expect((await see(room(id))).status).toBe(303);
  });

  test('Held, the page leads back into the call; over, to the waiting room', async () => {
    const { id } = await knock('Ada Lovelace');
    await act(id, 'apri');
    await act(id, 'sospendi');
    const held = await see(room(id), { cookie });
    expect(held.text).toContain('Ada Lovelace è in attesa');
    expect(held.text).toContain(`action="/operatore/attesa/${id}/richiama"`);
    await act(id, 'chiudi');
    const { status, headers } = await see(room(id), { cookie });
    expect([status, headers['location']]).toEqual([303, '/operatore/attesa']);
  });

  test('Whom a citizen has left reads that they did, and whether they want to be telephoned', async () => {
    for (const [step, sent, done, said] of [
      ['esci', {}, 'uscita', 'La persona ha lasciato la chiamata.'],
      ['richiamami', { phone: '0141 123456' }, 'telefono', 'preferisce una telefonata'],
    ] as const) {
      const { path, id } = await knock();
      await act(id, 'apri');
      await form(`${path}/${step}`, sent);
      const { headers } = await see(room(id), { cookie });
      expect(headers['location']).toBe(`/operatore/attesa?fatto=${done}`);
      expect((await see(String(headers['location']), { cookie })).text).toContain(said);
      if (step === 'esci') expect((await see(path)).text).toContain('<h1>Hai lasciato la chiamata</h1>');
    }
  });
});

test('A call that another provider carries leads there, until staff choose our own room', async () => {
  const { path, id } = await come('lontano');
  await act(id, 'apri');
  const pages = async (): Promise<Answer[]> => [await see(`${path}/stanza`), await see(room(id), { cookie })];
  for (const { text } of await pages()) {
    expect(text).toContain('href="https://video.example/stanza"');
    expect(text).not.toContain('room/enter.js');
  }
  await act(id, 'stanza-nostra');
  for (const { text } of await pages()) {
    expect(text).not.toContain('https://video.example/stanza');
    expect(text).toContain('room/enter.js');
  }
});
