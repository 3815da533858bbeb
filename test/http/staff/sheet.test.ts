// SPDX-License-Identifier: AGPL-3.0-or-later
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { AxeBuilder } from '@axe-core/playwright';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Booking } from '../../../src/bookings/booking.ts';
import type { Change } from '../../../src/bookings/change.ts';
import { AccessLog } from '../../../src/database/staff/access-log.ts';
import { Registers } from '../../../src/database/registers.ts';
import { BookingDesk } from '../../../src/front-desk/booking-desk.ts';
import { ChangeDesk } from '../../../src/front-desk/change-desk.ts';
import type { Authority } from '../../../src/offices/authority.ts';
import type { Minute } from '../../../src/time/interval.ts';
import { openBrowser, openPage, picture } from '../../kit/chromium.ts';
import { Addresses } from '../../../src/http/addresses.ts';
import { EARLY, startApp, type Answer, type RunningApp } from '../../kit/app.ts';
import type { ManualClock } from '../../kit/clock.ts';
import { at } from '../../kit/desks.ts';
import { engines } from '../../kit/engines.ts';
import { newFolder } from '../../kit/folder.ts';
import { broken } from '../../kit/invariants.ts';
import { awaitLetters, lettersIn, type Letter } from '../../kit/mailbox.ts';
import { signedIn } from '../../kit/staff.ts';

/** An office with two counters, and the mayor, who says yes or no. */
const TOWN = `
authority: { id: comune, name: Comune di Prova, time_zone: Europe/Rome, hosts: [localhost], email: posta@comune.example }
municipalities: [{ id: prova, name: Prova }]
offices:
  - id: suap
    name: Sportello Imprese
    municipality: prova
    address: Via Roma 1
    slot_step: PT30M
    opening_hours: [{ days: [mon, tue, wed, thu, fri], opens: "09:00", closes: "13:00" }]
    services:
      - id: consulenza
        name: Consulenza
        duration: PT30M
        modes: [in_person, video]
        fields: [{ id: mappale, label: Mappale, type: text, required: false }]
      - { id: sindaco, name: Colloquio con la sindaca, duration: PT30M, confirmation: staff }
      - { id: tecnici, name: Per i tecnici, duration: PT30M, audience: [professionals] }
  - { id: altro, name: Altro Ufficio, municipality: prova, address: Via Roma 2, slot_step: PT30M, opening_hours: [], services: [] }
counters:
  - { id: uno, name: Sportello Uno, serves: [{ office: suap, services: [consulenza, sindaco, tecnici] }], google_calendar: null }
  - { id: due, name: Sportello Due, serves: [{ office: suap, services: [consulenza] }], google_calendar: null }
`;

const START = at('2027-03-10T10:00');
/** The day on which the tests' clock stands. */
const TODAY = at('2027-03-01T10:00');
const REASON = 'La sindaca è malata, ci dispiace.';

describe.each(engines)('On the sheet of a booking on $name', (engine) => {
  let app: RunningApp<ManualClock>;
  let authority: Authority;
  let cookie: string;
  let made = 0;

  beforeAll(async () => {
    const authorityFile = join(newFolder('town'), 'town.yaml');
    writeFileSync(authorityFile, TOWN);
    app = await startApp({ databaseUrl: await engine.freshUrl(), authorityFile });
    authority = (await app.app.get(Registers).authorities.find('comune'))!;
    cookie = await signedIn(app, { name: 'Mario Bianchi' });
  });
  afterAll(() => app.close());
  beforeEach(() => app.clock.set(EARLY));

  const book = (start: Minute, serviceId = 'consulenza', more: object = {}): Promise<Booking> => {
    const n = made++;
    const citizen = { givenName: 'Anna', familyName: 'Rossi', email: `anna-${n}@example.org`, phone: '0141 123456' };
    const asked = { reason: 'Bar nuovo', fields: {}, caseNumber: 'P-7', language: 'it' as const };
    const request = { officeId: 'suap', serviceId, start, mode: 'in_person' as const, citizen, ...asked, ...more };
    const repeat = { caller: 'test', key: `key ${n}`, bodyHash: 'body' };
    return app.app.get(BookingDesk).book(authority, request, repeat);
  };
  const current = async (booking: Booking) => (await app.app.get(Registers).books.byId(booking.id))!;
  const see = (booking: Booking, path = '') =>
    app.ask(`/operatore/appuntamenti/${booking.reference}${path}`, { headers: { cookie } });
  const send = (booking: Booking, act: string, form: Record<string, string>, as = cookie): Promise<Answer> =>
    app.ask(`/operatore/appuntamenti/${booking.reference}/${act}`, {
      headers: { cookie: as, 'sec-fetch-site': 'same-origin' },
      body: new URLSearchParams({ versione: String(booking.version), ...form }),
    });
  const sound = async () => expect(await broken(app.app.get(Registers), authority, app.clock.now())).toEqual([]);

  test('It says everything about the booking, and the reading is in the register', async () => {
    const booking = await book(START, 'consulenza', { fields: { mappale: 'F12 <b>' }, mode: 'video' });
    const { status, text, headers } = await see(booking);
    expect([status, headers['cache-control']]).toEqual([200, 'no-store']);
    for (const said of [
      'Anna Rossi',
      'mercoledì 10 marzo, ore 10:00–10:30',
      'Consulenza',
      'Sportello Due',
      booking.email!,
    ])
      expect(text).toContain(said);
    for (const said of [
      '0141 123456',
      'Bar nuovo',
      'P-7',
      'F12 &lt;b&gt;',
      'Il cittadino</strong> ha prenotato',
      '/incontro/',
    ])
      expect(text).toContain(said);
    expect((await see({ ...booking, reference: booking.reference.toLowerCase() } as Booking)).status).toBe(200);
    const log = app.app.get(AccessLog);
    const question = { from: 0, until: Number.MAX_SAFE_INTEGER, reference: booking.reference };
    expect((await see(booking, '/sposta')).text).toContain('Anna Rossi');
    expect((await log.find(authority.id, question, 10)).map((entry) => [entry.what, entry.staffName])).toEqual([
      ['sheet', 'Mario Bianchi'],
      ['sheet', 'Mario Bianchi'],
      ['sheet', 'Mario Bianchi'],
    ]);
  });

  test('Who is not of the office sees nothing and changes nothing, as if it were not there', async () => {
    const booking = await book(START + 30);
    const other = await signedIn(app, { offices: ['altro'] });
    const privacy = await signedIn(app, { role: 'privacy', offices: [] });
    const missing = await app.ask('/operatore/appuntamenti/2222222', { headers: { cookie: other } });
    for (const theirs of [other, privacy]) {
      const path = `/operatore/appuntamenti/${booking.reference}`;
      const page = await app.ask(path, { headers: { cookie: theirs } });
      expect(page.status).toBe(404);
      if (theirs === other) expect(page.text).toBe(missing.text.replaceAll('2222222', booking.reference));
      for (const act of ['conferma', 'rifiuta', 'stato', 'annulla', 'sportello', 'sposta'])
        expect((await send(booking, act, { nota: REASON, stato: 'arrived' }, theirs)).status).toBe(404);
    }
    expect(await current(booking)).toEqual(booking);
  });

  test('A request waits for a yes or a no, and says until when', async () => {
    const yes = await book(START + 60, 'sindaco');
    const page = (await see(yes)).text;
    expect(page).toContain('rispondi entro giovedì 4 marzo, ore 7:00');
    expect((await send(yes, 'conferma', { nota: 'A presto!' })).status).toBe(303);
    expect([(await current(yes)).status, (await current(yes)).sequence]).toEqual(['confirmed', 0]);
    expect((await see(yes, '?fatto=conferma')).text).toContain('Confermato.');
    const no = await book(START + 90, 'sindaco');
    const empty = await send(no, 'rifiuta', { nota: '  ' });
    expect([empty.status, (await current(no)).status]).toEqual([422, 'pending']);
    expect(empty.text).toContain('Scrivi perché');
    expect((await send(no, 'rifiuta', { nota: REASON })).status).toBe(303);
    expect((await current(no)).cancelledBy).toBe('staff');
    expect((await see(no)).text).toContain(`Mario Bianchi</strong> ha risposto di no`);
    await sound();
  });

  test('Of two who change it at once the second reads who was first, and loses nothing that was typed', async () => {
    const booking = await book(TODAY);
    const sandra = await signedIn(app, { name: 'Sandra Verdi' });
    expect((await send(booking, 'stato', { stato: 'arrived' }, sandra)).status).toBe(303);
    const second = await send(booking, 'annulla', { nota: `${REASON} <i>` });
    expect(second.status).toBe(409);
    expect(second.text).toContain('Nel frattempo è cambiato');
    expect(second.text).toContain('Sandra Verdi ha segnato: è arrivato, lunedì 1 marzo, ore 7:00');
    expect(second.text).toContain(`«${REASON} &lt;i&gt;»`);
    expect(second.text).toContain('name="versione" value="1"');
    const other = await book(START + 24 * 60);
    const change: Change = { by: { kind: 'citizen' } };
    await app.app.get(ChangeDesk).move(authority, other, START + 24 * 60 + 60, change);
    const cancelled = await send(other, 'annulla', { nota: REASON });
    expect(cancelled.text).toMatch(/<details class="sheet-act" open>[^]*<textarea[^>]*>\s*La sindaca è malata/);
    expect((await send(other, 'annulla', { nota: REASON, versione: 'x' })).status).toBe(409);
    expect((await send(other, 'annulla', { nota: REASON, versione: '1' })).status).toBe(303);
    await sound();
  });

  test('It changes its counter to one that is free, and not to one that is not', async () => {
    const day = START + 24 * 60 + 30;
    const [first, second] = [await book(day), await book(day)];
    const keyOf = (id: string) => authority.counters.find((c) => c.id === id)!.key;
    expect(first.counter).toBe(keyOf('due'));
    expect((await see(first)).text).not.toContain('Sportelli liberi');
    expect((await send(first, 'sportello', { sportello: String(second.counter) })).status).toBe(409);
    await app.app.get(ChangeDesk).cancel(authority, second);
    expect((await see(first)).text).toContain(`<option value="${second.counter}">Sportello Uno`);
    expect((await send(first, 'sportello', { sportello: String(second.counter) })).status).toBe(303);
    const moved = await current(first);
    expect([moved.counter, moved.sequence, moved.version]).toEqual([keyOf('uno'), 0, 1]);
    expect((await see(first)).text).toContain('da Sportello Due a Sportello Uno');
    expect((await send(moved, 'sportello', { sportello: '999999' })).status).toBe(409);
    await sound();
  });

  test('It moves to a free time, or to any with a reason that only colleagues read', async () => {
    const day = START + 2 * 24 * 60;
    const booking = await book(day);
    const choice = (await see(booking, '/sposta')).text;
    const place = /name="nuovo" value="([^"]+2027-03-12T11:00[^"]+)"/.exec(choice)![1]!;
    const confirm = (await see(booking, `/sposta?nuovo=${encodeURIComponent(place)}`)).text;
    expect(confirm).toContain('venerdì 12 marzo, ore 11:00–11:30');
    expect((await send(booking, 'sposta', { posto: place, nota: 'Cambio di stanza.' })).status).toBe(303);
    const moved = await current(booking);
    expect([moved.start, moved.sequence]).toEqual([day + 60, 1]);
    const evening = { data: '2027-03-12', ora: '18:30' };
    const without = await send(moved, 'sposta', evening);
    expect([without.status, (await current(booking)).start]).toEqual([422, day + 60]);
    expect(without.text).toContain('value="18:30"');
    expect((await send(moved, 'sposta', { ...evening, ora: '18:33', motivo: 'x' })).status).toBe(422);
    expect((await send(moved, 'sposta', { ...evening, motivo: 'Lavora di giorno.' })).status).toBe(303);
    const page = (await see(booking)).text;
    expect(page).toContain('Regole superate: «Lavora di giorno.»');
    expect(page).toContain('È fuori orario');
    const stale = await send(moved, 'sposta', { data: '2027-03-13', ora: '08:00', motivo: 'Di sabato.' });
    expect(stale.status).toBe(409);
    expect(stale.text).toContain('value="2027-03-13"');
    expect(stale.text).toMatch(/<textarea[^>]*>\s*Di sabato\./);
    await sound();
  });

  test('A time that somebody takes meanwhile is said, with the nearest still free', async () => {
    const day = START + 5 * 24 * 60;
    const booking = await book(day, 'sindaco');
    await book(day + 30, 'sindaco');
    const taken = await send(booking, 'sposta', { posto: 'suap@2027-03-15T10:30:00+01:00' });
    expect(taken.status).toBe(409);
    expect(taken.text).toContain('Qualcuno ha appena preso questo posto');
    expect(taken.text).toContain('lunedì 15 marzo, ore 11:00–11:30');
    expect((await current(booking)).start).toBe(day);
  });

  test('The citizen reads how it stands, and can no longer change what was held or what the office called off', async () => {
    const { addresses, changes } = { addresses: app.app.get(Addresses), changes: app.app.get(ChangeDesk) };
    const by: Change = { by: { kind: 'staff', id: 'mario', name: 'Mario' } };
    const asCitizen = (booking: Booking, call = '', body?: object) =>
      app.ask(`/api/v1/bookings/${booking.reference}${call}`, {
        headers: { authorization: `Bearer ${addresses.manageTokenOf(booking)}` },
        ...(body ? { body } : {}),
      });
    const held = await changes.mark(authority, await book(TODAY + 60), 'done', by);
    expect((await asCitizen(held)).json()).toMatchObject({ status: 'done', sequence: 0 });
    expect((await asCitizen(held, '/cancellation', {})).json()).toMatchObject({
      status: 409,
      type: expect.stringMatching(/too-late$/),
    });
    const move = await asCitizen(held, '/move', { start: '2027-03-16T11:00' });
    expect(move.json()).toMatchObject({ status: 409, type: expect.stringMatching(/too-late$/) });
    expect((await asCitizen(held, '/invite.ics')).text).toContain('STATUS:CONFIRMED');
    const paths = addresses.pathsOf(held);
    const page = (await app.ask(paths.manage)).text;
    expect(page).toContain('Questo appuntamento è passato');
    expect(page).not.toContain(paths.cancel);
    expect((await app.ask(paths.cancel)).text).not.toContain('<form method="post"');
    const off = await changes.cancel(authority, await book(START + 6 * 24 * 60 + 30), { ...by, note: REASON });
    const gone = (await app.ask(addresses.pathsOf(off).manage)).text;
    expect(gone).toContain('ufficio ha annullato questo appuntamento. Puoi');
    expect(gone).not.toContain('Grazie per averlo detto');
    const theirs = await book(START + 6 * 24 * 60 + 60, 'tecnici', { audience: 'professionals' });
    const choice = await app.ask(`${addresses.pathsOf(theirs).manage}/sposta`);
    expect([choice.status, choice.text.includes('name="nuovo"')]).toEqual([200, true]);
    expect((await asCitizen(theirs, '/move', { start: '2027-03-16T12:00' })).status).toBe(200);
    await sound();
  });

  test('A request that nobody answers in time is over by itself, and the citizen is told', async () => {
    const booking = await book(START + 7 * 24 * 60, 'sindaco');
    app.clock.advance(3 * 24 * 60 * 60_000);
    const isTold = ({ email }: Letter) =>
      email.to?.[0]?.address === booking.email && email.subject!.startsWith('Richiesta senza risposta');
    await awaitLetters(
      () => lettersIn(app.mailDir),
      (letters) => letters.some(isTold),
    );
    expect(await current(booking)).toMatchObject({ status: 'cancelled', cancelledBy: 'deadline', sequence: 1 });
  });

  test('The day is marked and a mark taken back, and nobody is marked absent before the time', async () => {
    // The leap of the clock before has ended the session.
    cookie = await signedIn(app, { name: 'Mario Bianchi' });
    const booking = await book(START + 120);
    expect((await see(booking)).text).not.toContain('value="no_show"');
    expect((await send(booking, 'stato', { stato: 'no_show' })).status).toBe(422);
    app.clock.set((START + 125) * 60_000);
    cookie = await signedIn(app, { name: 'Mario Bianchi' });
    for (const [stato, said] of [
      ['no_show', 'Non è venuto'],
      ['arrived', 'È arrivato'],
      ['done', 'Concluso'],
      ['confirmed', 'Confermato'],
    ] as const) {
      expect((await send(await current(booking), 'stato', { stato })).status).toBe(303);
      expect((await see(booking)).text).toContain(`<strong>${said}</strong>`);
    }
    expect((await send(await current(booking), 'stato', { stato: 'cancelled' })).status).toBe(404);
    const manage = app.app.get(Registers);
    expect((await manage.history.of(booking)).map((e) => e.what)).toEqual([
      'booked',
      'no_show',
      'arrived',
      'done',
      'reopened',
    ]);
  });
});

test('In a browser a request is answered, moved and called off, by keyboard and without a barrier, on a telephone too', async () => {
  const authorityFile = join(newFolder('town'), 'town.yaml');
  writeFileSync(authorityFile, TOWN);
  const app = await startApp({ databaseUrl: `sqlite:${join(newFolder('sheet'), 'sheet.db')}`, authorityFile });
  const browser = await openBrowser();
  try {
    const url = await app.listen();
    const authority = (await app.app.get(Registers).authorities.find('comune'))!;
    const citizen = { givenName: 'Anna', familyName: 'Rossi', email: 'anna@example.org', phone: '0141 123456' };
    const request = { officeId: 'suap', serviceId: 'sindaco', start: START, mode: 'in_person' as const, citizen };
    const asked = { ...request, reason: 'Un cancello nuovo', fields: {}, caseNumber: null, language: 'it' as const };
    const repeat = { caller: 'test', key: 'browser', bodyHash: 'body' };
    const { reference } = await app.app.get(BookingDesk).book(authority, asked, repeat);
    const [name, value] = (await signedIn(app, { name: 'Mario Bianchi' })).split('=');
    for (const width of [320, 1280]) {
      const { page, errors } = await openPage(browser, { width, javaScript: true });
      await page.context().addCookies([{ name: name!, value: value!, url }]);
      const noBarrier = async (shown: string) => {
        const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
        expect(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`)).toEqual([]);
        const over = await page.locator('html').evaluate((root) => root.scrollWidth - root.clientWidth);
        expect(over).toBe(0);
        await picture(page, `staff-${shown}-${width}`);
      };
      await page.goto(`${url}/operatore/appuntamenti/${reference}`);
      if (width === 320) {
        await page.getByText('No, non è possibile').focus();
        await page.keyboard.press('Enter');
        await page.getByRole('button', { name: 'Rispondi di no' }).click();
        await page.getByRole('link', { name: 'Scrivi perché' }).waitFor();
        await noBarrier('sheet-wrong');
        await page.getByLabel('Una frase per il cittadino').fill('La aspettiamo.');
        await page.getByRole('button', { name: 'Sì, conferma' }).click();
        await page.getByRole('status').getByText('Confermato.').waitFor();
      }
      await noBarrier('sheet');
      await page.getByRole('link', { name: 'Sposta' }).click();
      await noBarrier('sheet-move');
      if (width === 1280) {
        await page.getByLabel('Giorno').fill('2027-03-10');
        await page.getByLabel('Ora').fill('19:00');
        await page.getByLabel('Motivo').fill('Lavora di giorno.');
        await page.getByRole('button', { name: "Sposta a quest'ora" }).click();
        await page.getByRole('status').getByText('Spostato.').waitFor();
        await page.getByText("Annulla l'appuntamento").click();
        await page.getByLabel('Perché lo annulli').fill('La sindaca è malata.');
        await page.getByRole('button', { name: 'Annulla e avvisa' }).click();
        await page.getByRole('status').getByText('Annullato.').waitFor();
        await noBarrier('sheet-cancelled');
      }
      expect(errors.filter((error) => !error.includes('422'))).toEqual([]);
      await page.context().close();
    }
  } finally {
    await browser.close();
    await app.close();
  }
}, 60_000);
