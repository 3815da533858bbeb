// SPDX-License-Identifier: AGPL-3.0-or-later
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AxeBuilder } from '@axe-core/playwright';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { Booking } from '../../../src/bookings/booking.ts';
import { sha256 } from '../../../src/bookings/token.ts';
import { Database } from '../../../src/database/engine/database.ts';
import { Sessions } from '../../../src/database/staff/sessions.ts';
import { Registers } from '../../../src/database/registers.ts';
import { Question } from '../../../src/database/rows.ts';
import { BookingDesk } from '../../../src/front-desk/booking-desk.ts';
import { ChangeDesk } from '../../../src/front-desk/change-desk.ts';
import { calendarsInTrouble } from '../../../src/http/staff/agenda/calendars.ts';
import { Pages } from '../../../src/http/page.ts';
import type { Authority } from '../../../src/offices/authority.ts';
import { startApp, type Answer, type RunningApp } from '../../kit/app.ts';
import { openBrowser, openPage, picture, type View } from '../../kit/chromium.ts';
import type { ManualClock } from '../../kit/clock.ts';
import { at } from '../../kit/desks.ts';
import { engines } from '../../kit/engines.ts';
import { newFolder } from '../../kit/folder.ts';
import { signedIn } from '../../kit/staff.ts';

const TODAY = '2027-03-02';
const STAFF = { by: { kind: 'staff', id: 'nobody', name: 'Mario Bianchi' } } as const;
const GIVEN = ['Anna', 'Luca', 'Maria', 'Giovanni', 'Elena', 'Paolo', 'Chiara', 'Sara'];
const FAMILY = ['Ferrero', 'Bianco', 'De Ferrari', 'Gallo', 'Conti', 'Barbero', 'Rinaldi-Castelli', 'Musso'];
const MODES = ['in_person', 'video', 'phone'] as const;

const office = (id: string, name: string, more: object = {}) => ({
  id,
  name,
  municipality: 'mombercelli',
  address: 'Piazza Alfieri 2',
  slot_step: 'PT30M',
  opening_hours: [
    { days: ['mon', 'tue', 'wed', 'thu', 'fri'], opens: '08:30', closes: '13:00' },
    { days: ['tue', 'thu'], opens: '15:00', closes: '17:00' },
  ],
  closures: [{ from: '2027-03-10', through: '2027-03-10', reason: 'Trasloco degli uffici' }],
  services: [{ id: `${id}-consulenza`, name: 'Consulenza', duration: 'PT30M', modes: ['in_person', 'video', 'phone'] }],
  ...more,
});

const AUTHORITY_FILE = {
  authority: {
    id: 'unione',
    name: 'Unione Collinare',
    time_zone: 'Europe/Rome',
    hosts: ['localhost'],
    email: 'protocollo@unione.example',
  },
  municipalities: [{ id: 'mombercelli', name: 'Mombercelli' }],
  offices: [
    office('suap', 'Sportello Unico Attività Produttive'),
    office('sue', 'Sportello Unico Edilizia', {
      services: ['sue-consulenza', 'sue-atti'].map((id) => ({ id, name: id, duration: 'PT30M', modes: MODES })),
    }),
    office('sindaco', 'Sindaco di Mombercelli', {
      answer_within: 'P1D',
      services: [{ id: 'colloquio', name: 'Colloquio con il Sindaco', duration: 'PT30M', confirmation: 'staff' }],
    }),
  ],
  counters: [
    ...[1, 2, 3, 4, 5, 6].map((n) => ({
      id: `suap-${n}`,
      name: n === 3 ? 'Ingegnera dell’Unione' : `Postazione ${n}`,
      serves: [
        { office: 'suap', services: ['suap-consulenza'] },
        ...(n === 3 ? [{ office: 'sue', services: ['sue-consulenza'] }] : []),
      ],
    })),
    {
      id: 'sue-1',
      name: 'Archivio',
      serves: [{ office: 'sue', services: ['sue-atti'] }],
      google_calendar: 'desk@group.calendar.google.com',
    },
    { id: 'sindaco', name: 'Sindaco', serves: [{ office: 'sindaco', services: ['colloquio'] }] },
  ],
};

let running: RunningApp<ManualClock>;
let registers: Registers;
let authority: Authority;
let made = 0;

async function book(
  start: string,
  more: { officeId?: string; counter?: string; name?: string } = {},
): Promise<Booking> {
  const n = made++;
  const officeId = more.officeId ?? 'suap';
  const [familyName = FAMILY[n % 8]!, givenName = GIVEN[(n * 3) % 8]!] = more.name?.split(' ') ?? [];
  const request = {
    officeId,
    serviceId: officeId === 'sindaco' ? 'colloquio' : `${officeId}-consulenza`,
    start: at(start),
    mode: officeId === 'sindaco' ? ('in_person' as const) : MODES[n % 3]!,
    citizen: { givenName, familyName, email: `c${n}@example.org`, phone: '+39 0141 123456' },
    reason: n % 5 ? null : 'Vorrei aprire un bar in piazza.',
    fields: {},
    caseNumber: null,
    language: 'it' as const,
  };
  const repeat = { caller: 'test', key: `key ${n}`, bodyHash: 'body' };
  return running.app.get(BookingDesk).book(authority, request, repeat);
}

/** A full day at the SUAP, and what has become of its first appointments at twenty past nine. */
async function fill(): Promise<void> {
  const changes = running.app.get(ChangeDesk);
  const times = ['08:30', '09:00', '09:30', '10:30', '11:00', '12:00', '15:30'];
  const marks: [Booking, 'arrived' | 'done' | 'no_show'][] = [];
  for (const [i, time] of times.entries())
    for (let n = 0; n < (i % 3 === 0 ? 5 : 3); n++) {
      const booking = await book(`${TODAY}T${time}`);
      if (i === 0) marks.push([booking, n === 0 ? 'no_show' : 'done']);
      if (i === 1 && n < 2) marks.push([booking, 'arrived']);
    }
  running.clock.set(`${TODAY}T09:20:00+01:00`);
  for (const [booking, status] of marks) await changes.mark(authority, booking, status, STAFF);
}

beforeAll(async () => {
  const file = join(newFolder('authority'), 'authority.yaml');
  writeFileSync(file, JSON.stringify(AUTHORITY_FILE));
  running = await startApp({ databaseUrl: await engines[0]!.freshUrl(), authorityFile: file });
  registers = running.app.get(Registers);
  [authority] = (await registers.authorities.all()) as [Authority];
  await fill();
}, 60_000);

afterAll(async () => {
  await running?.close();
});

const see = (path: string, cookie: string): Promise<Answer> =>
  running.ask(`/operatore/${path}`, { headers: { cookie } });
const written = async (what: string): Promise<number> => {
  const [row] = await running.app
    .get(Database)
    .rows<{ n: number }>(`SELECT COUNT(*) AS n FROM access_log WHERE what = '${what}'`);
  return row!.n;
};

// ── who sees what ──

test('Somebody sees the agenda of their offices, and no other is there', async () => {
  const cookie = await signedIn(running, { offices: ['suap'] });
  const mine = await see(`agenda?giorno=${TODAY}`, cookie);
  expect([mine.status, mine.headers['cache-control']]).toEqual([200, 'no-store']);
  expect(mine.text).toContain('Sportello Unico Attività Produttive');
  expect(mine.text).not.toContain('Sportello Unico Edilizia');
  for (const path of ['agenda?ufficio=sue', 'agenda?ufficio=nessuno'])
    expect((await see(path, cookie)).status).toBe(404);
  const administrator = await signedIn(running, { role: 'administrator', offices: [] });
  expect((await see('agenda?ufficio=sue', administrator)).status).toBe(200);
});

test.each(['agenda', 'cerca?q=Ferrero', 'decisioni'])('The privacy officer finds no /operatore/%s', async (path) => {
  const cookie = await signedIn(running, { role: 'privacy', offices: [] });
  expect((await see(path, cookie)).status).toBe(404);
  expect((await running.ask(`/operatore/${path}`)).status).toBe(303);
});

test('Whoever has no office yet reads whom to ask', async () => {
  const cookie = await signedIn(running, { offices: [] });
  for (const path of ['agenda', 'decisioni'])
    expect((await see(path, cookie)).text).toContain('Non hai ancora un ufficio');
  expect((await see('cerca?q=Ferrero', cookie)).text).toContain('Nessun appuntamento per');
});

test('A counter that sits at another office shows when, and not with whom', async () => {
  const { reference, counter } = await book('2027-03-03T09:00', { officeId: 'sue', name: 'Segreto Pino' });
  expect(authority.counterByKey(counter)!.id).toBe('suap-3');
  const cookie = await signedIn(running, { offices: ['suap'] });
  const { text } = await see('agenda?giorno=2027-03-03', cookie);
  expect(text).toContain('Riceve a: Sportello Unico Edilizia');
  for (const word of ['Segreto', 'Pino', reference]) expect(text).not.toContain(word);
});

test('Each look is written down once, however often the page brings itself up to date', async () => {
  const cookie = await signedIn(running);
  const before = await written('agenda');
  const { clock } = running;
  const start = clock.now();
  for (let minute = 0; minute < 9; minute++) {
    await see('agenda?giorno=2027-03-04', cookie);
    clock.advance(60_000);
  }
  expect(await written('agenda')).toBe(before + 1);
  await see('agenda?giorno=2027-03-05', cookie);
  clock.advance(120_000);
  await see('agenda?giorno=2027-03-04', cookie);
  expect(await written('agenda')).toBe(before + 3);
  clock.set(start);
});

// ── what a day says ──

test('A day shows each counter with who comes, in words', async () => {
  const cookie = await signedIn(running, { role: 'head', offices: ['suap'] });
  const { text } = await see(`agenda?giorno=${TODAY}`, cookie);
  expect(text).toContain('martedì 2 marzo');
  for (const word of ['Concluso', 'Non è venuto', 'È arrivato', 'Confermato', 'In video', 'Per telefono', 'libero'])
    expect(text).toContain(word);
  expect(text).toContain('/operatore/orari/chiudi?ufficio=suap&amp;giorno=2027-03-02');
  const operator = await signedIn(running, { offices: ['suap'] });
  expect((await see(`agenda?giorno=${TODAY}`, operator)).text).not.toContain('/operatore/orari/chiudi');
});

test.each([
  ['ok', 14, null],
  ['stale', 20, 'Calendario Google fermo da martedì 2 marzo, ore 9:00'],
  ['new', 0, 'Calendario Google mai letto'],
  ['reauthorize', 1, 'Google chiede di nuovo il permesso'],
] as const)('A calendar that is %s is pointed out when it is not as it should be', (standing, ago, words) => {
  const now = at(`${TODAY}T09:20`);
  const counter = authority.counters.find((c) => c.id === 'sue-1')!;
  const syncedAt = ago ? (now - ago) * 60_000 : 0;
  const views = calendarsInTrouble([{ counter, standing, syncedAt, link: null }], { authority, language: 'it', now });
  const view = views.get(counter.key);
  const said = view && running.app.get(Pages).words('it')(`agenda.calendar.${view.standing}`, { since: view.since });
  expect(said ?? null).toBe(words);
});

test('A counter whose calendar cannot be read says so in its column', async () => {
  const cookie = await signedIn(running, { offices: ['sue'] });
  expect((await see(`agenda?giorno=${TODAY}`, cookie)).text).toMatch(/Archivio<[^]*agenda-stale/);
});

test.each([
  ['2027-03-10', 'Trasloco degli uffici', 'Vai al prossimo giorno aperto: giovedì 11 marzo'],
  ['2027-03-07', "In questo giorno l'ufficio non riceve", 'Vai al prossimo giorno aperto: lunedì 8 marzo'],
  ['2027-03-29', 'Lunedì dell’Angelo', 'Vai al prossimo giorno aperto: martedì 30 marzo'],
  ['2027-03-15', 'Ancora nessun appuntamento', '/operatore/nuovo?ufficio=suap'],
])('On %s the page says what is so and what can be done', async (day, what, next) => {
  const { text } = await see(`agenda?giorno=${day}`, await signedIn(running));
  const plain = text.replaceAll('&#39;', "'");
  expect(plain).toContain(what);
  expect(plain).toContain(next);
});

test.each(['giorno=2027-02-30', 'giorno=boh', 'giorno=0001-01-01', 'giorno=9999-12-31', 'vista=anno', 'sportello=x'])(
  'A strange address, %s, still shows a day',
  async (query) => {
    const answer = await see(`agenda?${query}`, await signedIn(running));
    expect([answer.status, answer.text.includes('martedì 2 marzo')]).toEqual([200, true]);
  },
);

test('What a citizen wrote is shown as it was written', async () => {
  await book('2027-03-05T09:00', { name: '<b>Rossi</b> "><img>' });
  for (const path of ['agenda?giorno=2027-03-05', 'agenda?giorno=2027-03-05&vista=settimana', 'cerca?q=%3Cb%3E'])
    expect((await see(path, await signedIn(running))).text).not.toMatch(/<b>Rossi|<img/);
});

test('A week has seven days, each with those who come', async () => {
  const cookie = await signedIn(running);
  const { text } = await see(`agenda?giorno=${TODAY}&vista=settimana`, cookie);
  expect(text.match(/<section class="agenda-column/g)).toHaveLength(7);
  expect(text).toContain('Da lunedì 1 marzo a domenica 7 marzo');
  const one = await see(`agenda?giorno=${TODAY}&vista=settimana&sportello=suap-1`, cookie);
  const count = (page: string) => page.match(/data-booking/g)?.length ?? 0;
  expect(count(one.text)).toBeGreaterThan(0);
  expect(count(one.text)).toBeLessThan(count(text));
});

// ── search, and what is to be decided ──

test('A search finds by reference and by name, and notes no name', async () => {
  const { reference } = await book('2027-03-08T09:00', { name: 'Quaranta Ugo' });
  const cookie = await signedIn(running);
  for (const q of [`${reference.slice(0, 3)} ${reference.slice(3)}`, 'quara', 'Ugo Quaranta'])
    expect((await see(`cerca?q=${encodeURIComponent(q)}`, cookie)).text).toContain('Quaranta Ugo');
  expect((await see('cerca?q=zzz', cookie)).text).toContain('Nessun appuntamento per');
  expect((await see('cerca', cookie)).status).toBe(200);
  const [entry] = await running.app
    .get(Database)
    .rows<{ about: string }>(`SELECT about FROM access_log WHERE what = 'search' ORDER BY number DESC LIMIT 1`);
  expect(JSON.parse(entry!.about)).toEqual({ found: 0, references: '' });
});

test('What waits for a word stands on one page, with how long is left', async () => {
  const cookie = await signedIn(running, { offices: ['sindaco'] });
  expect((await see('decisioni', cookie)).text).toContain('niente da decidere');
  const booking = await book('2027-03-04T09:00', { officeId: 'sindaco', name: 'Attesa Ada' });
  const { text } = await see('decisioni', cookie);
  expect(text).toContain('Attesa Ada');
  expect(text).toContain('Rispondi entro 1 giorno: mercoledì 3 marzo, ore 9:20');
  expect(text).toContain(`/operatore/appuntamenti/${booking.reference}`);
  expect((await see('decisioni', await signedIn(running, { offices: ['suap'] }))).text).not.toContain('Attesa Ada');
});

test('A question from the calendar and an address that fails are there too', async () => {
  const booking = await book('2027-03-09T09:00', { name: 'Dubbi Dora' });
  const question: Question = {
    id: 'question-1',
    authorityId: authority.id,
    officeId: 'suap',
    bookingId: booking.id,
    kind: 'deleted-event',
    detail: {},
    askedAt: running.clock.now(),
    answeredAt: null,
    answer: null,
  };
  await running.app.get(Database).transaction(async (tx) => {
    await registers.books.replace(tx, booking, booking.with({ addressFails: 1 }, running.clock.now()));
    await tx.insert(Question, [question]);
  });
  const { text } = await see('decisioni', await signedIn(running));
  expect(text).toContain('Domande dal calendario');
  expect(text).toContain('L&#39;email non arriva');
  expect(text.match(/Dubbi Dora/g)!.length).toBeGreaterThanOrEqual(2);
  expect(text).toContain('href="tel:+390141123456"');
});

// ── in a browser ──

describe('In Chromium', () => {
  let browser: Browser;
  const contexts: BrowserContext[] = [];

  beforeAll(async () => {
    await running.listen();
    browser = await openBrowser();
  }, 60_000);

  afterAll(async () => {
    await Promise.all(contexts.map((context) => context.close()));
    await browser?.close();
  });

  async function open(view: View, path: string): Promise<{ page: Page; errors: string[] }> {
    const opened = await openPage(browser, view);
    contexts.push(opened.page.context());
    const [name, value] = (await signedIn(running, { role: 'head', offices: ['suap', 'sindaco'] })).split('=');
    await opened.page.context().addCookies([{ name: name!, value: value!, url: running.url }]);
    await opened.page.goto(`${running.url}/operatore/${path}`);
    return opened;
  }

  const DESK: View = { width: 1366, javaScript: true };
  const DAY = `agenda?ufficio=suap&giorno=${TODAY}`;

  /** Run in the page. */
  const LOOK = `(() => ({
    wide: document.documentElement.scrollWidth > document.documentElement.clientWidth,
    // In the columns of a day a mouse hits less; a finger gets its 44 pixels there too.
    small: [...document.querySelectorAll('main a, main button, main input, main select')]
      .filter((e) => e.checkVisibility() && e.getBoundingClientRect().height <
        (e.closest('.agenda-grid') && matchMedia('(pointer: fine)').matches ? 24 : 43.5))
      .map((e) => e.outerHTML.slice(0, 120)),
  }))()`;

  const WEEK = `${DAY}&vista=settimana`;
  const pages = [
    { width: 320, path: DAY, name: 'giorno' },
    { width: 1366, path: DAY, name: 'giorno' },
    { width: 320, path: WEEK, name: 'settimana' },
    { width: 1366, path: WEEK, name: 'settimana' },
    { width: 320, path: 'agenda?giorno=2027-03-10', name: 'chiuso' },
    { width: 1366, path: 'cerca?q=ferr', name: 'cerca' },
    { width: 320, path: 'decisioni', name: 'decisioni' },
  ];

  test.each(pages)('The page «$name» at $width px hinders nobody', async ({ width, path, name }) => {
    const { page, errors } = await open({ width, javaScript: true }, path);
    await picture(page, `operatore-agenda-${name}-${width}`);
    const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
    expect(violations.map((v) => `${v.id}: ${v.nodes[0]?.html}`)).toEqual([]);
    expect(await page.evaluate(LOOK)).toEqual({ wide: false, small: [] });
    expect(errors).toEqual([]);
  });

  test('A full morning at six counters stands on the screen of a laptop, and the line of now in it', async () => {
    const { page } = await open({ ...DESK, javaScript: false }, DAY);
    const noon = page.getByRole('link', { name: '12:30 libero' }).first();
    const { y, height } = (await noon.boundingBox())!;
    expect(y + height).toBeLessThan(768);
    const line = (await page.locator('.agenda-column .agenda-now').first().boundingBox())!;
    const [nine, half] = await Promise.all(
      ['9:00', '10:00'].map(async (label) => (await page.locator('.agenda-axis').getByText(label).boundingBox())!.y),
    );
    expect(line.y + line.height).toBeGreaterThan(nine!);
    expect(line.y + line.height).toBeLessThan(half!);
  });

  test('Everything is done by keyboard', async () => {
    const { page, errors } = await open(DESK, DAY);
    const focused = () =>
      page.evaluate<string>('document.activeElement?.getAttribute("href") ?? document.activeElement?.id');
    await page.keyboard.press('j');
    const first = await focused();
    expect(first).toMatch(/^\/operatore\/appuntamenti\/[0-9A-Z]{7}$/);
    await page.keyboard.press('ArrowDown');
    expect(await focused()).not.toBe(first);
    await page.keyboard.press('k');
    expect(await focused()).toBe(first);
    await page.keyboard.press('?');
    expect(await page.locator('#tasti').isVisible()).toBe(true);
    await page.keyboard.press('Escape');
    await page.keyboard.press('/');
    expect(await focused()).toBe('q');
    await page.keyboard.type('tnj?');
    expect(await page.locator('#q').inputValue()).toBe('tnj?');
    await page.locator('h1').click();
    await page.evaluate('document.activeElement.blur()');
    await Promise.all([page.waitForURL(/giorno=2027-03-03/), page.keyboard.press('ArrowRight')]);
    await Promise.all([page.waitForURL(/giorno=2027-03-02/), page.keyboard.press('t')]);
    await page.keyboard.press('j');
    await Promise.all([page.waitForURL(/appuntamenti/), page.keyboard.press('Enter')]);
    expect(errors.filter((e) => !e.includes('404'))).toEqual([]);
  });

  test('The keys can be switched off', async () => {
    const { page } = await open(DESK, DAY);
    await page.getByRole('button', { name: 'Tasti rapidi' }).click();
    await page.getByLabel('Usa i tasti rapidi').uncheck();
    await page.getByRole('button', { name: 'Chiudi' }).click();
    await page.keyboard.press('t');
    await page.keyboard.press('/');
    expect(await page.evaluate('document.activeElement?.id')).not.toBe('q');
  });

  test('The page keeps itself up to date, leaves the focus where it was, and goes when the session has ended', async () => {
    const { page } = await openPage(browser, DESK);
    contexts.push(page.context());
    const [name, value] = (await signedIn(running)).split('=');
    await page.context().addCookies([{ name: name!, value: value!, url: running.url }]);
    await page.clock.install();
    await page.goto(`${running.url}/operatore/agenda?giorno=2027-03-11`);
    const free = page.locator('.free a').nth(3);
    const href = await free.getAttribute('href');
    await free.focus();
    await book('2027-03-11T08:30', { name: 'Nuova Nina' });
    await page.clock.runFor(61_000);
    await page.getByText('Nuova Nina').waitFor();
    expect(await page.evaluate('document.activeElement?.getAttribute("href")')).toBe(href);
    await running.app.get(Sessions).end(sha256(value!));
    await page.clock.runFor(61_000);
    await page.waitForURL(/\/operatore\/accesso/);
  });

  test('On paper each counter that somebody comes to has a sheet of its own, with what one must know', async () => {
    const { page } = await open({ ...DESK, javaScript: false }, DAY);
    const pdf = await page.pdf({ format: 'A4' });
    expect(pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)).toHaveLength(5);
    await page.emulateMedia({ media: 'print' });
    await picture(page, 'operatore-agenda-stampa');
    for (const name of ['.staff-header', '.free', '.agenda-axis', '.agenda-search'])
      expect(await page.locator(name).first().isVisible()).toBe(false);
    expect(await page.locator('.booking-more').first().isVisible()).toBe(true);
  });
});
