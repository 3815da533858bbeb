// SPDX-License-Identifier: AGPL-3.0-or-later
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Authorities } from '../../../src/database/authorities.ts';
import { Database } from '../../../src/database/engine/database.ts';
import { StaffBook } from '../../../src/database/staff/staff-book.ts';
import { startApp, type Answer, type RunningApp } from '../../kit/app.ts';
import type { ManualClock } from '../../kit/clock.ts';
import { engines } from '../../kit/engines.ts';
import { employ, PASSWORD, signedIn } from '../../kit/staff.ts';

/** Of the example: a geometer who sits at two offices. */
const SHARED = 'tecnico-1';
const OFFICES = ['ufficio-tecnico-mombercelli', 'ufficio-tecnico-agliano'];
const MARKUP = `"'><script>alert(1)</script><%= 7 %>`;
const ESCAPED = '&lt;script&gt;alert(1)&lt;/script&gt;';

let app: RunningApp<ManualClock>;
let cookie: string;
let sheet: string;

beforeAll(async () => {
  app = await startApp({ databaseUrl: await engines[0]!.freshUrl() });
  cookie = await signedIn(app, { role: 'administrator', offices: [], name: `Ada ${MARKUP.replace('1', '2')}` });
  sheet = `/operatore/appuntamenti/${await book()}`;
}, 60_000);
afterAll(() => app?.close());

type Fields = Record<string, string>;

const look = (path: string, as = cookie): Promise<Answer> => app.ask(path, { headers: { cookie: as } });
const send = (path: string, fields: Fields = {}, as = cookie, headers: Fields = {}): Promise<Answer> =>
  app.ask(path, { headers: { cookie: as, ...headers }, body: new URLSearchParams(fields) });

/** An appointment of whoever writes markup wherever they may. */
async function book(): Promise<string> {
  const booked = await app.ask('/api/v1/bookings', {
    headers: { 'idempotency-key': 'markup' },
    body: {
      office_id: 'suap',
      service_id: 'consulenza',
      start: '2027-03-02T09:00:00+01:00',
      mode: 'in_person',
      reason: MARKUP,
      case_number: MARKUP,
      citizen: { given_name: MARKUP, family_name: MARKUP, email: 'anna@example.org' },
    },
  });
  return booked.json<{ reference: string }>().reference;
}

test('Whose names a search or a preview has shown is in the register', async () => {
  const reference = sheet.split('/').at(-1)!;
  const officer = await signedIn(app, { role: 'privacy', offices: [] });
  const closed = await send('/operatore/orari/chiudi', { office: 'suap', from: '2027-03-02', reason: MARKUP });
  for (const path of ['/operatore/cerca?q=%22', String(closed.headers.location), `${sheet}/sposta`]) {
    const entries = async () =>
      (await look(`/operatore/registro/csv?riferimento=${reference}`, officer)).text.split('\r\n').length;
    const before = await entries();
    const { text } = await look(path);
    expect([path, text.includes(ESCAPED), text.includes('<script>alert')]).toEqual([path, true, false]);
    expect([path, await entries()]).toEqual([path, before + 1]);
  }
});

test('What citizens and colleagues write is text on every page', async () => {
  await send('/operatore/persone', { name: MARKUP, email: 'eva@unione.example', role: 'operator', offices: 'suap' });
  await send(`${sheet}/sposta`, { versione: '0', data: '2027-03-02', ora: '20:00', motivo: MARKUP, nota: MARKUP });
  const agenda = '/operatore/agenda?ufficio=suap&giorno=2027-03-02';
  const showing = [sheet, `${sheet}/sposta`, agenda, `${agenda}&vista=settimana`];
  for (const path of [...showing, '/operatore/cerca?q=%22', '/operatore/persone']) {
    const { status, text } = await look(path);
    expect([path, status, text.includes(ESCAPED), text.includes('<script>alert')]).toEqual([path, 200, true, false]);
  }
});

test('A form from another site changes nothing, whoever is signed in', async () => {
  const before = await written();
  const forms: [string, Fields][] = [
    [`${sheet}/annulla`, { versione: '1', nota: 'x' }],
    [`${sheet}/stato`, { versione: '1', stato: 'arrived' }],
    ['/operatore/persone', { name: 'Eva', email: 'e@unione.example', role: 'administrator' }],
    ['/operatore/password/altrove', {}],
    ['/operatore/uscita', {}],
    ['/operatore/calendari/sue-1/indirizzi', {}],
    ['/operatore/calendari/sue-1', { calendario: 'eva@evil.example' }],
  ];
  const foreign: Fields[] = [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site', origin: 'http://localhost' },
    { origin: 'null' },
    { origin: 'http://localhost.evil.example' },
  ];
  for (const [path, fields] of forms)
    for (const headers of foreign) expect((await send(path, fields, cookie, headers)).status).toBe(404);
  expect(await written()).toBe(before);
  expect((await look(sheet)).status).toBe(200);
});

async function written(): Promise<string> {
  const tables = ['bookings', 'history', 'staff', 'sessions', 'feeds', 'authorities'];
  return JSON.stringify(await Promise.all(tables.map((name) => app.app.get(Database).rows(`SELECT * FROM ${name}`))));
}

test.each([
  'https://evil.example/operatore',
  '//evil.example/operatore',
  '/\\evil.example/operatore',
  '/operatore/..//evil.example',
  '/operatore/%2e%2e//evil.example',
  '/\t/evil.example',
  'javascript:alert(1)//operatore',
  'http://here@evil.example/operatore',
  '/operatoreevil',
  '/operatore\r\nset-cookie: a=b',
])('Signing in leads to no other place: %j', async (poi) => {
  const { email } = await employ(app);
  const { status, headers } = await send('/operatore/accesso', { email, password: PASSWORD, poi }, '');
  expect([status, headers.location]).toEqual([303, '/operatore']);
  expect((await look(`/operatore/accesso?${new URLSearchParams({ poi }).toString()}`)).headers.location).toBe(
    '/operatore',
  );
});

describe('A counter that sits at several offices', () => {
  const page = `/operatore/calendari/${SHARED}`;

  test('gives its appointments away to nobody who heads only one of them', async () => {
    const head = await signedIn(app, { role: 'head', offices: OFFICES.slice(0, 1) });
    const before = await written();
    expect((await look('/operatore/calendari', head)).text).not.toContain(page);
    expect((await look(page, head)).status).toBe(404);
    for (const form of ['', '/indirizzi', '/scollega', '/riprendi', '/sincronizza'])
      expect((await send(`${page}${form}`, { calendario: 'eva@evil.example' }, head)).status).toBe(404);
    expect(await written()).toBe(before);
  });

  test('is linked by who heads them all', async () => {
    const head = await signedIn(app, { role: 'head', offices: OFFICES });
    expect((await look('/operatore/calendari', head)).text).toContain(page);
    expect((await send(`${page}/indirizzi`, {}, head)).text).toContain('/calendario/');
  });
});

test('Who has left an office does not read there what they booked', async () => {
  const staff = await signedIn(app, { id: 'leaves', offices: ['sue', 'suap'] });
  const when = { ufficio: 'suap', servizio: 'consulenza', posto: 'suap@2027-03-04T09:00:00+01:00' };
  const form = String((await send('/operatore/nuovo/orario', when, staff)).headers.location);
  await send(form, { given_name: 'Anna', family_name: 'Canarino', email: 'anna@example.org' }, staff);
  expect((await look(form, staff)).text).toContain('Canarino');
  const people = app.app.get(StaffBook);
  await app.app.get(Database).transaction((tx) => people.setRole(tx, 'leaves', 'operator', ['sue'], 1));
  const after = await look(form, staff);
  expect([after.status, after.text.includes('Canarino')]).toEqual([404, false]);
});

test('A strange value is no fault of ours, wherever it stands', async () => {
  const strange = [
    '\u0000',
    '\r\nx: y',
    'à',
    '__proto__',
    '-1',
    '1e999',
    '9999-12-31',
    'suap@+275760-09-13T00:00Z',
    'x'.repeat(1200),
  ];
  const revision = (await app.app.get(Authorities).all())[0]!.revision;
  for (const v of strange) {
    const q = encodeURIComponent(v);
    const forms: [string, Fields][] = [
      [`${sheet}/sposta`, { versione: v, posto: v }],
      [`${sheet}/sposta`, { versione: '1', data: v, ora: v, motivo: 'x' }],
      [`${sheet}/sportello`, { versione: '1', sportello: v }],
      [`${sheet}/stato`, { versione: '1', stato: v }],
      ['/operatore/nuovo/orario', { ufficio: 'suap', servizio: 'consulenza', posto: v, data: v, ora: v }],
      ['/operatore/persone', { name: v, email: v, role: v, offices: v }],
      ['/operatore/orari/chiudi', { office: 'suap', from: v, through: v, reason: v }],
      ['/operatore/orari/uffici/suap', { _aggiungi: v, _bozza: v, _base: v }],
      ['/operatore/orari/uffici/suap', { _togli: v }],
      ['/operatore/decisioni/x', { risposta: v }],
      ['/operatore/password', { prima: v, dopo: v, ancora: v }],
    ];
    const pages = [
      `/operatore/agenda?ufficio=suap&giorno=${q}`,
      `/operatore/cerca?q=${q}`,
      `/operatore/nuovo?ufficio=suap&servizio=consulenza&giorno=${q}&start=${q}&dal=${q}`,
      `${sheet}/sposta?nuovo=${q}&dal=${q}`,
      `/operatore/orari/uffici/suap?bozza=${q}`,
      `/operatore/persone/${q}?errore=${q}`,
    ];
    const answers = await Promise.all([
      ...forms.map(([path, fields]) => send(path, fields)),
      ...pages.map((path) => look(path)),
    ]);
    for (const [i, { status }] of answers.entries())
      expect([v, [...forms, ...pages][i], status < 500]).toEqual([v, [...forms, ...pages][i], true]);
  }
  expect((await app.app.get(Authorities).all())[0]!.revision).toBe(revision);
});

test('Nobody is sent to the OpenID provider without end: each time is written down', async () => {
  const limited = await startApp({ databaseUrl: await engines[0]!.freshUrl(), config: { rateLimits: true } });
  try {
    for (let i = 0; i < 300; i++) expect((await limited.ask('/operatore/oidc')).status).toBe(404);
    expect((await limited.ask('/operatore/oidc?poi=x')).status).toBe(429);
    expect((await limited.ask('/operatore/accesso')).status).toBe(200);
  } finally {
    await limited.close();
  }
});
