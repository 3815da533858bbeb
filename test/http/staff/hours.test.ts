// SPDX-License-Identifier: AGPL-3.0-or-later
import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import type { Browser, Locator, Page } from 'playwright-core';
import { sayProblem } from '../../../src/http/staff/hours/in-italian.ts';
import { readAuthorityFile } from '../../../src/authority-file/read.ts';
import { Authorities } from '../../../src/database/authorities.ts';
import { importAuthority } from '../../../src/front-desk/import-authority.ts';
import type { Authority } from '../../../src/offices/authority.ts';
import { startApp, type Answer, type RunningApp } from '../../kit/app.ts';
import { openBrowser, openPage } from '../../kit/chromium.ts';
import type { ManualClock } from '../../kit/clock.ts';
import { engines } from '../../kit/engines.ts';
import { signedIn } from '../../kit/staff.ts';

const SUAP = '/operatore/orari/uffici/suap';
const CLOSE = '/operatore/orari/chiudi';

let app: RunningApp<ManualClock>;
let head: string;
let administrator: string;
let bookings = 0;

beforeAll(async () => {
  app = await startApp({ databaseUrl: await engines[0]!.freshUrl() });
  head = await signedIn(app, { role: 'head', offices: ['suap'] });
  administrator = await signedIn(app, { role: 'administrator', offices: [] });
}, 60_000);
afterAll(() => app?.close());

const authority = async (): Promise<Authority> => (await app.app.get(Authorities).all())[0]!;
const suap = async () => (await authority()).office('suap')!;
const get = (path: string, cookie = head): Promise<Answer> => app.ask(path, { headers: { cookie } });

/** The fields of a page's form as a browser would send them, with these otherwise and this button pressed. */
async function fields(path: string, cookie: string): Promise<URLSearchParams> {
  const { text } = await get(path, cookie);
  const form = new URLSearchParams();
  const unescape = (t: string) =>
    t
      .replaceAll('&quot;', '"')
      .replaceAll('&#39;', "'")
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&amp;', '&');
  for (const [tag] of text.matchAll(/<input [^>]*>/g)) {
    const of = (name: string) => unescape(new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1] ?? '');
    const isChoice = /type="(checkbox|radio)"/.test(tag);
    if (of('name') && (!isChoice || / checked/.test(tag))) form.append(of('name'), of('value'));
  }
  for (const [, name, inner] of text.matchAll(/<select [^>]*name="([^"]*)"[^>]*>([\s\S]*?)<\/select>/g))
    form.append(name!, /value="([^"]*)" selected/.exec(inner!)?.[1] ?? '');
  for (const [, name, inner] of text.matchAll(/<textarea [^>]*name="([^"]*)"[^>]*>\n?([\s\S]*?)<\/textarea>/g))
    form.append(name!, unescape(inner!));
  return form;
}

const post = (path: string, body: URLSearchParams, cookie = head): Promise<Answer> =>
  app.ask(path.split('?')[0]!, { body, headers: { cookie } });

/** @returns where it leads. */
async function send(path: string, change: Record<string, string>, cookie = head): Promise<string> {
  const form = await fields(path, cookie);
  for (const [name, value] of Object.entries(change)) form.set(name, value);
  const answer = await post(path, form, cookie);
  expect(answer.status).toBe(303);
  return String(answer.headers['location']).split('#')[0]!;
}

/** The preview's button. @returns what the page then says. */
async function apply(preview: string, choices: Record<string, string> = {}, cookie = head): Promise<string> {
  return (await get(await send(preview, choices, cookie), cookie)).text;
}

async function book(start: string): Promise<string> {
  const citizen = { given_name: 'Anna', family_name: 'Ferrero', email: `anna-${bookings++}@example.org` };
  const answer = await app.ask('/api/v1/bookings', {
    body: { office_id: 'suap', service_id: 'consulenza', start, mode: 'in_person', citizen },
    headers: { 'idempotency-key': `k${bookings}` },
  });
  expect(answer.status).toBe(201);
  return answer.json<{ reference: string }>().reference;
}

test('A head sees their own office, an administrator all of them and the file', async () => {
  const mine = (await get('/operatore/orari')).text;
  expect(mine).toContain(SUAP);
  expect(mine).not.toContain('/uffici/sue');
  expect(mine).not.toContain('ente.yaml');
  const all = (await get('/operatore/orari', administrator)).text;
  expect(all).toContain('/uffici/sue');
  expect(all).toContain('href="/operatore/ente.yaml"');
});

test.each([
  ['/operatore/orari/uffici/sue'],
  ['/operatore/orari/uffici/nessuno'],
  ['/operatore/orari/uffici/sue/servizi/titoli-edilizi'],
  ['/operatore/orari/uffici/suap/servizi/nessuno'],
  ['/operatore/orari/sportelli/sindaco'],
  ['/operatore/orari/ente'],
  ['/operatore/ente.yaml'],
])('%s is not there for the head of another office', async (path) => {
  expect((await get(path)).status).toBe(404);
});

test('What a head may not change is refused however it is sent', async () => {
  const everywhere = new URLSearchParams({ office: '*', from: '2027-03-09', through: '', reason: 'Sciopero' });
  const closing = await post(CLOSE, everywhere);
  expect(await get(String(closing.headers['location'])).then((a) => a.text)).toContain('invalid-feedback');
  const elsewhere = new URLSearchParams({ name: 'Mio', 'serves.0.services': 'sue/titoli-edilizi' });
  expect((await post('/operatore/orari/sportelli/nuovo', elsewhere)).status).toBe(404);
  const before = (await authority()).revision;
  expect((await post('/operatore/orari/ente', new URLSearchParams())).status).toBe(404);
  expect((await authority()).revision).toBe(before);
});

test('A form that is sent as it was changes nothing, for every thing that can be edited', async () => {
  const now = await authority();
  const services = now.offices.flatMap((o) => o.services.map((s) => `/operatore/orari/uffici/${o.id}/servizi/${s.id}`));
  const offices = now.offices.map(({ id }) => `/operatore/orari/uffici/${id}`);
  const counters = now.counters.map(({ id }) => `/operatore/orari/sportelli/${id}`);
  for (const path of [...offices, ...services, ...counters, '/operatore/orari/ente']) {
    const preview = await send(path, {}, administrator);
    expect([path, preview]).toEqual([path, expect.stringContaining('/anteprima/')]);
    expect([path, (await get(preview, administrator)).text]).toEqual([
      path,
      expect.stringContaining('Niente: è già così.'),
    ]);
  }
});

test('Hours are changed with their consequences in sight: one stays, one is cancelled with the sentence', async () => {
  const [stays, goes] = [await book('2027-03-02T09:00'), await book('2027-03-02T12:30')];
  const preview = await send(SUAP, { 'opening_hours.0.closes': '12.30' });
  const page = (await get(preview)).text;
  expect(page).toContain('1 appuntamento resta');
  expect(page).toContain(goes);
  expect(page).not.toContain(stays);
  expect(page).toContain('lun, mar, mer, gio, ven · 09:00–13:00');
  expect((await suap()).openingHours[0]!.closes).toBe(780);
  // Nothing decided: nothing done.
  expect(await apply(preview)).toContain('1 da decidere');
  expect((await suap()).openingHours[0]!.closes).toBe(780);
  expect(await apply(preview, { tutti: 'cancel', nota: 'Riunione.' })).toContain('1 appuntamento annullato.');
  expect((await suap()).openingHours[0]!.closes).toBe(750);
  // A second press finds it done.
  expect(await apply(preview, {})).toContain('Salvato');
});

test('A day is closed in two steps, its special opening with it, and a booking moves to a place that is shown', async () => {
  const reference = await book('2027-03-04T09:00');
  const closing = `${CLOSE}?ufficio=suap&giorno=2027-03-04`;
  expect((await get(closing)).text).toMatch(/value="suap" selected/);
  const preview = await send(closing, { reason: 'Trasloco' });
  const page = (await get(preview)).text;
  expect(page).toContain(reference);
  const place = /value="(move:\d+)"/.exec(page)![1]!;
  const id = /name="m\.([\w-]+)"/.exec(page)![1]!;
  expect(await apply(preview, { [`d.${id}`]: place })).toContain('1 appuntamento spostato.');
  expect((await authority()).days.reasonClosed(await suap(), '2027-03-04')).toBe('Trasloco');

  const saturday = await send(CLOSE, { office: 'suap', from: '2027-04-24', reason: 'Lavori' });
  await apply(saturday);
  expect((await suap()).openings).toEqual([]);
});

test('Rows come and go by buttons, and what was typed stays', async () => {
  const longer = await send(SUAP, { _aggiungi: 'closures', address: 'Via Nuova 1' });
  const page = (await get(longer)).text;
  expect(page).toContain('value="Via Nuova 1"');
  const i = (await suap()).closures.length;
  expect(page).toContain(`name="closures.${i}.reason"`);
  const shorter = await send(longer, { _togli: 'opening_hours.0' });
  const left = (await get(shorter)).text;
  expect(left).toContain('value="Via Nuova 1"');
  expect(left.match(/name="opening_hours\.\d\.opens"/g)).toHaveLength((await suap()).openingHours.length - 1);
  expect((await suap()).address).not.toBe('Via Nuova 1');
});

test('What is wrong is said beside its field, in the sentence of the authority file', async () => {
  const wrong = { 'opening_hours.0.opens': '9:02', 'opening_hours.1.closes': '08:00', slot_step: 'un po', email: 'x' };
  const path = await send(SUAP, wrong);
  const page = (await get(path)).text;
  expect(page).toContain('Ci sono 4 cose da correggere');
  expect(page).toContain('value="9:02"');
  expect(page).toMatch(/id="opening_hours-0-opens-errore">Scrivi un orario di cinque in cinque minuti/);
  expect(page).toMatch(
    /id="opening_hours-1-closes-errore">Scrivi un&#39;ora di chiusura dopo|id="opening_hours-1-closes-errore">Scrivi un'ora/,
  );
  expect(page).toMatch(/id="slot_step-errore">Scrivi una durata/);
  const english = await app.ask(`${path}&lingua=en`, { headers: { cookie: head } });
  expect(english.text).toContain('Write a time in steps of five minutes');
  const noDays = new URLSearchParams(await fields(SUAP, head));
  noDays.delete('opening_hours.0.days');
  const refused = await post(SUAP, noDays);
  expect((await get(String(refused.headers['location']))).text).toContain('id="opening_hours-0-days-errore"');
});

test('Two who edit the same office: the second is told, and nothing they typed is lost', async () => {
  const [first, second] = [await fields(SUAP, head), await fields(SUAP, administrator)];
  first.set('phone', '0141 111111');
  await apply(String((await post(SUAP, first)).headers['location']));
  second.set('address', 'Via Seconda 2');
  const told = String((await post(SUAP, second, administrator)).headers['location']);
  expect(told).toContain('bozza=');
  const page = (await get(told, administrator)).text;
  expect(page).toContain('qualcun altro ha cambiato le stesse cose');
  expect(page).toContain('value="Via Seconda 2"');
  expect((await suap()).phone).toBe('0141 111111');
  // Knowing it, they may go on: the preview shows that the telephone changes back.
  const preview = await send(told, {}, administrator);
  expect((await get(preview, administrator)).text).toContain('0141 111111');
  // And who edited another office meanwhile is not in the way.
  const other = await fields('/operatore/orari/uffici/sue', administrator);
  expect(String((await post('/operatore/orari/uffici/sue', other, administrator)).headers['location'])).toContain(
    'anteprima',
  );
});

test('A preview that somebody else overtakes leads back to its form', async () => {
  const preview = await send(SUAP, { address: 'Via Lenta 3' });
  await apply(await send(SUAP, { address: 'Via Svelta 4' }));
  const late = await send(preview, {});
  expect((await get(late)).headers['location']).toContain(SUAP);
  expect((await suap()).address).toBe('Via Svelta 4');
});

test('Every sentence of the authority file is said in Italian too', () => {
  const folder = new URL('../../../src/authority-file/', import.meta.url);
  const sources = ['schema.ts', 'values.ts', 'sentences.ts', 'names.ts'].map((file) =>
    readFileSync(new URL(file, folder), 'utf8'),
  );
  const sentences = sources.flatMap((text) => [
    ...text.matchAll(/['`]((?:Write|This|List|Only|No|The) [^'`\n]*)['`]/g),
  ]);
  expect(sentences.length).toBeGreaterThan(30);
  const english = sentences.map(([, sentence]) => sentence!.replaceAll(/\$\{[^}]*\}/g, '7'));
  const asked = english.filter((sentence) => !/role|host|municipality of|service account/.test(sentence));
  expect(asked.filter((sentence) => sayProblem(sentence, 'it') === sentence)).toEqual([]);
});

test('Who carries the video calls of a service is chosen, an address only where it is always the same', async () => {
  const path = `${SUAP}/servizi/avvio-attivita`;
  const service = async () => (await authority()).service('suap', 'avvio-attivita')!;
  const wrong = await send(path, { video: 'url', video_url: 'http://stanza.example' });
  expect((await get(wrong)).text).toContain('id="video_url-errore">Scrivi un indirizzo che comincia con https://');
  await apply(await send(path, { video: 'url', video_url: 'https://stanza.example/suap' }));
  expect(await service()).toMatchObject({ video: 'url', videoUrl: 'https://stanza.example/suap' });
  expect((await get(path)).text).toContain('value="https://stanza.example/suap"');
  expect((await get('/operatore/orari')).text).not.toContain('non è configurato');

  const preview = await send(path, { video: 'whereby' });
  expect((await get(preview)).text).toContain('con Whereby');
  await apply(preview);
  expect(await service()).toMatchObject({ video: 'whereby' });
  expect((await service()).videoUrl).toBeUndefined();
  expect((await get('/operatore/orari')).text).toContain('Whereby non è configurato');

  const file = (await get('/operatore/ente.yaml', administrator)).text;
  expect(file).toContain('video: whereby');
  const authorities = app.app.get(Authorities);
  const warned = 'warning: video whereby is not set up here (docs/video.md), so its calls are held in our own room';
  expect(await importAuthority(authorities, file)).toEqual(['nothing changed', warned]);
  expect(await importAuthority(authorities, file, { whereby: { key: 'k' } })).toEqual(['nothing changed']);
  await apply(await send(path, { video: 'builtin' }));
});

test('A draft is nobody else’s', async () => {
  const preview = await send(SUAP, { address: 'Via Privata 5' });
  expect((await get(preview, administrator)).headers['location']).toBe('/operatore/orari?scaduto=1');
});

test('A service is added, asked about, given to a counter, and taken away again', async () => {
  const path = `${SUAP}/servizi/nuovo`;
  const row = await send(path, { name: 'Rilascio di copie', duration: '20 minuti', _aggiungi: 'fields' });
  const preview = await send(row, {
    'fields.0.label': 'Numero dell’atto',
    'fields.0.type': 'choice',
    'fields.0.options': 'Uno\nDue',
    reminders: '1 giorno e 2 ore',
    'limits.per_person': '2',
    'limits.per': '7 giorni',
  });
  await apply(preview);
  const made = (await authority()).service('suap', 'rilascio-di-copie')!;
  expect(made).toMatchObject({
    duration: 20,
    modes: ['in_person'],
    limits: { perPerson: 2, per: { days: 7, minutes: 0 } },
    reminders: [{ days: 1, minutes: 120 }],
    fields: [{ id: 'numero_dell_atto', type: 'choice', options: ['Uno', 'Due'], required: false }],
  });
  expect((await get('/operatore/orari')).text).toContain('nessuno sportello lo offre');

  const counter = '/operatore/orari/sportelli/nuovo';
  const form = await fields(counter, head);
  form.set('name', 'Archivio');
  form.append('serves.0.services', 'suap/rilascio-di-copie');
  form.append('serves.0.days', 'wed');
  form.set('staff', 'Ada Rossi');
  const nobody = await get(String((await post(counter, form)).headers['location']));
  expect(nobody.text).toContain('id="staff-errore">Scrivi un indirizzo email');
  form.set('staff', 'Ada@Unione.example');
  await apply(String((await post(counter, form)).headers['location']));
  const { serves, staff } = (await authority()).counters.find(({ id }) => id === 'archivio')!;
  expect(staff).toBe('ada@unione.example');
  expect(serves).toEqual([{ office: 'suap', services: ['rilascio-di-copie'], days: ['wed'] }]);

  const removal = await send(`${SUAP}/servizi/rilascio-di-copie`, { _elimina: '1' });
  expect((await get(removal)).text).toContain('Il servizio «Rilascio di copie» non si prenota più.');
  await apply(removal);
  expect((await authority()).service('suap', 'rilascio-di-copie')).toBeUndefined();
  expect((await authority()).counters.find(({ id }) => id === 'archivio')!.serves).toEqual([]);
  await apply(await send('/operatore/orari/sportelli/archivio', { _elimina: '1' }, administrator), {}, administrator);
  expect((await authority()).counters.find(({ id }) => id === 'archivio')!.retired).toBe(true);
});

test('The administrator closes every office and moves a patron saint; the file that comes out is the same authority', async () => {
  const row = await send('/operatore/orari/ente', { _aggiungi: 'closures' }, administrator);
  const i = (await authority()).definition.closures.length;
  const day = {
    [`closures.${i}.from`]: '2027-06-03',
    [`closures.${i}.through`]: '2027-06-04',
    [`closures.${i}.reason`]: 'Ponte',
  };
  await apply(
    await send(row, { ...day, 'municipalities.0.patron_saint.date': '4/5' }, administrator),
    {},
    administrator,
  );
  const now = await authority();
  expect(now.definition.closures.at(-1)).toEqual({ from: '2027-06-03', through: '2027-06-04', reason: 'Ponte' });
  expect(now.definition.municipalities[0]!.patronSaint!.date).toBe('05-04');
  const file = await get('/operatore/ente.yaml', administrator);
  expect(file.headers['content-disposition']).toContain(`${now.id}.yaml`);
  expect(readAuthorityFile(file.text).offices).toEqual(now.offices);
});

describe('In a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    await app.listen();
    browser = await openBrowser();
  }, 60_000);
  afterAll(() => browser?.close());

  const press = (target: Locator): Promise<unknown> =>
    Promise.all([target.page().waitForEvent('load'), target.click()]);
  const clean = async (page: Page): Promise<void> => {
    const { violations } = await new AxeBuilder({ page })
      .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'])
      .analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html.slice(0, 200))])).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth > innerWidth')).toBe(false);
  };

  test('every page of an edit fits a small telephone, and axe finds nothing', async () => {
    const width = 320;
    const reference = await book('2027-03-09T09:00');
    const { page } = await openPage(browser, { width, javaScript: true });
    const [name = '', value = ''] = head.split('=');
    await page.context().addCookies([{ name, value, url: app.url }]);
    for (const path of [
      '/operatore/orari',
      SUAP,
      `${SUAP}/servizi/avvio-attivita`,
      '/operatore/orari/sportelli/suap-1',
    ]) {
      await page.goto(app.url + path);
      await clean(page);
    }
    await page.goto(`${app.url}${CLOSE}?ufficio=suap&giorno=2027-03-09`);
    await press(page.getByRole('button', { name: 'Guarda che cosa cambia' }).last());
    await clean(page);
    expect(await page.locator('.invalid-feedback').count()).toBe(1);
    await page.getByLabel('Perché').fill('Sciopero');
    await press(page.getByRole('button', { name: 'Guarda che cosa cambia' }).last());
    await clean(page);
    expect(await page.getByRole('link', { name: reference }).count()).toBe(1);
    await page.getByLabel('Tieni com').first().check();
    await press(page.getByRole('button', { name: 'Chiudi e sistema gli appuntamenti' }));
    await clean(page);
    expect(await page.locator('h1').textContent()).toContain('Salvato');
  });
});
