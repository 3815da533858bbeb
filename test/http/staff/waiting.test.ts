// SPDX-License-Identifier: AGPL-3.0-or-later
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { AxeBuilder } from '@axe-core/playwright';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import type { Booking } from '../../../src/bookings/booking.ts';
import { AccessLog } from '../../../src/database/staff/access-log.ts';
import { Database } from '../../../src/database/engine/database.ts';
import { PushSubscriptions } from '../../../src/database/reception/push-subscriptions.ts';
import { Registers } from '../../../src/database/registers.ts';
import { BookingDesk } from '../../../src/front-desk/booking-desk.ts';
import { OpeningDesk } from '../../../src/front-desk/reception/opening-desk.ts';
import { WaitingDesk } from '../../../src/front-desk/reception/waiting-desk.ts';
import type { Authority } from '../../../src/offices/authority.ts';
import { SystemClock } from '../../../src/time/clock.ts';
import type { Arrival } from '../../../src/waiting-room/arrival.ts';
import { startApp, type Answer, type RunningApp } from '../../kit/app.ts';
import { openBrowser, openPage, picture, type View } from '../../kit/chromium.ts';
import type { ManualClock } from '../../kit/clock.ts';
import { at } from '../../kit/desks.ts';
import { engines } from '../../kit/engines.ts';
import { newFolder } from '../../kit/folder.ts';
import { PushService } from '../../kit/push-service.ts';
import { signedIn } from '../../kit/staff.ts';

const office = (id: string, name: string, more = ''): string => `
  - id: ${id}
    name: ${name}
    municipality: prova
    address: Via Roma 1
    slot_step: PT30M
    opening_hours: [{ days: [mon, tue, wed, thu, fri], opens: "09:00", closes: "13:00" }]
    services: [{ id: ${id}-base, name: Consulenza, duration: PT30M, modes: [video, in_person] }${more}]`;

const TOWN = `
authority: { id: comune, name: Comune di Prova, time_zone: Europe/Rome, hosts: [localhost, 127.0.0.1], email: posta@comune.example }
municipalities: [{ id: prova, name: Prova }]
offices:${office('suap', 'Sportello Imprese', ', { id: altrui, name: Con altri, duration: PT30M, modes: [video], video: { url: "https://video.example/stanza" } }')}${office('tributi', 'Ufficio Tributi')}
  - { id: archivio, name: Archivio, municipality: prova, address: Via Roma 2, slot_step: PT30M, opening_hours: [{ days: [mon], opens: "09:00", closes: "13:00" }], reception_hours: [], services: [] }
counters:
  - { id: uno, name: Uno, serves: [{ office: suap, services: [suap-base, altrui] }], google_calendar: null }
  - { id: due, name: Due, serves: [{ office: tributi, services: [tributi-base] }], google_calendar: null }
`;

const NOON = '2027-03-02T10:00:00+01:00';
const START = at('2027-03-02T10:00');
const QUEUE = '/operatore/attesa';
const SANDRA = { id: 'sandra', name: 'Sandra Verdi' };

const townFile = (): string => {
  const file = join(newFolder('town'), 'town.yaml');
  writeFileSync(file, TOWN);
  return file;
};

/** What the tests do as citizens. */
function citizensOf({ app }: Pick<RunningApp, 'app'>, authority: () => Authority) {
  let made = 0;
  const desk = () => app.get(WaitingDesk);
  return {
    async knock(name = 'Ada Neri', officeId = 'suap', reason: string | null = null): Promise<Arrival> {
      const said = { name, reason, language: 'it' as const };
      return (await desk().knock(authority(), authority().office(officeId)!, said)).arrival;
    },
    book(start = START, serviceId = 'suap-base', familyName = 'Rossi'): Promise<Booking> {
      const n = made++;
      const citizen = { givenName: 'Anna', familyName, email: `anna-${n}@example.org`, phone: null };
      const asked = { reason: 'Bar nuovo', fields: {}, caseNumber: null, language: 'it' as const };
      const request = { officeId: 'suap', serviceId, start, mode: 'video' as const, citizen, ...asked };
      return app.get(BookingDesk).book(authority(), request, { caller: 'test', key: `key ${n}`, bodyHash: 'body' });
    },
    arrive: (booking: Booking) => desk().arrive(authority(), booking),
    say: (arrival: Arrival, line: string) => desk().say(arrival, line),
    callBack: (arrival: Arrival, phone: string) => desk().callBack(arrival, phone),
  };
}

describe.each(engines)('In the waiting room of the staff on $name', (engine) => {
  let app: RunningApp<ManualClock>;
  let authority: Authority;
  let citizens: ReturnType<typeof citizensOf>;
  let mario: string;
  let sandra: string;

  beforeAll(async () => {
    app = await startApp({ databaseUrl: await engine.freshUrl(), authorityFile: townFile() });
    authority = (await app.app.get(Registers).authorities.find('comune'))!;
    citizens = citizensOf(app, () => authority);
    app.clock.set(NOON);
    mario = await signedIn(app, { name: 'Mario Bianchi', offices: ['suap'] });
    sandra = await signedIn(app, { name: 'Sandra Verdi', offices: ['suap', 'tributi'] });
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    app.clock.set(NOON);
    for (const table of ['arrivals', 'doors', 'claims', 'bookings', 'guards'])
      await app.app.get(Database).run(`DELETE FROM ${table}`);
  });

  const see = (cookie = mario, path = QUEUE) => app.ask(path, { headers: { cookie } });
  const send = (path: string, form: Record<string, string> = {}, cookie = mario, accept = 'text/html') =>
    app.ask(`${QUEUE}/${path}`, {
      headers: { cookie, accept, 'sec-fetch-site': 'same-origin' },
      body: new URLSearchParams(form),
    });
  const current = async ({ id }: Arrival) => (await app.app.get(OpeningDesk).find(authority, id))!;
  const statusOf = async (arrival: Arrival) => (await current(arrival)).status;
  const goesTo = ({ status, headers }: Answer) => [status, headers['location']];
  const noted = async (reference: string) => {
    const question = { from: 0, until: Number.MAX_SAFE_INTEGER, reference };
    return (await app.app.get(AccessLog).find('comune', question, 20)).map(({ what, about }) => [what, about['act']]);
  };
  const order = (text: string) => [...text.matchAll(/<h3>([^<]+)</g)].map(([, name]) => name!.trim());

  test('It shows who is there in turn, with all they said, and counts them in the menu of every page', async () => {
    const booking = await citizens.book();
    const first = await citizens.knock('Ada <b>Neri</b>', 'suap', 'Un bar nuovo');
    app.clock.advance(1000);
    await citizens.knock('Bruno Gallo');
    await citizens.arrive(booking);
    await citizens.say(first, 'Sono con mio figlio');
    await citizens.knock('Carla dei Tributi', 'tributi');
    app.clock.advance(10_000);
    const { text, headers } = await see();
    expect(headers['cache-control']).toBe('no-store');
    expect(text).toContain('<title>(3) Sala d&#39;attesa');
    expect(order(text)).toEqual(['Anna Rossi', 'Ada &lt;b&gt;Neri&lt;/b&gt;', 'Bruno Gallo', 'Sportello Imprese']);
    for (const said of ['Appuntamento delle 10:00, Consulenza', '«Un bar nuovo»', '«Sono con mio figlio»', 'numero 1'])
      expect(text).toContain(said);
    expect(text).not.toContain('Carla');
    expect((await see(sandra)).text).toContain('Carla dei Tributi');
    expect((await see(mario, '/operatore/agenda')).text).toContain('3 in attesa');
    expect((await see(sandra, '/operatore/nuovo')).text).toContain('4 in attesa');
  });

  test('Whoever opens gets them, and the other hears who did, on a page or as a problem', async () => {
    const waiting = await citizens.knock();
    expect(goesTo(await send(`${waiting.id}/apri`))).toEqual([303, `${QUEUE}/${waiting.id}/stanza`]);
    expect(await current(waiting)).toMatchObject({ status: 'called', staffName: 'Mario Bianchi' });
    const late = await send(`${waiting.id}/apri`, {}, sandra);
    expect(late.status).toBe(409);
    expect(late.text).toContain('role="alert" id="errori" tabindex="-1" autofocus>Ha aperto Mario Bianchi.');
    expect(late.text).toContain('Entra anche tu');
    const program = await send(`${waiting.id}/apri`, {}, sandra, 'application/json');
    expect([program.status, program.headers['content-type']]).toEqual([409, 'application/problem+json; charset=utf-8']);
    expect(program.json()).toMatchObject({ type: expect.stringMatching(/\/taken-over$/), said: 'Mario Bianchi' });
    expect(goesTo(await send(`${waiting.id}/apri`))).toEqual([303, `${QUEUE}/${waiting.id}/stanza`]);
    expect((await see()).text).toContain(`href="${QUEUE}/${waiting.id}/stanza"`);
  });

  test('Two who press at once, twenty times: always one in, and one who reads the name', async () => {
    for (let i = 0; i < 20; i++) {
      const waiting = await citizens.knock();
      const answers = await Promise.all([send(`${waiting.id}/apri`), send(`${waiting.id}/apri`, {}, sandra)]);
      expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([303, 409]);
      const { staffName } = await current(waiting);
      expect(answers.find(({ status }) => status === 409)!.text).toContain(`Ha aperto ${staffName}.`);
      await app.app.get(Database).run('DELETE FROM arrivals');
    }
  });

  test('Hold, recall, hand over, write and close do what they say', async () => {
    const waiting = await citizens.knock();
    await send(`${waiting.id}/apri`);
    expect(goesTo(await send(`${waiting.id}/sospendi`))).toEqual([303, `${QUEUE}?fatto=sospesa`]);
    expect((await see()).text).toContain('Aspetta un momento, per Mario Bianchi');
    expect(goesTo(await send(`${waiting.id}/richiama`, {}, sandra))).toEqual([303, `${QUEUE}/${waiting.id}/stanza`]);
    expect((await send(`${waiting.id}/chiudi`)).text).toContain('Ha aperto Sandra Verdi.');
    expect(goesTo(await send(`${waiting.id}/scrivi`, { riga: ' Arrivo <subito> ' }))).toEqual([
      303,
      `${QUEUE}?fatto=scritta`,
    ]);
    expect((await current(waiting)).told).toBe('Arrivo <subito>');
    expect((await see()).text).toContain('«Arrivo &lt;subito&gt;»');
    const handed = await send(`${waiting.id}/passa`, { ufficio: 'tributi' }, sandra);
    expect(goesTo(handed)).toEqual([303, `${QUEUE}?fatto=passata`]);
    expect((await see()).text).not.toContain('Ada Neri');
    expect((await see(sandra)).text).toContain('Arriva da: Sportello Imprese');
    expect((await send(`${waiting.id}/apri`)).status).toBe(404);
    expect(goesTo(await send(`${waiting.id}/chiudi`, {}, sandra))).toEqual([303, `${QUEUE}?fatto=chiusa`]);
    expect(await current(waiting)).toMatchObject({ status: 'closed', staffId: null, staffName: null });
    expect((await see(sandra)).text).not.toContain('Ada Neri');
  });

  test('A line that is none, or an office that never receives, is told and nothing typed is lost', async () => {
    const waiting = await citizens.knock();
    const long = await send(`${waiting.id}/scrivi`, { riga: 'x'.repeat(201) });
    expect([long.status, long.text.includes(`value="${'x'.repeat(201)}"`)]).toEqual([422, true]);
    expect(long.text).toContain('Controlla quello che hai scritto');
    for (const ufficio of ['archivio', 'suap', 'altrove', ''])
      expect((await send(`${waiting.id}/passa`, { ufficio })).status).toBe(422);
    expect((await see()).text).not.toContain('<option value="archivio"');
    expect(await statusOf(waiting)).toBe('waiting');
    expect(await see(mario, `${QUEUE}?fatto=altro`)).toMatchObject({ status: 200 });
  });

  test('Who shows no sign of life is marked as gone and cannot be let in', async () => {
    const waiting = await citizens.knock();
    app.clock.advance(30_000);
    const { text } = await see();
    expect(text).toContain('Non c&#39;è più');
    expect(text).not.toContain(`${waiting.id}/apri`);
    expect(text).toContain('<title>Sala d&#39;attesa');
    const late = await send(`${waiting.id}/apri`);
    expect(late.status).toBe(409);
    expect(late.text).toContain('Nel frattempo è cambiato');
    expect(goesTo(await send(`${waiting.id}/chiudi`))).toEqual([303, `${QUEUE}?fatto=chiusa`]);
    expect((await see()).text).not.toContain('Ada Neri');
  });

  test('Who would rather be telephoned has a number to press, and a way to be ticked off', async () => {
    const waiting = await citizens.knock();
    await citizens.callBack(waiting, '+39 0141 123456');
    app.clock.advance(120_000);
    const { text } = await see();
    expect(text).toContain('Da richiamare');
    expect(text).toContain('href="tel:+390141123456"');
    expect(goesTo(await send(`${waiting.id}/chiudi`))[0]).toBe(303);
    expect(await statusOf(waiting)).toBe('closed');
  });

  test('An appointment in the waiting room stands in the agenda and on its sheet, and its reading in the register', async () => {
    const booking = await citizens.book();
    const sheet = `/operatore/appuntamenti/${booking.reference}`;
    expect((await see(mario, sheet)).text).not.toContain('sala d&#39;attesa');
    const arrival = await citizens.arrive(booking);
    expect((await see(mario, sheet)).text).toContain(`<a class="btn btn-primary" href="${QUEUE}">`);
    expect((await see(mario, '/operatore/agenda?giorno=2027-03-02')).text).toContain('È in sala d&#39;attesa');
    await see();
    await see();
    await send(`${arrival.id}/apri`);
    await send(`${arrival.id}/chiudi`);
    expect((await app.app.get(Registers).books.byId(booking.id))!.status).toBe('done');
    expect((await noted(booking.reference)).filter(([what]) => what !== 'sheet')).toEqual([
      ['change', 'chiudi'],
      ['change', 'apri'],
      ['waiting-room', undefined],
    ]);
    expect((await see(mario, sheet)).text).not.toContain('Vai alla sala');
  });

  test('Where another provider carries the call our own room can be chosen instead', async () => {
    const arrival = await citizens.arrive(await citizens.book(START, 'altrui'));
    const { text } = await see();
    expect(text).toContain(`${arrival.id}/stanza-nostra`);
    expect(text).not.toContain('video.example');
    expect(goesTo(await send(`${arrival.id}/stanza-nostra`))).toEqual([303, `${QUEUE}?fatto=nostra`]);
    expect((await current(arrival)).ownRoom).toBe(1);
    expect((await see()).text).not.toContain('stanza-nostra');
  });

  test('A door is paused with a sentence, ready or one’s own, and opened again', async () => {
    const page = (await see()).text;
    expect([...page.matchAll(/name="pronta" value="([^"]+)"/g)].map(([, sentence]) => sentence)).toEqual([
      'Torno alle 10:15',
      'Torno fra pochi minuti',
      'Oggi riceviamo solo su appuntamento',
    ]);
    const pause = (frase: string, more: Record<string, string> = {}) =>
      send('porta', { ufficio: 'suap', frase, ...more });
    expect(goesTo(await pause('', { pronta: 'Torno alle 10:15' }))).toEqual([303, `${QUEUE}?fatto=pausa`]);
    const paused = (await see()).text;
    expect(paused).toContain('«Torno alle 10:15»');
    await expect(citizens.knock()).rejects.toMatchObject({ reason: 'door-paused', more: { said: 'Torno alle 10:15' } });
    expect(goesTo(await pause('', { riprendi: '1' }))).toEqual([303, `${QUEUE}?fatto=ripresa`]);
    expect((await citizens.knock()).number).toBe(1);
    const empty = await pause('  ');
    expect([empty.status, empty.text.includes('Controlla quello che hai scritto')]).toEqual([422, true]);
    expect((await pause('<i>Corso</i>')).status).toBe(303);
    expect((await see()).text).toContain('«&lt;i&gt;Corso&lt;/i&gt;»');
    app.clock.set('2027-03-02T13:00:00+01:00');
    const returned = await signedIn(app, { offices: ['suap'] });
    const closed = await send('porta', { ufficio: 'suap', frase: 'Torno' }, returned);
    expect([closed.status, closed.text.includes('La porta è già chiusa')]).toEqual([409, true]);
    expect((await send('porta', { ufficio: 'tributi', frase: 'Torno' }, returned)).status).toBe(404);
  });

  test('Who is not of the office sees nobody and does nothing, as if nobody were there', async () => {
    const waiting = await citizens.knock();
    const other = await signedIn(app, { offices: ['tributi'] });
    const privacy = await signedIn(app, { role: 'privacy', offices: [] });
    const acts = ['apri', 'sospendi', 'richiama', 'passa', 'scrivi', 'chiudi', 'stanza-nostra'];
    expect((await see(other)).text).not.toContain('Ada Neri');
    expect((await see(privacy)).status).toBe(404);
    for (const cookie of [other, privacy, ''])
      for (const act of acts) {
        const answers = [await send(`${waiting.id}/${act}`, { riga: 'x' }, cookie)];
        answers.push(await send(`${waiting.id.replace(/.$/, 'z')}/${act}`, { riga: 'x' }, cookie));
        expect(answers.map(({ status }) => status)).toEqual([404, 404]);
        expect(answers[0]!.text.replaceAll(waiting.id, '')).toBe(
          answers[1]!.text.replaceAll(waiting.id.replace(/.$/, 'z'), ''),
        );
      }
    expect(await current(waiting)).toEqual(waiting);
    const nobody = await signedIn(app, { offices: [] });
    expect((await see(nobody)).text).toContain('Non hai ancora un ufficio');
  });

  test('A browser subscribes at a push service, and only there; its owner sees it and takes it away', async () => {
    const service = await PushService.start('unused');
    const { p256dh, auth } = service.subscribe();
    await service.stop();
    const subscribe = (endpoint: string, cookie = mario, keys: object = {}) =>
      send('avvisi', { endpoint, p256dh, auth, ...keys }, cookie);
    const well = `https://fcm.googleapis.com/fcm/send/${randomBytes(8).toString('hex')}`;
    expect(goesTo(await subscribe(well))).toEqual([303, `${QUEUE}?fatto=avvisi`]);
    for (const endpoint of ['http://fcm.googleapis.com/x', 'https://127.0.0.1/x', 'https://evil.example/x', ''])
      expect((await subscribe(endpoint)).status).toBe(422);
    expect((await subscribe(`${well}x`, mario, { auth: 'kurz' })).status).toBe(422);
    const privacy = await signedIn(app, { role: 'privacy', offices: [] });
    expect([(await subscribe(well, privacy)).status, (await subscribe(well, '')).status]).toEqual([404, 404]);
    const page = (await see()).text;
    expect(page).toContain('Chrome, dal giorno martedì 2 marzo');
    expect((await see(sandra)).text).not.toContain('Browser che ti avvisano');
    const [, id = ''] = /data-browser="(\w{64})"/.exec(page)!;
    await send('avvisi/togli', { id }, sandra);
    expect((await see()).text).toContain(id);
    expect(goesTo(await send('avvisi/togli', { id }))).toEqual([303, `${QUEUE}?fatto=avvisi-tolti`]);
    expect((await see()).text).not.toContain(id);
    expect(await app.app.get(PushSubscriptions).subscribers('comune')).toEqual([]);
    const worker = await app.ask('/operatore/avvisi.js');
    expect([worker.status, worker.headers['content-type'], worker.headers['cache-control']]).toEqual([
      200,
      'text/javascript; charset=utf-8',
      'no-cache',
    ]);
    expect(worker.text).toContain('showNotification');
  });
});

describe('In a browser the waiting room', () => {
  let app: RunningApp<SystemClock>;
  let authority: Authority;
  let citizens: ReturnType<typeof citizensOf>;
  let browser: Browser;
  const opened: { page: Page; errors: string[] }[] = [];

  beforeAll(async () => {
    const clock = new SystemClock(Date.parse(NOON) - 2 * 60_000);
    app = await startApp({ databaseUrl: await engines[0]!.freshUrl(), authorityFile: townFile(), clock });
    authority = (await app.app.get(Registers).authorities.find('comune'))!;
    citizens = citizensOf(app, () => authority);
    await app.listen();
    browser = await openBrowser();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await app?.close();
  });
  beforeEach(async () => {
    for (const table of ['arrivals', 'doors', 'claims', 'bookings', 'guards'])
      await app.app.get(Database).run(`DELETE FROM ${table}`);
  });

  const DESK: View = { width: 1280, javaScript: true };

  async function open(view: View = DESK, name = 'Mario Bianchi', ...scripts: string[]): Promise<Page> {
    const visit = await openPage(browser, view);
    opened.push(visit);
    const [key = '', value = ''] = (await signedIn(app, { name, offices: ['suap', 'tributi'] })).split('=');
    await visit.page.context().addCookies([{ name: key, value, url: app.url }]);
    for (const script of scripts) await visit.page.addInitScript(script);
    await visit.page.goto(app.url + QUEUE);
    return visit.page;
  }
  /** A page that has its live connection hears of what happens, and does not wait to ask. */
  const whenLive = (page: Page) => page.waitForResponse((answer) => answer.url().endsWith('/biglietto'));

  async function openLive(name?: string, ...scripts: string[]): Promise<Page> {
    const page = await open(DESK, name, ...scripts);
    await page.reload();
    await whenLive(page);
    return page;
  }
  /** Asked again and again, for the page's own policy lets nobody evaluate text in it. */
  async function becomes(page: Page, expression: string): Promise<void> {
    while (!(await page.evaluate(expression))) await wait(50);
  }
  const line = (page: Page, name: string) => page.getByRole('listitem').filter({ hasText: name });
  const LOOK = `(() => ({
    wide: document.documentElement.scrollWidth > document.documentElement.clientWidth,
    small: [...document.querySelectorAll('main a, main button, main input, main select, main summary')]
      .filter((e) => e.checkVisibility() && e.getBoundingClientRect().height < 43.5)
      .map((e) => e.outerHTML.slice(0, 120)),
  }))()`;
  async function hindersNobody(page: Page): Promise<void> {
    const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
    expect(violations.map((v) => `${v.id}: ${v.nodes[0]?.html}`)).toEqual([]);
    expect(await page.evaluate(LOOK)).toEqual({ wide: false, small: [] });
  }

  /** Somebody of every kind. */
  async function fill(): Promise<void> {
    const booking = await citizens.book(START, 'altrui');
    const [inside, held, called] = [
      await citizens.knock('Elena Conti'),
      await citizens.knock('Luca Gallo'),
      await citizens.knock('Paola Musso'),
    ];
    const desk = app.app.get(OpeningDesk);
    await desk.open(authority, inside, SANDRA);
    await desk.hold(await desk.open(authority, held, SANDRA), SANDRA);
    await citizens.callBack(called, '+39 0141 123456');
    const first = await citizens.knock(
      'Giovanni Bianco',
      'suap',
      'Vorrei aprire un bar in piazza e non so da dove cominciare',
    );
    await citizens.say(first, 'Ho con me la planimetria');
    await citizens.knock('Chiara Rinaldi-Castelli', 'tributi');
    await citizens.arrive(booking);
    await app.app.get(Database).run('UPDATE arrivals SET arrived_at = arrived_at - 200000');
  }

  test.each([360, 1280])('At %i px hinders nobody, whoever is there', async (width) => {
    await fill();
    const page = await open({ width, javaScript: true });
    await picture(page, `operatore-attesa-${width}`, width < 600);
    await hindersNobody(page);
    for (const summary of await page.locator('main summary').all()) await summary.click();
    await hindersNobody(page);
  });

  test('Who presses too late reads who was faster, there where the eyes and the screen reader are', async () => {
    const waiting = await citizens.knock('Giovanni Bianco');
    const page = await open();
    // A page that has not heard yet.
    await page.route(`**${QUEUE}`, (route) =>
      route.request().resourceType() === 'fetch' ? route.abort() : route.continue(),
    );
    await app.app.get(OpeningDesk).open(authority, waiting, SANDRA);
    await page.getByRole('button', { name: /^Apri la porta/ }).click();
    await page.getByRole('alert').getByText('Ha aperto Sandra Verdi.').waitFor();
    await page.waitForURL(`**${QUEUE}`);
    expect(await page.evaluate('document.activeElement.id')).toBe('errori');
    await hindersNobody(page);
    await page.close();
    opened.at(-1)!.errors.length = 0; // the 409 itself, and what was kept from it
  });

  test('Without JavaScript it does the same, and looks again by itself', async () => {
    const waiting = await citizens.knock('Giovanni Bianco');
    const page = await open({ width: 360, javaScript: false });
    expect(await page.content()).toContain(`<meta http-equiv="refresh" content="15;url=${QUEUE}">`);
    await page.getByText('Scrivi').first().click();
    await page.getByLabel('Una riga per chi aspetta').fill('Arrivo');
    await page.getByRole('button', { name: 'Manda' }).click();
    await page.getByText('La tua riga è arrivata.').waitFor();
    await page.getByRole('button', { name: /^Apri la porta/ }).click();
    await page.waitForURL(`**${QUEUE}/${waiting.id}/stanza`);
    expect(await app.app.get(OpeningDesk).find(authority, waiting.id)).toMatchObject({
      status: 'called',
      told: 'Arrivo',
    });
  });

  /** Counts the notes that are really played. */
  const EARS = `const start = OscillatorNode.prototype.start; window.notes = 0;
    OscillatorNode.prototype.start = function (...when) { window.notes++; return start.apply(this, when); };`;
  const AWAY = 'document.hasFocus = () => window.looked ?? false';

  test('A knock is there by itself: in the list, the title, the menu, the ears, and said aloud', async () => {
    const page = await openLive('Mario Bianchi', EARS, AWAY);
    const sound = page.getByRole('button', { name: 'Suono spento' });
    await sound.click();
    await page.getByRole('button', { name: 'Suono acceso', pressed: true }).waitFor();
    await becomes(page, 'notes === 2');
    await citizens.knock('Ada Neri');
    await line(page, 'Ada Neri').waitFor();
    expect(await page.locator('[data-announce]').textContent()).toBe('Ada Neri bussa: Sportello Imprese');
    await becomes(page, 'notes >= 4');
    await becomes(page, 'document.title.startsWith("(1) ")');
    await becomes(page, 'document.title.startsWith("Ada Neri bussa")');
    expect(await page.locator('.staff-menu').textContent()).toContain('1 in attesa');
    await page.evaluate('window.looked = true; window.dispatchEvent(new Event("focus"))');
    expect(await page.title()).toMatch(/^\(1\) Sala d'attesa/);
    await page.reload();
    await page.getByRole('button', { name: 'Suono acceso', pressed: true }).click();
    await page.getByRole('button', { name: 'Suono spento', pressed: false }).waitFor();
  });

  test('What one clerk does the other sees at once, with the name; what was being typed stays', async () => {
    const waiting = await citizens.knock('Ada Neri');
    const [mario, sandra] = [await openLive(), await openLive('Sandra Verdi')];
    const row = line(mario, 'Ada Neri');
    await row.getByText('Scrivi').first().click();
    await row.getByLabel('Una riga per chi aspetta').fill('Un momento e');
    await citizens.knock('Bruno Gallo');
    await line(mario, 'Bruno Gallo').waitFor();
    expect(await row.getByLabel('Una riga per chi aspetta').inputValue()).toBe('Un momento e');
    expect(await mario.evaluate('document.activeElement.name')).toBe('riga');
    await app.app.get(OpeningDesk).open(authority, waiting, SANDRA);
    await row.getByText('Ha aperto Sandra Verdi').waitFor();
    await sandra.getByText('Metti in pausa').first().click();
    await sandra.getByRole('button', { name: 'Torno fra pochi minuti' }).first().click();
    await sandra.getByRole('status').getByText('La porta è in pausa').waitFor();
    await mario.getByText('«Torno fra pochi minuti»').waitFor();
    await sandra.getByRole('button', { name: /^Riapri la porta/ }).click();
    await mario.getByText('«Torno fra pochi minuti»').waitFor({ state: 'detached' });
  });

  test('By keyboard alone one opens the door, and whoever comes late stays where the focus was', async () => {
    const waiting = await citizens.knock('Ada Neri');
    const page = await openLive();
    for (let i = 0; i < 40 && !(await page.evaluate('document.activeElement.id.startsWith("apri-")')); i++)
      await page.keyboard.press('Tab');
    await citizens.knock('Bruno Gallo');
    await line(page, 'Bruno Gallo').waitFor();
    expect(await page.evaluate('document.activeElement.id')).toBe(`apri-${waiting.id}`);
    await page.keyboard.press('Enter');
    await page.waitForURL(`**${QUEUE}/${waiting.id}/stanza`);
    expect((await app.app.get(OpeningDesk).find(authority, waiting.id))!.status).toBe('called');
  });

  test('A push shows a notice while the page is closed, and pressing for it without a permission says what to do', async () => {
    const page = await open();
    await page.context().grantPermissions(['notifications'], { origin: app.url });
    const devTools = await page.context().newCDPSession(page);
    const registered = new Promise<string>((resolve) => {
      devTools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
        const [registration] = registrations;
        if (registration) resolve(registration.registrationId);
      });
    });
    await devTools.send('ServiceWorker.enable');
    await page.evaluate(
      `navigator.serviceWorker.register('/operatore/avvisi.js', { scope: '/operatore/' }).then(() => navigator.serviceWorker.ready).then(() => true)`,
    );
    const data = JSON.stringify({ title: 'Qualcuno bussa', body: 'Apri', tag: 'suap', url: QUEUE });
    const push = { origin: app.url, registrationId: await registered, data };
    const isShown = `navigator.serviceWorker.ready.then((r) => r.getNotifications()).then((all) => all.some((n) => n.title === 'Qualcuno bussa' && n.tag === 'suap'))`;
    // One that comes before the worker is quite awake is lost; a push service would try again.
    for (let tries = 0; tries < 40 && !(await page.evaluate(isShown)); tries++) {
      await devTools.send('ServiceWorker.deliverPushMessage', push);
      await wait(250);
    }
    expect(await page.evaluate(isShown)).toBe(true);
    // There is no push service behind a headless browser.
    await page.getByRole('button', { name: 'Avvisami anche a pagina chiusa' }).click();
    await page.getByText('Il browser non permette gli avvisi').waitFor();
    opened.at(-1)!.errors.length = 0; // what Chromium says of it
  }, 60_000);

  test('Nothing of it stumbles', () => {
    expect(opened.flatMap(({ errors }) => errors)).toEqual([]);
  });
});
