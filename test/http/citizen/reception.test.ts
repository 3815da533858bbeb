// SPDX-License-Identifier: AGPL-3.0-or-later
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { Registers } from '../../../src/database/registers.ts';
import { Doors } from '../../../src/front-desk/reception/doors.ts';
import { OpeningDesk, type Clerk } from '../../../src/front-desk/reception/opening-desk.ts';
import { WaitingDesk } from '../../../src/front-desk/reception/waiting-desk.ts';
import type { Authority } from '../../../src/offices/authority.ts';
import type { Arrival } from '../../../src/waiting-room/arrival.ts';
import { startApp, type Answer, type RunningApp } from '../../kit/app.ts';
import { openBrowser, openPage, picture, views, type View } from '../../kit/chromium.ts';
import type { ManualClock } from '../../kit/clock.ts';
import { engines } from '../../kit/engines.ts';
import { signedIn } from '../../kit/staff.ts';

/** A Tuesday, with the SUAP's door open from nine to one. */
const TUESDAY = '2027-03-02T10:00:00+01:00';
const ANNA: Clerk = { id: '01900000-0000-7000-8000-000000000001', name: 'Anna Rossi' };

let app: RunningApp<ManualClock>;
let browser: Browser;
const contexts: BrowserContext[] = [];

beforeAll(async () => {
  app = await startApp({ databaseUrl: await engines[0]!.freshUrl() });
  await app.listen();
  browser = await openBrowser();
}, 60_000);

afterAll(async () => {
  await Promise.all(contexts.map((context) => context.close()));
  await browser?.close();
  await app?.close();
});

beforeEach(() => app.clock.set(TUESDAY));

const HTML = { accept: 'text/html' };
const wordsIn = ({ text }: Answer): string =>
  text
    .slice(text.indexOf('<main'), text.indexOf('</main>'))
    .replace(/<[^>]+>/g, ' ')
    .replaceAll('&#39;', "'")
    .replace(/\s+/g, ' ');

const read = (path: string, language = 'it'): Promise<Answer> =>
  app.ask(path, { headers: { ...HTML, 'accept-language': language } });
const post = (path: string, form: Record<string, string> = {}, headers = {}): Promise<Answer> =>
  app.ask(path, { body: new URLSearchParams(form), headers: { ...HTML, ...headers } });
const headingOf = ({ text }: Answer): string => /<h1[^>]*>(.*?)<\/h1>/.exec(text)![1]!.replaceAll('&#39;', "'");

const authority = async (): Promise<Authority> => (await app.app.get(Registers).authorities.all())[0]!;

/** Somebody before a door, and what the staff do with them. */
class Comer {
  constructor(
    /** `/incontro/{token}` */
    readonly path: string,
    /** Of an appointment. */
    readonly booking?: { reference: string; manage_token: string },
  ) {}

  static async knocking(name = 'Maria Bianchi', officeId = 'suap'): Promise<Comer> {
    const knocked = await post(`/ricevimento/${officeId}/bussa`, { name, reason: 'Una SCIA' });
    expect(knocked.status).toBe(303);
    return new Comer(String(knocked.headers['location']));
  }

  /** With an appointment by video at the SUAP. */
  static async booked(start: string): Promise<Comer> {
    const citizen = {
      given_name: 'Ugo',
      family_name: 'Neri',
      email: `ugo.${start.slice(0, 16).replace(/\W/g, '')}@example.org`,
    };
    const body = { office_id: 'suap', service_id: 'consulenza', start, mode: 'video', citizen };
    const booked = await app.ask('/api/v1/bookings', { body, headers: { 'idempotency-key': `reception ${start}` } });
    expect(booked.status).toBe(201);
    const booking = booked.json<{ meeting_url: string; reference: string; manage_token: string }>();
    return new Comer(new URL(booking.meeting_url).pathname, booking);
  }

  /** What the citizen does with the other link. */
  async changes(what: string, body: object = {}): Promise<void> {
    const headers = { authorization: `Bearer ${this.booking!.manage_token}` };
    const changed = await app.ask(`/api/v1/bookings/${this.booking!.reference}/${what}`, { body, headers });
    expect(changed.status).toBe(200);
  }

  get token(): string {
    return this.path.split('/').at(-1)!;
  }

  page(query = ''): Promise<Answer> {
    return read(this.path + query);
  }

  async says(): Promise<string> {
    return wordsIn(await this.page());
  }

  async does(step: string, form: Record<string, string> = {}): Promise<Answer> {
    const done = await post(`${this.path}/${step}`, form);
    return done.status === 303 ? read(String(done.headers['location'])) : done;
  }

  async staff(act: (desk: OpeningDesk, town: Authority, arrival: Arrival) => Promise<unknown>): Promise<void> {
    const town = await authority();
    const arrival = await app.app.get(WaitingDesk).find(town, this.token);
    await act(app.app.get(OpeningDesk), town, arrival!);
  }
}

const opens = (desk: OpeningDesk, town: Authority, arrival: Arrival) => desk.open(town, arrival, ANNA);
const holds = (desk: OpeningDesk, _: Authority, arrival: Arrival) => desk.hold(arrival, ANNA);
const closes = (desk: OpeningDesk, town: Authority, arrival: Arrival) => desk.close(town, arrival, ANNA);

describe('the doors', () => {
  const doorOf = async (name: string, language = 'it'): Promise<string> => {
    const words = wordsIn(await read('/ricevimento', language));
    return words.slice(words.indexOf(` ${name} `), words.indexOf(`: ${name} `, words.indexOf(` ${name} `)));
  };

  test('say until when they are open, or when they open next, in the words people use', async () => {
    expect(await doorOf('Sportello Unico Attività Produttive')).toContain(
      'Aperto fino alle 13:00 Riceve in video: lun–ven 9–13 · mar e gio anche 15–17 Bussa',
    );
    expect(await doorOf('Sindaco di Mombercelli')).toContain('Chiuso Torna aperto oggi alle 11:00');
    expect(await doorOf('Sportello Unico Edilizia')).toContain('Chiuso Torna aperto giovedì 4 marzo alle 15:00');
    expect(await doorOf('Sportello Unico Edilizia', 'en')).toContain('Closed Opens again Thursday 4 March at 15:00');
    expect(wordsIn(await read('/ricevimento'))).toContain('3 uffici ricevono adesso. Mombercelli');
    expect(wordsIn(await read('/'))).toContain(
      "Bussa ora Parli in video con l'ufficio, senza appuntamento. 3 uffici ricevono adesso.",
    );
  });

  test('after Easter and the change of the clocks open on Tuesday', async () => {
    app.clock.set('2027-03-27T12:00:00+01:00');
    expect(await doorOf('Sportello Unico Attività Produttive')).toContain('Torna aperto martedì 30 marzo alle 9:00');
    const shut = await read('/ricevimento/suap');
    expect(wordsIn(shut)).toContain('Torna aperto martedì 30 marzo alle 9:00');
    // Nobody is told to knock at a door that is shut.
    expect(headingOf(shut)).toBe('Sportello Unico Attività Produttive');
    expect(wordsIn(await read('/ricevimento/suap', 'en'))).toContain('Opens again Tuesday 30 March at 9:00');
    expect(wordsIn(await read('/ricevimento'))).toContain('Adesso nessun ufficio riceve in video.');
    expect(wordsIn(await read('/'))).toContain('Ricevimento in video: Chiuso. Torna aperto martedì 30 marzo alle 9:00');
  });

  test('say how many wait, and why they are paused', async () => {
    const [one, other] = [await Comer.knocking('Prima'), await Comer.knocking('Seconda')];
    expect(await doorOf('Sportello Unico Attività Produttive')).toContain('Occupato, in attesa: 2 fino alle 13:00');
    expect(wordsIn(await read('/'))).toContain('Ricevimento in video: Occupato, in attesa: 2 fino alle 13:00');
    expect(await one.says()).toContain('Prenota invece un appuntamento');
    const doors = app.app.get(Doors);
    await doors.pause(await authority(), 'suap', 'torno alle 11:00');
    try {
      expect(await doorOf('Sportello Unico Attività Produttive')).toMatch(/In pausa «torno alle 11:00» .*17 Prenota/);
      expect(wordsIn(await read('/'))).toContain('Ricevimento in video: In pausa «torno alle 11:00»');
      const refused = await post('/ricevimento/suap/bussa', { name: 'Terza', reason: '' });
      expect(refused.status).toBe(409);
      expect(wordsIn(refused)).toContain('«torno alle 11:00»');
      expect(await one.says()).toContain("L'ufficio è in pausa: «torno alle 11:00»");
    } finally {
      await doors.resume(await authority(), 'suap');
    }
    await one.does('esci');
    await other.does('esci');
  });

  test('of a municipality with a host name of its own are its own', async () => {
    const { authorities } = app.app.get(Registers);
    const { definition } = await authority();
    const named = definition.municipalities.map((m) => (m.id === 'vinchio' ? { ...m, hosts: ['vinchio.example'] } : m));
    await authorities.save({ ...definition, municipalities: named });
    try {
      const there = wordsIn(await app.ask('/ricevimento', { headers: { ...HTML, host: 'vinchio.example' } }));
      expect(there).toContain('Ufficio Tecnico di Vinchio');
      expect(there).not.toContain('Sindaco di Mombercelli');
    } finally {
      await authorities.save(definition);
    }
  });

  test('that never open to a knock are not shown, and say so to who comes by a link', async () => {
    const { authorities } = app.app.get(Registers);
    const { definition } = await authority();
    const shut = definition.offices.map((o) => (o.id === 'sindaco' ? { ...o, receptionHours: [] } : o));
    await authorities.save({ ...definition, offices: shut });
    try {
      const all = wordsIn(await read('/ricevimento'));
      expect(all).not.toContain('Sindaco');
      expect(all).toContain('Altri uffici ricevono solo in sede');
      expect(wordsIn(await read('/ricevimento/sindaco'))).toContain('non riceve in video senza appuntamento');
      expect((await post('/ricevimento/sindaco/bussa', { name: 'Maria' })).status).toBe(409);
    } finally {
      await authorities.save(definition);
    }
    expect((await read('/ricevimento/nessuno')).status).toBe(404);
    expect((await post('/ricevimento/nessuno/bussa', { name: 'Maria' })).status).toBe(404);
  });
});

describe('who knocks', () => {
  test('is told what is missing, and keeps what they wrote', async () => {
    const nameless = await post('/ricevimento/suap/bussa', { name: ' ', reason: 'Una <b>SCIA</b>' });
    expect(nameless.status).toBe(422);
    expect(wordsIn(nameless)).toContain('Scrivi il tuo nome');
    expect(nameless.text).toContain('value="Una &lt;b&gt;SCIA&lt;/b&gt;"');
    const long = await post('/ricevimento/suap/bussa', { name: 'a'.repeat(101), reason: 'b'.repeat(201) });
    expect(wordsIn(long)).toContain('al massimo 100 caratteri');
    expect(wordsIn(long)).toContain('al massimo 200 caratteri');
  });

  test('finds the door closed at the stroke of its hour, and keeps what they wrote', async () => {
    app.clock.set('2027-03-02T12:59:59.999+01:00');
    const last = await Comer.knocking();
    app.clock.set('2027-03-02T13:00:00+01:00');
    const late = await post('/ricevimento/suap/bussa', { name: 'Maria', reason: 'Una SCIA' });
    expect(late.status).toBe(409);
    expect(wordsIn(late)).toContain('Intanto la porta si è chiusa');
    expect(wordsIn(late)).toContain('Torna aperto oggi alle 15:00');
    expect(late.text).toMatch(/name="name" value="Maria"/);
    expect(late.text).toMatch(/name="reason" value="Una SCIA"/);
    expect(wordsIn(await read('/ricevimento/suap'))).not.toContain('Come ti chiami?');
    expect(await last.says()).toContain('Tu vieni ricevuto lo stesso');
    await last.does('esci');
  });

  test('is asked to come back where too many wait already', async () => {
    const town = await authority();
    const desk = app.app.get(WaitingDesk);
    const door = town.office('anagrafe')!;
    for (let n = 0; n < 250; n++) await desk.knock(town, door, { name: `Persona ${n}`, reason: null, language: 'it' });
    const full = await post('/ricevimento/anagrafe/bussa', { name: 'Maria', reason: 'Una carta' });
    expect(full.status).toBe(429);
    expect(wordsIn(full)).toContain('aspettano già troppe persone');
    expect(full.text).toMatch(/name="name" value="Maria"/);
  });

  test('waits, writes, is let in, is held, and goes with thanks', async () => {
    const [before, maria] = [await Comer.knocking('Prima'), await Comer.knocking()];
    const page = await maria.page();
    expect(headingOf(page)).toBe("Sei in sala d'attesa");
    expect(wordsIn(page)).toMatch(
      /L'ufficio è stato avvisato\. Il tuo numero \d+ Prima di te c'è 1 persona\. L'attesa è di/,
    );
    expect(page.text).toContain('<noscript><meta http-equiv="refresh" content="15"></noscript>');
    expect(page.text).toContain(`data-live-ticket="${maria.path}/biglietto"`);
    expect(page.headers['cache-control']).toBe('no-store');
    await before.does('esci');
    expect(await maria.says()).toContain('sei la prossima persona');

    const asking = await maria.page('?scrivi=1');
    expect(wordsIn(asking)).toContain("Una riga per l'ufficio");
    expect(asking.text).not.toContain('http-equiv="refresh"');
    expect(asking.text).toContain(`<noscript><iframe class="visually-hidden" src="${maria.path}/presenza"`);
    const empty = await maria.does('scrivi', { line: ' ' });
    expect([empty.status, wordsIn(empty).includes("Scrivi una riga per l'ufficio")]).toEqual([422, true]);
    expect(empty.text).toContain('<title>Errore: Sei in sala d&#39;attesa');
    expect(wordsIn(await maria.does('scrivi', { line: 'Ho <i>fretta</i>' }))).toContain(
      'Hai scritto: Ho &lt;i&gt;fretta&lt;/i&gt;',
    );

    await maria.staff((desk, _, arrival) => desk.tell(arrival, 'Prepari la planimetria'));
    expect(await maria.says()).toContain("L'ufficio ti scrive: Prepari la planimetria");
    await maria.staff(opens);
    const called = await maria.page();
    expect(headingOf(called)).toBe('È il tuo turno');
    expect(called.text).toContain(`href="${maria.path}/stanza"`);
    expect((await maria.page('?telefono=1')).text).toContain(`action="${maria.path}/richiamami"`);
    await maria.staff(holds);
    expect(headingOf(await maria.page())).toBe('Un momento, per favore');
    await maria.staff(closes);
    const after = await maria.page();
    expect(headingOf(after)).toBe("L'incontro è finito");
    expect(wordsIn(after)).toContain('La chiamata non è stata registrata.');
    expect(after.text).toContain('href="/ricevimento/suap"');
    expect(after.text).not.toMatch(/http-equiv="refresh"|data-live/);
  });

  test('is handed to another office under the same link', async () => {
    const maria = await Comer.knocking();
    await maria.staff((desk, town, arrival) => desk.hand(town, arrival, 'tributi', ANNA));
    expect(await maria.says()).toContain(
      'Sportello Unico Attività Produttive ti affida a un altro ufficio: Ufficio Tributi. Non devi fare nulla.',
    );
    await maria.does('esci');
  });

  test('whom nobody answers is offered the next free times and a telephone call', async () => {
    const maria = await Comer.knocking();
    for (let seconds = 0; seconds < 5 * 60; seconds += 20) {
      app.clock.advance(20_000);
      await maria.page();
    }
    const page = await maria.page();
    expect(headingOf(page)).toBe("Aspetti da un po'");
    expect(wordsIn(page)).toContain('Sei la prossima persona.');
    expect(wordsIn(page)).not.toMatch(/fra poco|L'attesa è di/);
    expect(wordsIn(page)).not.toContain("L'attesa è");
    const times = [...page.text.matchAll(/href="(\/prenota\/data\?[^"]+)"/g)].map((m) =>
      m[1]!.replaceAll('&amp;', '&'),
    );
    expect(times).toHaveLength(2);
    expect(times[0]).toBe('/prenota/data?servizio=consulenza&sede=suap&modo=video&dal=2027-03-02');
    expect(wordsIn(await read(times[0]!))).toContain('martedì 2 marzo');

    const wrong = await maria.does('richiamami', { phone: 'dopo pranzo' });
    expect([wrong.status, wordsIn(wrong).includes('Controlla il numero di telefono')]).toEqual([422, true]);
    expect(wrong.text).toContain('value="dopo pranzo"');
    const phoned = await maria.does('richiamami', { phone: '0141 123456' });
    expect(headingOf(phoned)).toBe('Ti chiamiamo noi');
    expect(wordsIn(phoned)).toContain("L'ufficio ti telefona al 0141 123456");
    await maria.staff(closes);
    const shut = await maria.page();
    expect(headingOf(shut)).toBe("L'ufficio ha chiuso la tua richiesta");
    expect(wordsIn(shut)).toContain('Non vi siete parlati in video.');
  });

  test('is lost after thirty seconds without news, and knocks again under the same name', async () => {
    const maria = await Comer.knocking();
    app.clock.advance(29_000);
    expect(headingOf(await maria.page())).toBe("Sei in sala d'attesa");
    app.clock.advance(29_000);
    expect((await maria.page('/presenza')).headers['content-security-policy']).toContain("frame-ancestors 'self'");
    app.clock.advance(29_000);
    expect(headingOf(await maria.page())).toBe("Sei in sala d'attesa");
    app.clock.advance(30_000);
    const gone = await maria.page();
    expect(headingOf(gone)).toBe('Ci siamo persi');
    const number = Number(/Il tuo numero (\d+)/.exec(wordsIn(await maria.does('di-nuovo')))![1]);
    app.clock.advance(30_000);
    const again = Number(/Il tuo numero (\d+)/.exec(wordsIn(await maria.does('di-nuovo')))![1]);
    expect(again).toBe(number + 1);
    app.clock.set('2027-03-02T13:10:00+01:00');
    expect(await maria.says()).toContain('Chiuso. Torna aperto oggi alle 15:00');
    expect(headingOf(await maria.does('di-nuovo'))).toBe('Ci siamo persi');
    expect(headingOf(await maria.does('esci'))).toBe("Hai lasciato la sala d'attesa");
  });

  test('may use a browser that hides where a form comes from', async () => {
    const maria = await Comer.knocking();
    for (const step of ['di-nuovo', 'scrivi', 'entra', 'richiamami', 'esci']) {
      const done = await post(`${maria.path}/${step}`, { line: 'Ci sono', phone: '0141 12345' }, { origin: 'null' });
      expect([step, done.status]).toEqual([step, 303]);
    }
    expect(headingOf(await maria.page())).toBe("Hai lasciato la sala d'attesa");
    const elsewhere = await post('/ricevimento/suap/bussa', { name: 'Maria' }, { origin: 'https://evil.example' });
    expect(elsewhere.status).toBe(404);
  });
});

describe('who has an appointment', () => {
  const minutes = (comer: { start: string }, n: number): void => app.clock.set(Date.parse(comer.start) + n * 60_000);

  test('is told the time, then enters the waiting room, and is thanked', async () => {
    const start = '2027-03-04T09:00:00+01:00';
    const ugo = await Comer.booked(start);
    const early = await ugo.page();
    expect(headingOf(early)).toBe('Il tuo incontro in video');
    expect(early.text).toContain('<noscript><meta http-equiv="refresh" content="60"></noscript>');
    expect(wordsIn(early)).toContain('Mancano 1 giorno e 23 ore');
    expect(early.text).toContain('https://calendar.google.com/');
    expect(early.text).toContain(`href="${ugo.path}/prova"`);
    minutes({ start }, -10.1);
    expect(headingOf(await ugo.does('entra'))).toBe('Il tuo incontro in video');
    minutes({ start }, -10);
    const soon = await ugo.page();
    expect(headingOf(soon)).toBe("Fra poco è l'ora del tuo incontro");
    expect(wordsIn(soon)).toContain('Mancano 10 minuti');
    expect(soon.text).toContain(`action="${ugo.path}/entra"`);
    const waiting = await ugo.does('entra');
    expect(headingOf(waiting)).toBe("Sei in sala d'attesa");
    expect(wordsIn(waiting)).not.toContain('La porta si è chiusa');
    expect(headingOf(await ugo.does('esci'))).toBe("Hai lasciato la sala d'attesa");
    expect(headingOf(await ugo.does('entra'))).toBe("Sei in sala d'attesa");
    minutes({ start }, 3);
    expect(headingOf(await ugo.page())).toBe('Ci siamo persi');
    expect(await ugo.says()).toContain('Il tuo appuntamento vale ancora');
    expect(headingOf(await ugo.does('di-nuovo'))).toBe("Sei in sala d'attesa");
    await ugo.staff(opens);
    expect(headingOf(await ugo.page())).toBe('È il tuo turno');
    await ugo.staff(closes);
    expect(await ugo.says()).toContain('Prenota di nuovo');
    expect(headingOf(await ugo.page())).toBe("L'incontro è finito");
  });

  test('shares the link with the office, whose people are shown the way to open the door', async () => {
    const ugo = await Comer.booked('2027-03-08T09:00:00+01:00');
    const theirs = await app.ask(ugo.path, { headers: { cookie: await signedIn(app) } });
    expect(theirs.text).toContain('href="/operatore/attesa"');
    expect((await ugo.page()).text).not.toContain('/operatore');
    const knocked = await Comer.knocking();
    const cookie = await signedIn(app);
    expect((await app.ask(knocked.path, { headers: { cookie } })).text).not.toContain('/operatore');
    await knocked.does('esci');
  });

  test('may come half an hour late, and no later', async () => {
    const start = '2027-03-04T10:00:00+01:00';
    const ugo = await Comer.booked(start);
    minutes({ start }, 1);
    expect(headingOf(await ugo.page())).toBe("È l'ora del tuo incontro");
    minutes({ start }, 59.9);
    expect(headingOf(await ugo.page())).toBe("L'ora del tuo incontro è passata");
    minutes({ start }, 60);
    expect(headingOf(await ugo.does('entra'))).toBe('Questo incontro è passato');
  });

  test('finds the new time under the same link, and reads when it is called off', async () => {
    const start = '2027-03-04T11:00:00+01:00';
    const ugo = await Comer.booked(start);
    minutes({ start }, -5);
    await ugo.does('entra');
    await ugo.changes('move', { start: '2027-03-05T11:00:00+01:00' });
    const moved = await ugo.page();
    expect(headingOf(moved)).toBe('Il tuo incontro in video');
    expect(wordsIn(moved)).toContain('venerdì 5 marzo, ore 11:00–11:30');
    minutes({ start: '2027-03-05T11:00:00+01:00' }, -5);
    expect(headingOf(await ugo.does('entra'))).toBe("Sei in sala d'attesa");
    await ugo.changes('cancellation');
    const off = await ugo.page();
    expect(headingOf(off)).toBe('Questo incontro è annullato');
    expect(wordsIn(off)).toContain('Prenota di nuovo');
    await ugo.does('esci');
  });

  test('comes in at the new time, though they asked to be telephoned at the old one', async () => {
    const start = '2027-03-10T11:00:00+01:00';
    const later = '2027-03-11T11:00:00+01:00';
    const ugo = await Comer.booked(start);
    minutes({ start }, -5);
    await ugo.does('entra');
    expect(headingOf(await ugo.does('richiamami', { phone: '0141 123456' }))).toBe('Ti chiamiamo noi');
    await ugo.changes('move', { start: later });
    expect(headingOf(await ugo.page())).toBe('Il tuo incontro in video');
    minutes({ start: later }, -5);
    expect(headingOf(await ugo.does('entra'))).toBe("Sei in sala d'attesa");
    await ugo.does('esci');
  });
});

describe('the badge', () => {
  test('says to every site how a door stands, and no more', async () => {
    const { status, headers, text } = await app.ask('/ricevimento/badge.json?ufficio=suap');
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'access-control-allow-origin': '*', 'cache-control': 'public, max-age=15' });
    expect(JSON.parse(text)).toEqual({
      office: 'Sportello Unico Attività Produttive',
      state: 'open',
      text: 'Aperto fino alle 13:00',
    });
    expect((await app.ask('/ricevimento/badge.json?ufficio=suap&lang=en')).json()).toMatchObject({
      text: 'Open until 13:00',
    });
    expect((await app.ask('/ricevimento/badge.json?ufficio=nessuno')).status).toBe(404);
    app.clock.set('2027-03-27T12:00:00+01:00');
    expect((await app.ask('/ricevimento/badge.json?ufficio=suap')).json()).toMatchObject({
      state: 'closed',
      text: 'Chiuso. Torna aperto martedì 30 marzo alle 9:00',
    });
    for (const path of ['/ricevimento', '/ricevimento/suap', '/api/v1/offices'])
      expect((await app.ask(path)).headers['access-control-allow-origin']).toBeUndefined();
  });

  test('draws a link on the page of another site, as text', async () => {
    const script = (ufficio: string, more = '') =>
      `<script src="${app.url}/ricevimento/badge.js" data-ufficio="${ufficio}" ${more} defer></script>`;
    const site = createServer((_, response) => {
      const body = `<p id="uno">${script('suap')}</p><p id="due">${script('nessuno', 'data-testo="&lt;b&gt;Bussa"')}</p>`;
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.end(`<!doctype html><html lang="it"><title>Comune</title>${body}</html>`);
    });
    await once(site.listen(0, '127.0.0.1'), 'listening');
    try {
      const { page } = await openPage(browser, { width: 360, javaScript: true });
      contexts.push(page.context());
      await page.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}/`);
      const link = page.locator('#uno a.sportello-porta[data-stato=open]');
      await link.waitFor();
      expect(await link.textContent()).toBe('Sportello Unico Attività Produttive: Aperto fino alle 13:00');
      expect(await page.locator('#due a').innerHTML()).toBe('&lt;b&gt;Bussa');
      await link.click();
      await page.waitForURL(`${app.url}/ricevimento/suap`);
    } finally {
      site.close();
      site.closeAllConnections();
    }
  });
});

const LOOK = `(() => ({
  small: [...document.querySelectorAll('main a.btn, main a.way, main button, main input')]
    .filter((e) => e.checkVisibility() && e.offsetHeight < 44).map((e) => e.outerHTML.slice(0, 80)),
  wide: document.documentElement.scrollWidth > document.documentElement.clientWidth,
}))()`;

/** What is asked of every page; `deeply` takes a second or two. */
async function faultsOf(page: Page, deeply: boolean): Promise<string[]> {
  const { violations } = deeply
    ? await new AxeBuilder({ page }).include('main').setLegacyMode(true).analyze()
    : { violations: [] };
  const { small, wide } = await page.evaluate<{ small: string[]; wide: boolean }>(LOOK);
  return [
    ...violations.map((v) => `axe ${v.id}: ${v.nodes.map((n) => n.html.slice(0, 120)).join(' | ')}`),
    ...small.map((html) => `hard to hit: ${html}`),
    ...(wide ? ['wider than the screen'] : []),
  ];
}

async function open(view: View, path: string): Promise<{ page: Page; errors: string[] }> {
  const opened = await openPage(browser, view);
  contexts.push(opened.page.context());
  await opened.page.goto(app.url + path);
  return opened;
}

const heading = (page: Page): Promise<string | null> => page.locator('h1').textContent();

/** Clicks on what leads to another page, and waits for it. */
async function press(page: Page, name: string | RegExp): Promise<void> {
  const target = page
    .getByRole('main')
    .getByRole('link', { name })
    .or(page.getByRole('main').getByRole('button', { name }));
  await Promise.all([page.waitForEvent('load'), target.first().click()]);
}

describe.each(views)('at $width px, JavaScript $javaScript', (view) => {
  test('a citizen knocks, waits, writes a line and is called', async () => {
    const { page, errors } = await open(view, '/');
    if (view.javaScript) await page.clock.install();
    await press(page, /^Bussa ora/);
    if (view.javaScript) await picture(page, `ricevimento-${view.width}`, false);
    await press(page, 'Bussa : Sportello Unico Attività Produttive');
    await page.getByLabel('Come ti chiami?').fill('Maria Bianchi');
    await page.getByLabel('Perché bussi?').fill('Una SCIA');
    if (view.javaScript) await picture(page, `bussa-${view.width}`, false);
    await press(page, 'Bussa');
    expect(await heading(page)).toBe("Sei in sala d'attesa");
    const maria = new Comer(new URL(page.url()).pathname);
    await press(page, "Scrivi all'ufficio");
    await page.getByLabel("Una riga per l'ufficio").fill('Sono al telefono, niente camera');
    await press(page, 'Manda');
    expect(await page.getByRole('main').textContent()).toContain('Sono al telefono, niente camera');
    if (view.javaScript) await picture(page, `sala-d-attesa-${view.width}`, false);
    await maria.staff(opens);
    if (view.javaScript) {
      await page.locator('[data-going]').waitFor();
      await page.clock.fastForward(3_000);
      await page.waitForURL(`**${maria.path}/stanza`);
    } else {
      await page.reload();
      expect(await heading(page)).toBe('È il tuo turno');
      expect(await page.getByRole('link', { name: 'Entra nella chiamata' }).getAttribute('href')).toBe(
        `${maria.path}/stanza`,
      );
    }
    await maria.staff(closes);
    expect(errors).toEqual([]);
  });
});

test('an open page of the doors hears that one is paused, and of who waits that the staff write', async () => {
  const [doors, waits] = [
    await open({ width: 1280, javaScript: true }, '/ricevimento'),
    await open({ width: 360, javaScript: true }, (await Comer.knocking()).path),
  ];
  const maria = new Comer(new URL(waits.page.url()).pathname);
  const loads: string[] = [];
  for (const { page } of [doors, waits]) page.on('load', () => loads.push(page.url()));
  await app.app.get(Doors).pause(await authority(), 'suap', 'torno alle 11:00');
  try {
    await doors.page.locator('#porta-suap').getByText('«torno alle 11:00»').waitFor();
    await waits.page.getByText('«torno alle 11:00»').waitFor();
    await maria.staff((desk, _, arrival) => desk.tell(arrival, 'Arrivo subito'));
    await waits.page.locator('.alert').getByText('Arrivo subito').waitFor();
    expect(await waits.page.locator('[role=status]').first().textContent()).toContain('Arrivo subito');
  } finally {
    await app.app.get(Doors).resume(await authority(), 'suap');
  }
  await doors.page.locator('#porta-suap').getByText('Occupato, in attesa: 1').waitFor();
  expect(loads).toEqual([]);
  await maria.does('esci');
});

test('whoever types while the page keeps itself up to date loses no word', async () => {
  const maria = await Comer.knocking();
  const { page } = await open({ width: 360, javaScript: true }, `${maria.path}?scrivi=1`);
  const field = page.getByLabel("Una riga per l'ufficio");
  await field.fill('Sono qui per');
  await maria.staff((desk, _, arrival) => desk.tell(arrival, 'Un attimo'));
  await page.locator('.alert').getByText('Un attimo').waitFor();
  expect(await field.inputValue()).toBe('Sono qui per');
  await maria.does('esci');
});

/** Run before the page's own scripts: what is asked to stay awake. */
const KEEP_AWAKE = `window.awake = []; navigator.wakeLock.request = async (what) => window.awake.push(what)`;

test('the screen of who waits stays on, and who asks to write finds the field', async () => {
  const maria = await Comer.knocking();
  const { page } = await open({ width: 360, javaScript: true }, maria.path);
  await page.addInitScript(KEEP_AWAKE);
  await page.reload();
  expect(await page.evaluate<string[]>('window.awake')).toEqual(['screen']);
  await page.getByRole('link', { name: "Scrivi all'ufficio" }).click();
  await page.waitForURL('**/*#line');
  await page.locator('#line:focus').waitFor();
  await maria.does('esci');
});

const SCREENS = [
  [320, 'it'],
  [360, 'en'],
  [1280, 'it'],
] as const;

test('every page is accessible and fits, also at 320 px and in English', async () => {
  const ugo = await Comer.booked('2027-03-02T12:00:00+01:00');
  const paths = ['/ricevimento', '/ricevimento/suap', '/ricevimento/sue', ugo.path];
  const comers = await Promise.all(Array.from({ length: 6 }, (_, i) => Comer.knocking(`Persona ${i}`)));
  const [called, held, closed, phoned, left, waits] = comers as [Comer, Comer, Comer, Comer, Comer, Comer];
  await called.staff(opens);
  await held.staff(opens);
  await held.staff(holds);
  await held.staff((desk, _, arrival) => desk.tell(arrival, 'Cerco il fascicolo'));
  await closed.staff(opens);
  await closed.staff(closes);
  await phoned.does('richiamami', { phone: '0141 123456' });
  await left.does('esci');
  paths.push(...comers.map(({ path }) => path), `${waits.path}?scrivi=1`, `${waits.path}?telefono=1`);
  const found: string[] = [];
  for (const [nth, [width, language]] of SCREENS.entries()) {
    const { page } = await open({ width, javaScript: true, language }, '/ricevimento');
    for (const [i, path] of paths.entries()) {
      await page.goto(app.url + path);
      // The same words and colours stand on each screen: each page is looked at deeply on one of them.
      const faults = await faultsOf(page, i % SCREENS.length === nth);
      const name = await heading(page);
      found.push(...faults.map((fault) => `${width} ${name}: ${fault}`));
    }
    await page.goto(`${app.url}/ricevimento/suap`);
    await page.locator('main form button').click();
    found.push(...(await faultsOf(page, nth === 1)).map((fault) => `${width} errors: ${fault}`));
  }
  expect(found).toEqual([]);
}, 120_000);
