// SPDX-License-Identifier: AGPL-3.0-or-later
import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { renderSVG } from 'uqr';
import { spaced } from '../../../src/bookings/reference.ts';
import { Booking } from '../../../src/bookings/booking.ts';
import { AccessLog } from '../../../src/database/staff/access-log.ts';
import { Registers } from '../../../src/database/registers.ts';
import { Addresses } from '../../../src/http/addresses.ts';
import { startApp, type Answer, type RunningApp } from '../../kit/app.ts';
import { openBrowser, openPage } from '../../kit/chromium.ts';
import type { ManualClock } from '../../kit/clock.ts';
import { engines, type Engine } from '../../kit/engines.ts';
import { newFolder } from '../../kit/folder.ts';
import { awaitLetters, lettersIn, type Letter } from '../../kit/mailbox.ts';
import { signedIn } from '../../kit/staff.ts';

const TOWN = `# SPDX-License-Identifier: AGPL-3.0-or-later
authority: { id: borgo, name: Comune di Borgo, time_zone: Europe/Rome, hosts: [localhost], email: protocollo@borgo.example }
municipalities: [{ id: borgo, name: Borgo }]
offices:
  - id: anagrafe
    name: Anagrafe
    municipality: borgo
    address: Piazza 1
    phone: +39 0141 000001
    slot_step: PT30M
    opening_hours: [{ days: [mon, tue, wed, thu, fri], opens: '09:00', closes: '11:00' }]
    services:
      - { id: carta, name: Carta d'identità, duration: PT30M, horizon: P300D, modes: [in_person, phone], needs: [Una fotografia] }
      - id: residenza
        name: Cambio di residenza
        duration: PT30M
        horizon: P300D
        limits: { per_person: 1, per: P7D }
        fields: [{ id: via, label: Via nuova, type: text, required: true }]
      - { id: sindaco, name: Il sindaco riceve, duration: PT30M, horizon: P300D, confirmation: staff }
  - id: sue
    name: Edilizia
    municipality: borgo
    address: Piazza 2
    slot_step: PT30M
    opening_hours:
      - { days: [tue], opens: '09:00', closes: '10:00', audience: [professionals] }
      - { days: [thu], opens: '15:00', closes: '16:00', audience: [public] }
    services: [{ id: pratica, name: Pratiche edilizie, duration: PT30M }]
counters:
  - { id: uno, name: Sportello 1, serves: [{ office: anagrafe, services: [carta, residenza, sindaco] }] }
  - { id: tecnico, name: Il tecnico, serves: [{ office: sue, services: [pratica] }] }
`;

const addressee = ({ email }: Letter): string | undefined => email.to?.[0]?.address;

const CHOSEN = { ufficio: 'anagrafe', servizio: 'carta', modo: 'in_person', pubblico: 'public' };
const ANNA = { given_name: 'Anna', family_name: 'Ferrero', email: '', phone: '0141 555000', language: 'it' };

async function openTown(engine: Engine): Promise<RunningApp<ManualClock>> {
  const authorityFile = join(newFolder('authority'), 'borgo.yaml');
  writeFileSync(authorityFile, TOWN);
  return startApp({ databaseUrl: await engine.freshUrl(), authorityFile });
}

describe.each(engines)('on $name', (engine) => {
  let app: RunningApp<ManualClock>;
  let operator: string;
  let days = 1;

  beforeAll(async () => {
    app = await openTown(engine);
    operator = await signedIn(app, { offices: ['anagrafe'], name: 'Olga Operatrice' });
  });

  afterAll(() => app?.close());

  const look = (path: string, cookie = operator): Promise<Answer> => app.ask(path, { headers: { cookie } });
  const send = (path: string, said: Record<string, string>, cookie = operator): Promise<Answer> =>
    app.ask(path, { method: 'POST', headers: { cookie }, body: new URLSearchParams(said) });
  const goesTo = ({ status, headers }: Answer): string => `${status} ${String(headers.location)}`;
  const registers = (): Registers => app.app.get(Registers);
  const authority = async () => (await registers().authorities.all())[0]!;
  const bookingOf = async (reference: string): Promise<Booking> =>
    (await registers().books.byReference('borgo', reference))!;

  /** Of a week of its own for each test: nine on its Tuesday. */
  const nextNine = (): string => {
    const day = new Date(Date.UTC(2027, 2, 2 + 7 * days++)).toISOString().slice(0, 10);
    return day < '2027-03-28' ? `${day}T09:00:00+01:00` : `${day}T09:00:00+02:00`;
  };

  /** @returns the address of a form begun at this time */
  async function begin(said: Record<string, string>, cookie = operator): Promise<string> {
    const answer = await send('/operatore/nuovo/orario', { ...CHOSEN, ...said }, cookie);
    expect(goesTo(answer)).toMatch(/^303 \/operatore\/nuovo\/[\w-]{43}$/);
    return String(answer.headers.location);
  }

  const at = (start: string): { posto: string } => ({ posto: `anagrafe@${start}` });
  const other = (start: string): Record<string, string> => ({ data: start.slice(0, 10), ora: start.slice(11, 16) });

  const listed = async (start: string): Promise<boolean> => {
    const day = start.slice(0, 10);
    const answer = await app.ask(`/api/v1/slots?service_id=carta&from=${day}&to=${day}`);
    return answer.json<{ items: { start: string }[] }>().items.some((slot) => slot.start === start);
  };

  async function citizenBooks(start: string, email = 'presto@example.org'): Promise<number> {
    const citizen = { given_name: 'Piero', family_name: 'Presto', email };
    const body = { office_id: 'anagrafe', service_id: 'carta', start, mode: 'in_person', citizen };
    const headers = { 'idempotency-key': `${start} ${email}` };
    return (await app.ask('/api/v1/bookings', { method: 'POST', headers, body })).status;
  }

  /** Saves a form that nothing stands in the way of. @returns the reference */
  async function saved(form: string, said: Record<string, string> = ANNA): Promise<string> {
    expect(goesTo(await send(form, said))).toBe(`303 ${form}`);
    const { text } = await look(form);
    expect(text).toContain('salvat');
    return /appuntamenti\/(\w{7})"/.exec(text)![1]!;
  }

  test('A time, a name and a telephone are enough, and whoever has no e-mail gets a paper', async () => {
    const start = nextNine();
    const page = await look(`/operatore/nuovo?servizio=anagrafe/carta&giorno=${start.slice(0, 10)}`);
    expect(page.text).toContain(`value="anagrafe@${start}"`);
    expect(await listed(start)).toBe(true);

    const form = await begin({ ...at(start), sportello: 'uno' });
    expect((await look(form)).text).toMatch(/Sportello 1[\s\S]*Teniamo questo orario fino alle 7:05/);
    expect(await listed(start)).toBe(false);

    const reference = await saved(form);
    const done = await look(form);
    expect(done.text).toContain(spaced(reference));
    expect(done.text).toContain('Non riceve lettere');
    expect(await bookingOf(reference)).toMatchObject({ email: null, emailHash: null, phone: '0141 555000' });
    expect(goesTo(await send(form, ANNA))).toBe(`303 ${form}`); // pressed again
    const [story] = await registers().history.of(await bookingOf(reference));
    expect(story).toMatchObject({ what: 'booked', actor: 'staff', staffName: 'Olga Operatrice', note: null });
  });

  test('Whoever presses twice has one appointment, and is told so both times', async () => {
    const start = nextNine();
    const form = await begin(at(start));
    await Promise.all([send(form, ANNA), send(form, ANNA)]);
    expect((await look(form)).text).toContain('Appuntamento salvato');
    const there = await registers().database.reading.countBy(Booking, { start: Date.parse(start) / 60_000 });
    expect(there).toBe(1);
  });

  test('The paper says all, and its code opens the page where one moves or cancels', async () => {
    const reference = await saved(await begin(at(nextNine())));
    const slip = await look(`/operatore/appuntamenti/${reference.toLowerCase()}/foglio`);
    const booking = await bookingOf(reference);
    const { manage } = app.app.get(Addresses).linksOf(await authority(), booking);
    const drawn = Buffer.from(/data:image\/svg\+xml;base64,([\w+/=]+)/.exec(slip.text)![1]!, 'base64').toString();
    expect(drawn).toBe(renderSVG(manage, { ecc: 'M', border: 4 }));
    expect(slip.headers['cache-control']).toBe('no-store');
    for (const said of ['Anagrafe', 'Piazza 1, Borgo', 'ore 9:00–9:30', 'Una fotografia'])
      expect(slip.text).toContain(said);
    expect(slip.text).toContain(
      `chiama il +39 0141 000001 e di&#39; il codice ${spaced(reference).replace(' ', '\u00a0')}`,
    );

    const page = await app.ask(new URL(manage).pathname);
    expect(page.status).toBe(200);
    expect(page.text).toContain('/sposta');
    expect(page.text).not.toMatch(/\bnull\b/);
    expect(goesTo(await send(`${new URL(manage).pathname}/annulla`, {}))).toMatch(/^303 /);
    const after = await look(`/operatore/appuntamenti/${reference}/foglio`);
    expect(after.text).toContain('Appuntamento annullato');
    expect(after.text).not.toContain('data:image/svg');

    const noted = await app.app.get(AccessLog).find('borgo', { from: 0, until: Number.MAX_SAFE_INTEGER, reference }, 9);
    expect(noted.map(({ what }) => what)).toEqual(['slip', 'slip', 'new-booking']);
  });

  test('Who has an e-mail gets the letter, in their language; who has none gets none', async () => {
    const reference = await saved(await begin(at(nextNine())), {
      ...ANNA,
      email: 'anna@example.org',
      phone: '',
      language: 'en',
    });
    const paper = await saved(await begin(at(nextNine())));
    const of = async (sought: string) =>
      (await lettersIn(app.mailDir)).filter(({ email }) => email.text?.includes(spaced(sought)));
    const told = await awaitLetters(
      () => of(reference),
      (letters) => letters.length === 2,
    );
    expect(told.map(({ email }) => email.subject).join()).toContain('Appointment confirmed');
    expect((await awaitLetters(() => of(paper), 1)).map(addressee)).toEqual(['protocollo@borgo.example']);
    const sheet = `/operatore/appuntamenti/${paper}`;
    await send(`${sheet}/annulla`, { versione: '0', nota: 'Ufficio allagato.' });
    const letters = await awaitLetters(() => of(paper), 2);
    expect(letters.map(addressee)).toEqual(['protocollo@borgo.example', 'protocollo@borgo.example']);
    const { text = '' } = letters.find(({ email }) => email.subject?.includes('annullato'))!.email;
    expect(text).toMatch(/senza e-mail: al cittadino non arrivano lettere, va chiamato[\s\S]*0141 555000/);
    expect(text).toContain('Ufficio allagato.');
  });

  test('The page of who has no e-mail promises no letters', async () => {
    const form = await begin({ ...at(nextNine()), servizio: 'sindaco' });
    const booking = await bookingOf(await saved(form));
    const { manage, move } = app.app.get(Addresses).pathsOf(booking);
    expect((await app.ask(manage)).text).toContain('Quando l&#39;ufficio risponde, lo leggi su questa pagina.');
    const start = new Date((booking.start + 30) * 60_000).toISOString();
    expect(goesTo(await send(move, { start }))).toBe(`303 ${manage}?spostato=1`);
    expect((await app.ask(`${manage}?spostato=1`)).text).toContain('Segnati il nuovo orario.');
  });

  test('What is missing is said, and what was written is still there', async () => {
    const form = await begin(at(nextNine()));
    const wrong = { ...ANNA, given_name: '', phone: '', reason: 'Due figli' };
    expect(goesTo(await send(form, wrong))).toBe(`303 ${form}?errori=1#errori`);
    const { text } = await look(`${form}?errori=1`);
    expect(text).toContain('Scrivi il nome');
    expect(text).toContain('almeno uno dei due');
    expect(text).toContain('value="Ferrero"');
    expect(text).toContain('Due figli');
  });

  test('A call needs the telephone', async () => {
    const form = await begin({ ...at(nextNine()), modo: 'phone' });
    await send(form, { ...ANNA, email: 'anna@example.org', phone: '' });
    expect((await look(`${form}?errori=1`)).text).toContain('Scrivi il telefono: l&#39;ufficio chiama lì');
  });

  test('Whoever lost the time hears it before anything is saved, and takes one of the nearest', async () => {
    const start = nextNine();
    const form = await begin(at(start));
    app.clock.advance(6 * 60_000);
    expect(await citizenBooks(start)).toBe(201);
    expect(goesTo(await send(form, ANNA))).toBe(`303 ${form}?conflitto=1#conflitto`);
    const { text } = await look(`${form}?conflitto=1`);
    expect(text).toContain('Niente è stato salvato');
    expect(text).toContain('Tutti i posti sono presi');
    expect(text).toContain('value="Ferrero"');
    const next = start.replace('T09:00', 'T09:30');
    expect(text).toContain(`value="anagrafe@${next}"`);
    const reference = await saved(form, { ...ANNA, supera: 'taken', ...at(next) });
    expect((await bookingOf(reference)).start).toBe(Date.parse(next) / 60_000);
  });

  test('Even the next time may be lost', async () => {
    const start = nextNine();
    const form = await begin(at(start));
    app.clock.advance(6 * 60_000);
    const next = start.replace('T09:00', 'T09:30');
    expect(await citizenBooks(start)).toBe(201);
    expect(await citizenBooks(next, 'altri@example.org')).toBe(201);
    const answer = await send(form, { ...ANNA, supera: 'taken', ...at(next) });
    expect(goesTo(answer)).toBe(`303 ${form}?conflitto=1#conflitto`);
    expect((await look(form)).text).toContain(`value="anagrafe@${start.replace('T09:00', 'T10:00')}"`);
  });

  test('A time outside the hours says what it overrules, and wants the reason', async () => {
    const sunday = '2027-03-14T20:05:00+01:00';
    const form = await begin(other(sunday));
    const { text } = await look(form);
    expect(text).toContain('Questo orario supera delle regole');
    expect(text).toMatch(/non c&#39;è ricevimento/);
    const same = { ...ANNA, posto: 'stesso', supera: 'closed' };
    expect(goesTo(await send(form, same))).toBe(`303 ${form}?errori=1#errori`);
    expect((await look(`${form}?errori=1`)).text).toContain('Scrivi perché superi le regole');
    expect(goesTo(await send(form, { ...same, supera: '', perche: 'Perché sì' }))).toContain('conflitto'); // unread
    const reference = await saved(form, { ...same, perche: 'Non può muoversi nei giorni feriali' });
    const booking = await bookingOf(reference);
    expect(booking.start).toBe(Date.parse(sunday) / 60_000);
    expect(await registers().history.of(booking)).toMatchObject([
      { what: 'booked', note: 'Non può muoversi nei giorni feriali', detail: { overruled: true } },
    ]);
  });

  test('One place more sits at a counter of its own', async () => {
    const start = nextNine();
    expect(await citizenBooks(start)).toBe(201);
    const form = await begin(other(start));
    expect((await look(form)).text).toContain('prende un posto in più');
    const reference = await saved(form, { ...ANNA, posto: 'stesso', supera: 'taken', perche: 'Urgente' });
    const { counter } = await bookingOf(reference);
    expect((await authority()).counterByKey(counter)?.name).toBe('Posto in più 1');
    expect((await look(form)).text).toContain('Posto in più 1');
  });

  test('A person who has enough may have one more for a reason', async () => {
    const start = nextNine();
    const said = { ...ANNA, email: 'spesso@example.org', phone: '', 'campo.via': 'Via Roma 1' };
    await saved(await begin({ ...at(start), servizio: 'residenza' }), said);
    const form = await begin({ ...at(start.replace('T09:00', 'T09:30')), servizio: 'residenza' });
    expect(goesTo(await send(form, said))).toContain('conflitto');
    expect((await look(form)).text).toContain('ha già il massimo di appuntamenti');
    const more = { ...said, posto: 'stesso', supera: 'limit', perche: 'Due case diverse' };
    const booking = await bookingOf(await saved(form, more));
    expect(booking.fields).toEqual({ via: 'Via Roma 1' });
    expect((await registers().history.of(booking))[0]).toMatchObject({ note: 'Due case diverse' });
  });

  test('An office that closes while the form is open is seen before saving', async () => {
    const start = nextNine();
    const day = start.slice(0, 10);
    const form = await begin(at(start));
    const { definition } = await authority();
    const closures = [{ from: day, through: day, reason: 'Sciopero' }];
    await registers().authorities.save({ ...definition, closures });
    try {
      expect(goesTo(await send(form, ANNA))).toContain('conflitto');
      expect((await look(form)).text).toMatch(/non c&#39;è ricevimento[\s\S]*Sciopero/);
    } finally {
      await registers().authorities.save(definition);
    }
  });

  test('A time is kept while the form is open, and a form keeps its words when the time changes', async () => {
    const start = nextNine();
    const form = await begin(at(start));
    app.clock.advance(4 * 60_000);
    expect(goesTo(await send(`${form}/tieni`, {}))).toBe(`303 ${form}`);
    app.clock.advance(4 * 60_000);
    expect(await listed(start)).toBe(false);
    await send(form, { ...ANNA, given_name: '' });
    const modulo = form.split('/').at(-1)!;
    const next = start.replace('T09:00', 'T10:00');
    expect(await begin({ ...at(next), modulo })).toBe(form);
    expect((await look(form)).text).toMatch(/ore 10:00[\s\S]*value="Ferrero"/);
    expect(await listed(start)).toBe(true);
  });

  test.each([
    ['no hour', { data: '2027-03-28', ora: '02:30' }, 'ora'],
    ['between two ticks', { data: '2027-03-10', ora: '09:02' }, 'ora'],
    ['gone', { data: '2027-02-28', ora: '09:00' }, 'passato'],
    ['far', { data: '2030-03-01', ora: '09:00' }, 'lontano'],
  ])('A time that cannot be (%s) begins no form', async (_, said, why) => {
    const answer = await send('/operatore/nuovo/orario', { ...CHOSEN, ...said });
    const [path = ''] = String(answer.headers.location).split('#');
    expect(path).toContain(`manca=${why}`);
    expect((await look(path)).text).toContain('aria-invalid="true"');
  });

  test('Professionals have hours of their own', async () => {
    const builder = await signedIn(app, { offices: ['sue'] });
    const asked = '/operatore/nuovo?servizio=sue/pratica&giorno=2027-03-09';
    const forAll = await look(asked, builder);
    const forThem = await look(`${asked}&pubblico=professionals`, builder);
    expect(forAll.text).not.toContain('sue@2027-03-09T09:00:00+01:00');
    expect(forThem.text).toContain('sue@2027-03-09T09:00:00+01:00');
    expect(forThem.text).toContain('Professionisti');
  });

  test('What waits for the yes of the office is a request, on paper too', async () => {
    const form = await begin({ ...at(nextNine()), servizio: 'sindaco' });
    expect((await look(form)).text).toContain('Salva la richiesta');
    const reference = await saved(form);
    expect((await bookingOf(reference)).status).toBe('pending');
    expect((await look(`/operatore/appuntamenti/${reference}/foglio`)).text).toContain('La tua richiesta');
  });

  test('Nobody opens the form of another, nor books at an office that is not theirs', async () => {
    const start = nextNine();
    const form = await begin(at(start));
    const reference = await saved(await begin(at(start.replace('T09:00', 'T10:00'))));
    const slip = `/operatore/appuntamenti/${reference}/foglio`;
    const colleague = await signedIn(app, { offices: ['anagrafe'] });
    const stranger = await signedIn(app, { offices: ['sue'] });
    const privacy = await signedIn(app, { role: 'privacy', offices: [] });
    expect(goesTo(await look(form, colleague))).toContain('manca=modulo');
    expect(goesTo(await send(form, ANNA, colleague))).toContain('manca=modulo');
    for (const cookie of [stranger, privacy]) {
      expect((await look('/operatore/nuovo?servizio=anagrafe/carta', cookie)).status).toBe(404);
      expect((await send('/operatore/nuovo/orario', { ...CHOSEN, ...at(start) }, cookie)).status).toBe(404);
      const forbidden = await look(slip, cookie);
      const missing = await look(slip.replace(reference, '2222222'), cookie);
      expect(forbidden.status).toBe(404);
      expect(forbidden.text).toBe(missing.text.replaceAll('2222222', reference));
    }
    expect((await look(slip, 'nobody=1')).headers.location).toContain('/operatore/accesso');
    expect((await send(form, ANNA, 'nobody=1')).status).toBe(404);
  });
});

describe('In Chromium', () => {
  let app: RunningApp<ManualClock>;
  let browser: Browser;

  beforeAll(async () => {
    app = await openTown(engines[0]!);
    await app.listen();
    browser = await openBrowser();
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await app?.close();
  });

  async function signIn(page: Page): Promise<void> {
    const [name = '', value = ''] = (await signedIn(app, { offices: ['anagrafe', 'sue'] })).split('=');
    await page.context().addCookies([{ name, value, url: app.url }]);
  }

  async function enter(width: number, javaScript: boolean): Promise<{ page: Page; errors: string[] }> {
    const opened = await openPage(browser, { width, javaScript });
    await signIn(opened.page);
    await opened.page.goto(`${app.url}/operatore/nuovo`);
    return opened;
  }

  /** Axe is a script itself: it has nothing to say where there is none. */
  async function faultsOf(page: Page, javaScript: boolean): Promise<string[]> {
    if (!javaScript) return [];
    const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
    const isWide = (await page.evaluate<number>('document.documentElement.scrollWidth')) > page.viewportSize()!.width;
    return [
      ...violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`),
      ...(isWide ? ['wider than the screen'] : []),
    ];
  }

  async function press(page: Page, name: string | RegExp): Promise<void> {
    await Promise.all([page.waitForEvent('load'), page.getByRole('button', { name }).first().click()]);
  }

  test.each([
    { width: 320, javaScript: true },
    { width: 1280, javaScript: false },
  ])(
    'From the telephone call to the paper, at $width px, JavaScript $javaScript',
    async ({ width, javaScript }) => {
      const { page, errors } = await enter(width, javaScript);
      const faults = [await faultsOf(page, javaScript)];
      await page.getByLabel('Di cosa ha bisogno?').selectOption({ label: "Carta d'identità" });
      await press(page, 'Mostra gli orari');
      faults.push(await faultsOf(page, javaScript));
      await page.getByLabel('Giorno').fill('2027-03-14');
      await page.getByLabel('Ora', { exact: true }).fill('20:00');
      await press(page, 'Continua con questo orario');
      faults.push(await faultsOf(page, javaScript));
      await page.getByLabel(/^Nome/).fill('Anna');
      await page.getByLabel('Cognome').fill('Ferrero');
      await press(page, 'Salva');
      faults.push(await faultsOf(page, javaScript));
      expect(await page.getByLabel(/^Nome/).inputValue()).toBe('Anna');
      await page.getByLabel('Telefono').fill('0141 555000');
      await page.getByRole('textbox', { name: 'Motivo' }).fill('Lavora tutti i giorni');
      await press(page, 'Salva');
      faults.push(await faultsOf(page, javaScript));
      await Promise.all([page.waitForEvent('load'), page.getByRole('link', { name: 'Stampa il foglio' }).click()]);
      faults.push(await faultsOf(page, javaScript));
      await page.emulateMedia({ media: 'print' });
      expect(await page.getByRole('banner').isVisible()).toBe(false);
      expect(
        await page
          .getByRole('img', { name: /^Codice QR/ })
          .evaluate((image: { naturalWidth: number }) => image.naturalWidth),
      ).toBeGreaterThan(0);
      expect(faults.flat()).toEqual([]);
      expect(errors).toEqual([]);
    },
    60_000,
  );

  test('What comes in between is said while the form is still open', async () => {
    const { page } = await openPage(browser, { width: 1280, javaScript: true });
    await page.clock.install();
    await signIn(page);
    await page.goto(`${app.url}/operatore/nuovo?servizio=anagrafe/carta&giorno=2027-03-17`);
    await Promise.all([
      page.waitForEvent('load'),
      page.getByRole('button', { name: /^mercoledì 17 marzo, ore 9:00/ }).click(),
    ]);
    await page.getByLabel(/^Nome/).fill('Anna');
    const { authorities } = app.app.get(Registers);
    const [borgo] = await authorities.all();
    const closures = [{ from: '2027-03-17', through: '2027-03-17', reason: 'Sciopero' }];
    await authorities.save({ ...borgo!.definition, closures });
    await page.clock.runFor(60_000);
    await page.getByText('Sciopero').waitFor();
    expect(await page.getByLabel(/^Nome/).inputValue()).toBe('Anna');
    expect(page.url()).not.toContain('conflitto');
    await page.context().close();
  }, 60_000);
});
