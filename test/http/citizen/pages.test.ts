// SPDX-License-Identifier: AGPL-3.0-or-later
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { globSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { Database } from '../../../src/database/engine/database.ts';
import { Registers } from '../../../src/database/registers.ts';
import { sayAhead } from '../../../src/http/citizen/ahead.ts';
import { contactOf } from '../../../src/http/citizen/contact.ts';
import { sayHours } from '../../../src/http/citizen/hours.ts';
import { Visit } from '../../../src/http/visit.ts';
import { Authority } from '../../../src/offices/authority.ts';
import type { WeeklyHours } from '../../../src/offices/definition.ts';
import { startApp, type Answer, type RunningApp } from '../../kit/app.ts';
import type { ManualClock } from '../../kit/clock.ts';
import { engines } from '../../kit/engines.ts';
import { newFolder } from '../../kit/folder.ts';
import { awaitLetters, lettersIn } from '../../kit/mailbox.ts';
import { authorityWith, officeWith } from '../../offices/sample.ts';

/** Three offices that give one service, each with next to no time; one service the office must confirm. */
const SMALL = `
authority: { id: piccolo, name: Comune Piccolo, time_zone: Europe/Rome, hosts: [localhost], email: posta@piccolo.example, phone: "+39 0141 999000" }
municipalities:
  - { id: piccolo, name: Piccolo, patron_saint: { date: "03-10", name: San Piccolo } }
  - { id: grande, name: Grande, hosts: [grande.example] }
offices:
  - &alfa
    id: alfa
    name: Ufficio Alfa
    municipality: piccolo
    address: Via Roma 1
    phone: "+39 0141 999001"
    slot_step: PT30M
    opening_hours: [{ days: [tue], opens: "09:00", closes: "09:30", valid_from: 2027-03-02, valid_through: 2027-03-02 }]
    services:
      - { id: timbro, name: Timbro, duration: PT30M, cancel_until: P1D }
  - { <<: *alfa, id: beta, name: Ufficio Beta, opening_hours: [{ days: [fri], opens: "09:00", closes: "09:30", valid_from: 2027-03-05, valid_through: 2027-03-05 }] }
  - id: gamma
    name: Ufficio Gamma
    municipality: piccolo
    address: Via Roma 3
    slot_step: PT30M
    opening_hours: [{ days: [mon, tue, wed, thu, fri], opens: "09:00", closes: "17:00" }]
    services:
      - { id: permesso, name: Permesso, duration: PT30M, confirmation: staff, modes: [video] }
      - { id: solo-tecnici, name: Solo tecnici, duration: PT30M, audience: [professionals] }
  - id: delta
    name: Ufficio Delta
    municipality: grande
    address: Via Roma 4
    slot_step: PT30M
    opening_hours: [{ days: [sat], opens: "09:00", closes: "10:00" }]
    email: delta@grande.example
    services: [{ id: mercato, name: Mercato, duration: PT30M, cancel_until: P7D, modes: [in_person, phone] }]
  - { id: vuoto, name: Ufficio Vuoto, municipality: piccolo, address: Via Roma 5, slot_step: PT30M, opening_hours: [], services: [] }
  - id: futuro
    name: Ufficio Futuro
    municipality: piccolo
    address: Via Roma 6
    slot_step: PT30M
    opening_hours: []
    services: [{ id: domani, name: Domani, duration: PT30M }]
counters:
  - { id: quattro, name: Quattro, serves: [{ office: delta, services: [mercato] }] }
  - { id: uno, name: Uno, serves: [{ office: alfa, services: [timbro] }] }
  - { id: due, name: Due, serves: [{ office: beta, services: [timbro] }] }
  - { id: tre, name: Tre, serves: [{ office: gamma, services: [permesso, solo-tecnici] }] }
`;

let union: RunningApp<ManualClock>;
let small: RunningApp<ManualClock>;

beforeAll(async () => {
  const file = join(newFolder('authority'), 'small.yaml');
  writeFileSync(
    file,
    SMALL.replaceAll(
      '<<: *alfa, ',
      'municipality: piccolo, address: Via Roma 2, slot_step: PT30M, services: [{ id: timbro, name: Timbro, duration: PT30M }], ',
    ).replace('- &alfa\n    id', '- id'),
  );
  union = await startApp({ databaseUrl: await engines[0]!.freshUrl() });
  small = await startApp({ databaseUrl: await engines[0]!.freshUrl(), authorityFile: file });
}, 60_000);

afterAll(async () => {
  await union?.close();
  await small?.close();
});

/** A browser without a screen: it keeps its cookies and follows redirections. */
class Visitor {
  at = '/';
  cookies = new Map<string, string>();
  constructor(
    readonly app: RunningApp<ManualClock>,
    readonly language = 'it',
  ) {}

  async get(path: string): Promise<Answer> {
    return this.#go(path);
  }

  async post(path: string, form: Record<string, string>): Promise<Answer> {
    return this.#go(path, new URLSearchParams(form));
  }

  async #go(path: string, body?: URLSearchParams): Promise<Answer> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { 'accept-language': this.language, accept: 'text/html', ...(cookie ? { cookie } : {}) };
    const answer = await this.app.ask(path.split('#')[0]!, { headers, body });
    for (const set of [answer.headers['set-cookie'] ?? []].flat()) {
      const [name = '', value = ''] = String(set).split(';')[0]!.split('=');
      this.cookies.set(name, value);
    }
    this.at = path;
    return answer.status === 303 ? this.#go(String(answer.headers['location'])) : answer;
  }

  /** Through the whole form; the answer is the confirmation. */
  async book(choice: { servizio: string; sede: string; modo?: string }, email: string, nth = 0): Promise<Answer> {
    const { servizio, sede, modo = 'in_person' } = choice;
    const page = await this.get(`/prenota/data?servizio=${servizio}&sede=${sede}&modo=${modo}`);
    const posto = placesIn(page)[nth];
    if (!posto) throw new Error(`no place: ${page.text}`);
    await this.post('/prenota/orario', { servizio, sede, modo, posto });
    await this.post('/prenota/dettagli', {});
    const summary = await this.post('/prenota/richiedente', { given_name: 'Anna', family_name: 'Ferrero', email });
    return this.post('/prenota/conferma', { versione: versionIn(summary) });
  }

  get manage(): string {
    return this.at.replace('/confermato', '');
  }
}

/** Of the list of days, without the button of the first free place. */
const placesIn = ({ text }: Answer): string[] =>
  [...text.slice(text.indexOf('id="giorni"')).matchAll(/name="(?:posto|nuovo)" value="([^"]+)"/g)].map(
    (match) => match[1]!,
  );
const versionIn = ({ text }: Answer): string => /name="versione" value="(\w+)"/.exec(text)?.[1] ?? '';
const wordsIn = ({ text }: Answer): string =>
  text
    .slice(text.indexOf('<main'), text.indexOf('</main>'))
    .replace(/<[^>]+>/g, ' ')
    .replaceAll('&#39;', "'")
    .replace(/\s+/g, ' ');

describe('the words', () => {
  const read = (language: string) =>
    JSON.parse(readFileSync(`templates/pages/${language}.json`, 'utf8')) as Record<string, string>;
  const [italian, english] = [read('it'), read('en')];

  test('are the same in both languages, with the same places to fill in', () => {
    const places = (words: Record<string, string>) =>
      Object.entries(words).map(
        ([key, sentence]) =>
          `${key} ${(sentence.match(/\{\w+\}/g) ?? []).toSorted((a, b) => a.localeCompare(b)).join()}`,
      );
    expect(places(english)).toEqual(places(italian));
  });

  test('are all there, and none is there for nothing', () => {
    const sources = [...globSync('templates/pages/**/*.eta'), ...globSync('src/http/**/*.ts')]
      .map((f) => readFileSync(f, 'utf8'))
      .join('\n');
    const named = [...sources.matchAll(/\bt\(\s*'([^']+)'\s*[,)]/g)].map((match) => match[1]!);
    expect(named.filter((key) => italian[key] === undefined)).toEqual([]);
    const built = [
      ...sources.matchAll(/'([a-z-]+\.(?:[a-z.-]*[.-])?)'\s*\+/g),
      ...sources.matchAll(/`((?:[a-z-]+\.)+)\$\{/g),
    ].map((match) => match[1]!);
    const idle = Object.keys(italian).filter(
      (key) => !sources.includes(`'${key}'`) && !built.some((start) => key.startsWith(start)),
    );
    expect(idle).toEqual([]);
  });
});

describe('the hall', () => {
  test('shows every office with its hours, by municipality, open or closed as the clock goes', async () => {
    union.clock.set('2027-03-02T08:00:00+01:00');
    const early = wordsIn(await union.ask('/'));
    expect(early).toContain('Adesso gli uffici sono chiusi');
    expect(early).toMatch(
      /Mombercelli Sportello Unico Attività Produttive .* lun–ven 9–13 · mar e gio anche 15–17 chiuso, riapre oggi alle 9:00/,
    );
    expect(early).toMatch(/Sindaco di Mombercelli .* mar e gio 11–13/);
    union.clock.set('2027-03-02T10:00:00+01:00');
    expect(wordsIn(await union.ask('/'))).toMatch(/lun–ven 9–13 · mar e gio anche 15–17 aperto fino alle 13:00/);
    union.clock.set('2027-03-05T18:00:00+01:00');
    expect(wordsIn(await union.ask('/'))).toContain('chiuso, riapre lunedì 8 marzo alle 9:00');
    expect(wordsIn(await union.ask('/', { headers: { 'accept-language': 'en' } }))).toContain(
      'closed, opens again Monday 8 March at 9:00',
    );
    union.clock.set('2027-03-01T07:00:00+01:00');
  });

  test('filters by service, without a script', async () => {
    const words = wordsIn(await union.ask('/?servizio=sportello-tecnico'));
    expect(words).toContain('Ufficio Tecnico di Vinchio');
    expect(words).not.toContain('Ufficio Tributi');
  });

  test('does not promise an appointment where none is given', async () => {
    const words = wordsIn(await small.ask('/'));
    expect(words).toMatch(/Ufficio Vuoto Orario: orario non indicato/);
    expect(words).toMatch(/Ufficio Futuro Domani Orario: solo su appuntamento/);
  });

  test('announces the closures of the next fourteen days, and no Sunday', async () => {
    union.clock.set('2027-03-20T07:00:00+01:00');
    const words = wordsIn(await union.ask('/'));
    expect(words).toContain("lunedì 29 marzo : Lunedì dell'Angelo (tutti gli uffici)".replace("'", '’'));
    expect(words).not.toContain('28 marzo');
    union.clock.set('2027-05-01T07:00:00+01:00');
    expect(wordsIn(await union.ask('/'))).toMatch(
      /lunedì 3 maggio : Santa Croce \([^)]*Sportello Unico Attività Produttive/,
    );
    union.clock.set('2027-03-01T07:00:00+01:00');
  });
});

describe('links', () => {
  const locationOf = async (path: string) => String((await union.ask(path)).headers['location'] ?? '');

  test('with a service restrict the offices and preselect the motive', async () => {
    for (const name of ['servizio', 'service_id']) {
      const page = await union.ask(`/prenota?${name}=sportello-tecnico`);
      expect(page.text.match(/name="sede" id="sede-/g)).toHaveLength(4);
      expect(wordsIn(page)).toContain('Appuntamento per: Sportello tecnico');
      expect(wordsIn(page)).toContain('Qualsiasi sede, il primo posto libero Primo posto: lunedì 1 marzo, 11:00');
    }
  });

  test('with an office show its services only', async () => {
    for (const name of ['ufficio', 'office_id']) {
      const words = wordsIn(await union.ask(`/prenota?${name}=anagrafe`));
      expect(words).toContain("Carta d'identità");
      expect(words).not.toContain('Consulenza SUAP');
    }
  });

  test('that leave no choice ask nothing', async () => {
    expect(await locationOf('/prenota?servizio=carta-identita')).toBe(
      '/prenota/data?servizio=carta-identita&sede=anagrafe&modo=in_person',
    );
    expect(await locationOf('/prenota?ufficio=sindaco')).toBe('/prenota?servizio=colloquio-sindaco&ufficio=sindaco');
  });

  test('that are wrong lead to the list', async () => {
    const page = await union.ask('/prenota?servizio=nulla');
    expect(page.status).toBe(404);
    expect(wordsIn(page)).toContain('non si può prenotare qui');
    expect(wordsIn(page)).toContain('Consulenza SUAP');
    expect(await locationOf('/prenota/data?servizio=consulenza&sede=anagrafe&modo=in_person')).toContain('manca=1');
    expect((await union.ask('/prenota?servizio=consulenza&ufficio=nulla')).status).toBe(200);
  });

  test('with an office that cannot be had say so in a sentence', async () => {
    const said = async (path: string) => wordsIn(await small.ask(path));
    const unknown = await said('/prenota?ufficio=nulla');
    expect(unknown).toContain("L'ufficio del collegamento che hai seguito non è tra i nostri");
    expect(unknown).toContain('Timbro');
    const empty = await small.ask('/prenota?ufficio=vuoto');
    expect(wordsIn(empty)).toContain('Per questo ufficio non si prenota da qui: Ufficio Vuoto.');
    expect(empty.text).toContain('href="/prenota?servizio=timbro"');
    const elsewhere = await said('/prenota?servizio=permesso&ufficio=alfa');
    expect(elsewhere).toContain("Questo servizio non si prenota nell'ufficio che hai scelto: Ufficio Alfa.");
    expect(elsewhere).toContain('Ufficio Gamma');
    expect(await said('/prenota?servizio=timbro&ufficio=alfa')).not.toContain('Ufficio Beta');
  });

  test('to services for professionals only do not open for everyone', async () => {
    expect((await small.ask('/prenota?servizio=solo-tecnici')).status).toBe(404);
    expect(wordsIn(await small.ask('/'))).not.toContain('Solo tecnici');
  });
});

describe('times', () => {
  test('only days and months with places are offered, a week at once, to the horizon', async () => {
    const page = await union.ask('/prenota/data?servizio=colloquio-sindaco&sede=sindaco&modo=in_person');
    const days = [...page.text.matchAll(/id="g-([\d-]+)"/g)].map((match) => match[1]);
    expect(days).toEqual(['2027-03-02', '2027-03-04']);
    const long = await union.ask('/prenota/data?servizio=consulenza&sede=suap&modo=in_person');
    const months = [...long.text.matchAll(/<option value="(2027-\d\d)"/g)].map((match) => match[1]);
    expect(months).toEqual(['2027-03', '2027-04', '2027-05']);
    expect(page.text).not.toContain('<option');
    const later = await union.ask(
      '/prenota/data?servizio=colloquio-sindaco&sede=sindaco&modo=in_person&dal=2027-03-09',
    );
    expect([...later.text.matchAll(/id="g-([\d-]+)"/g)].map((match) => match[1])).toEqual(['2027-03-09', '2027-03-11']);
    expect(wordsIn(later)).toContain('Settimana prima');
    const last = await union.ask('/prenota/data?servizio=colloquio-sindaco&sede=sindaco&modo=in_person&dal=2027-03-29');
    expect(wordsIn(last)).not.toContain('Mostra la settimana dopo');
  });

  test('more than twelve in a day stand under morning and afternoon', async () => {
    const words = wordsIn(
      await union.ask('/prenota/data?servizio=certificati&sede=anagrafe&modo=in_person&dal=2027-03-03'),
    );
    expect(words).toMatch(/mercoledì 3 marzo · 28 posti Mattina 8:30 .* 12:15 Pomeriggio 14:30/);
  });

  test('where nothing is free the nearest place elsewhere is one button away, then the telephone', async () => {
    const path = '/prenota/data?servizio=timbro&sede=alfa&modo=in_person';
    const visitor = new Visitor(small);
    await visitor.book({ servizio: 'timbro', sede: 'alfa' }, 'a@example.org');
    const full = await visitor.get(path);
    expect(wordsIn(full)).toContain(
      'In questo ufficio non ci sono posti fino a domenica 30 maggio. Il primo posto libero è: Ufficio Beta, venerdì 5 marzo, ore 9:00–9:30.',
    );
    const posto = /name="posto" value="([^"]+)"/.exec(full.text)![1]!;
    expect(posto).toBe('beta@2027-03-05T09:00:00+01:00');
    await visitor.post('/prenota/orario', { servizio: 'timbro', sede: 'alfa', modo: 'in_person', posto });
    expect(visitor.at).toBe('/prenota/dettagli');
    await visitor.book({ servizio: 'timbro', sede: 'beta' }, 'b@example.org');
    const nothing = wordsIn(await visitor.get(path));
    expect(nothing).toContain('guarda di nuovo domani');
    expect(nothing).toContain('+39 0141 999001');
  });

  test('where there are no hours nobody is told to look again tomorrow', async () => {
    const words = wordsIn(await small.ask('/prenota/data?servizio=domani&sede=futuro&modo=in_person'));
    expect(words).toContain('Per ora qui non sono previsti orari per questo servizio. Hai fretta? Chiama il');
    expect(words).not.toContain('domani:');
    expect(words).not.toContain('guarda di nuovo domani');
  });
});

describe('the form', () => {
  test('writes nothing on a GET and gives no cookie before a time is chosen', async () => {
    for (const path of [
      '/',
      '/prenota',
      '/prenota?servizio=consulenza',
      '/prenota/data?servizio=consulenza&sede=suap&modo=video',
    ])
      expect((await union.ask(path)).headers['set-cookie']).toBeUndefined();
    for (const path of ['/prenota/dettagli', '/prenota/richiedente', '/prenota/riepilogo'])
      expect((await union.ask(path)).headers['location']).toBe('/prenota?scaduta=1');
    const cold = wordsIn(await union.ask('/prenota?scaduta=1'));
    expect(cold).toContain("Qui non c'è un modulo da continuare");
    expect(cold).toContain('Consulenza SUAP');
  });

  test('says when the browser keeps no cookies, and starts again where it was', async () => {
    const ask = { servizio: 'consulenza', ufficio: 'suap', sede: 'suap', modo: 'in_person' };
    const page = await union.ask('/prenota/data?servizio=consulenza&ufficio=suap&sede=suap&modo=in_person');
    const body = new URLSearchParams({ ...ask, posto: placesIn(page)[30]! });
    const begun = String((await union.ask('/prenota/orario', { body })).headers['location']);
    const lost = String((await union.ask(begun)).headers['location']);
    expect(lost).toBe('/prenota?servizio=consulenza&ufficio=suap&cookie=no');
    const said = wordsIn(await union.ask(lost));
    expect(said).toContain('Il tuo browser non accetta i cookie');
    expect(said).toContain('Chiama il +39 0141 000010');
    expect(said).toContain('Appuntamento per: Consulenza SUAP');
    expect(said).not.toContain("un'ora");
  });

  test('is kept under a cookie for this site alone, and secure where the site is', async () => {
    const visitor = new Visitor(union);
    const page = await visitor.get('/prenota/data?servizio=consulenza&sede=suap&modo=in_person');
    const body = new URLSearchParams({
      servizio: 'consulenza',
      sede: 'suap',
      modo: 'in_person',
      posto: placesIn(page)[0]!,
    });
    const chosen = await union.ask('/prenota/orario', { body });
    expect(chosen.status).toBe(303);
    expect(chosen.headers['set-cookie']).toMatch(
      /^sportello-form=[\w-]{43}; Path=\/; Max-Age=3600; HttpOnly; SameSite=Lax$/,
    );
    const secure = await startApp({
      databaseUrl: await engines[0]!.freshUrl(),
      config: { publicUrl: 'https://comune.example' },
    });
    const there = await secure.ask('/prenota/orario', { body });
    expect(there.headers['set-cookie']).toMatch(/^__Host-sportello-form=[\w-]{43}; Path=\/; .*; Secure$/);
    await secure.close();
  });

  test('is refused from another site', async () => {
    const body = new URLSearchParams({
      servizio: 'consulenza',
      sede: 'suap',
      modo: 'in_person',
      posto: 'suap@2027-03-02T09:00:00+01:00',
    });
    const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example', accept: 'text/html' };
    const refused = await union.ask('/prenota/orario', { body, headers });
    expect(refused.status).toBeGreaterThanOrEqual(400);
    expect(refused.headers['set-cookie']).toBeUndefined();
  });

  test('sent twice at once or again is one booking, one confirmation, one letter', async () => {
    const visitor = new Visitor(union);
    await visitor.book({ servizio: 'consulenza', sede: 'suap' }, 'twice@example.org', 1);
    const place = placesIn(await visitor.get('/prenota/data?servizio=consulenza&sede=suap&modo=in_person'))[4]!;
    await visitor.post('/prenota/orario', { servizio: 'consulenza', sede: 'suap', modo: 'in_person', posto: place });
    await visitor.post('/prenota/dettagli', {});
    const applicant = { given_name: 'Anna', family_name: 'Ferrero', email: 'double@example.org' };
    const versione = versionIn(await visitor.post('/prenota/richiedente', applicant));
    const headers = { cookie: [...visitor.cookies].map((pair) => pair.join('=')).join('; ') };
    const send = () => union.ask('/prenota/conferma', { body: new URLSearchParams({ versione }), headers });
    const answers = [...(await Promise.all([send(), send(), send()])), await send()];
    expect(new Set(answers.map((a) => `${a.status} ${String(a.headers['location'])}`)).size).toBe(1);
    expect(answers[0]!.headers['location']).toMatch(/^\/appuntamento\/[\w-]{43}\/confermato$/);
    const letters = await awaitLetters(
      () => lettersIn(union.mailDir),
      (all) => all.some((l) => l.email.to?.[0]?.address === 'double@example.org'),
    );
    expect(letters.filter((l) => l.email.to?.[0]?.address === 'double@example.org')).toHaveLength(1);
  });

  test('shows what was typed as text, whatever it is', async () => {
    const visitor = new Visitor(union);
    const page = await visitor.get('/prenota/data?servizio=consulenza&sede=suap&modo=in_person');
    await visitor.post('/prenota/orario', {
      servizio: 'consulenza',
      sede: 'suap',
      modo: 'in_person',
      posto: placesIn(page)[3]!,
    });
    await visitor.post('/prenota/dettagli', { reason: '"><script>alert(1)</script>' });
    const summary = await visitor.post('/prenota/richiedente', {
      given_name: '<b>Anna',
      family_name: "O'Neill",
      email: 'x@example.org',
    });
    expect(summary.text).not.toContain('<script>alert');
    expect(summary.text).not.toContain('<b>Anna');
    expect(summary.text).toContain('&lt;b&gt;Anna');
  });

  test("asks the service's own questions and names each mistake", async () => {
    const visitor = new Visitor(union);
    const path = '/prenota/data?servizio=cambio-residenza&sede=anagrafe&modo=in_person';
    const posto = placesIn(await visitor.get(path))[0]!;
    const details = await visitor.post('/prenota/orario', {
      servizio: 'cambio-residenza',
      sede: 'anagrafe',
      modo: 'in_person',
      posto,
    });
    expect(wordsIn(details)).toContain('Quante persone si trasferiscono*');
    const wrong = await visitor.post('/prenota/dettagli', {
      'campo.persone': 'due',
      'campo.provenienza': 'Da Marte',
      reason: 'x'.repeat(201),
    });
    expect(visitor.at).toBe('/prenota/dettagli?errori=1#errori');
    expect(wrong.text).toContain('<title>Errore: ');
    expect(wordsIn(wrong)).toContain('Ci sono 3 cose da correggere');
    expect(wrong.text).toContain('value="due"');
    await visitor.get('/prenota/riepilogo');
    expect(visitor.at).toContain('/prenota/dettagli');
    await visitor.post('/prenota/dettagli', { 'campo.persone': '2', 'campo.provenienza': "Dall'estero" });
    expect(visitor.at).toBe('/prenota/richiedente');
  });

  test('asks for the telephone only where the office calls, and says why', async () => {
    const visitor = new Visitor(union);
    const posto = placesIn(await visitor.get('/prenota/data?servizio=consulenza&sede=suap&modo=phone'))[5]!;
    await visitor.post('/prenota/orario', { servizio: 'consulenza', sede: 'suap', modo: 'phone', posto });
    const applicant = await visitor.post('/prenota/dettagli', {});
    expect(wordsIn(applicant)).toContain("Telefono* L'appuntamento è per telefono");
    const missing = await visitor.post('/prenota/richiedente', {
      given_name: 'Anna',
      family_name: 'Ferrero',
      email: 'tel@example.org',
    });
    expect(wordsIn(missing)).toContain('Scrivi il tuo numero di telefono');
    const summary = await visitor.post('/prenota/richiedente', {
      given_name: 'Anna',
      family_name: 'Ferrero',
      email: 'tel@example.org',
      phone: '0141 123456',
    });
    const done = await visitor.post('/prenota/conferma', { versione: versionIn(summary) });
    expect(wordsIn(summary)).not.toContain('Piazza Alfieri');
    expect(wordsIn(done)).toContain('ti chiamiamo al 0141 123456');
    expect(wordsIn(done)).toContain("Ti chiama l'ufficio al 0141 123456:");
    const whole = wordsIn(done) + wordsIn(await visitor.get(visitor.manage));
    expect(whole).toContain("l'ufficio ti chiama al 0141 123456.");
    expect(whole).not.toMatch(/Ti aspettiamo|Piazza Alfieri/);
    expect(done.text).not.toContain('Piazza');
  });

  test('over the limit of a service says so and keeps what was written', async () => {
    const visitor = new Visitor(union);
    await visitor.book({ servizio: 'colloquio-sindaco', sede: 'sindaco' }, 'limit@example.org');
    const again = await visitor.book({ servizio: 'colloquio-sindaco', sede: 'sindaco' }, 'limit@example.org', 3);
    expect(visitor.at).toBe('/prenota/riepilogo?limite=1#errori');
    expect(wordsIn(again)).toContain("c'è già un appuntamento per questo servizio");
    expect(wordsIn(again)).toContain('limit@example.org');
  });

  test('left alone for more than an hour starts again, with a sentence', async () => {
    const visitor = new Visitor(union);
    const posto = placesIn(await visitor.get('/prenota/data?servizio=consulenza&sede=suap&modo=in_person'))[7]!;
    await visitor.post('/prenota/orario', { servizio: 'consulenza', sede: 'suap', modo: 'in_person', posto });
    union.clock.advance(61 * 60_000);
    expect(wordsIn(await visitor.get('/prenota/richiedente'))).toContain("dopo un'ora non lo conserviamo");
    union.clock.advance(-61 * 60_000);
  });

  test('keeps nothing of the citizen once it is a booking', async () => {
    const visitor = new Visitor(union);
    await visitor.book({ servizio: 'consulenza', sede: 'suap' }, 'gone@example.org', 8);
    const posto = placesIn(await visitor.get('/prenota/data?servizio=consulenza&sede=suap&modo=in_person'))[9]!;
    await visitor.post('/prenota/orario', { servizio: 'consulenza', sede: 'suap', modo: 'in_person', posto });
    const applicant = await visitor.post('/prenota/dettagli', {});
    expect(applicant.text).not.toContain('gone@example.org');
  });
});

describe('an appointment', () => {
  test('changes nothing when a mail scanner opens every link five times', async () => {
    const visitor = new Visitor(union);
    await visitor.book({ servizio: 'consulenza', sede: 'suap', modo: 'video' }, 'scanned@example.org', 10);
    const { manage } = visitor;
    const before = (await union.ask(manage)).text;
    const meeting = /href="[^"]*(\/incontro\/[\w-]+)"/.exec(before)![1]!;
    for (let time = 0; time < 5; time++)
      for (const path of [
        '',
        '/confermato',
        '/invito.ics',
        '/sposta',
        '/sposta?nuovo=2027-03-09T09:00:00%2B01:00',
        '/annulla',
      ])
        for (const method of ['GET', 'HEAD'] as const)
          expect((await union.ask(manage + path, { method })).status).toBe(200);
    for (let time = 0; time < 5; time++) expect((await union.ask(meeting)).status).toBe(200);
    expect((await union.ask(manage)).text).toBe(before);
    expect(await lettersIn(union.mailDir)).not.toContainEqual(
      expect.objectContaining({ subject: expect.stringContaining('annullato') }),
    );
  });

  test('can be downloaded for a calendar and opened in others', async () => {
    const visitor = new Visitor(union);
    const done = await visitor.book({ servizio: 'consulenza', sede: 'suap' }, 'ics@example.org', 12);
    const file = await union.ask(`${visitor.manage}/invito.ics`);
    expect(file.headers['content-type']).toContain('text/calendar');
    expect(file.text).toContain('METHOD:PUBLISH');
    expect(file.text).not.toContain('ATTENDEE');
    expect(done.text).toMatch(/https:\/\/calendar\.google\.com\/[^"]*dates=2027030\dT\d{6}Z%2F2027030\dT\d{6}Z/);
    expect(done.text).toContain('https://outlook.live.com/');
    expect(done.text.match(/calendar\.google\.com[^"]*/)![0]).not.toContain('appuntamento');
  });

  test('moved to a time just taken stays as it was and shows the nearest', async () => {
    const visitor = new Visitor(union);
    await visitor.book(
      { servizio: 'colloquio-lavori-pubblici', sede: 'assessore-lavori-pubblici' },
      'moves@example.org',
      0,
    );
    const { manage } = visitor;
    const before = wordsIn(await union.ask(manage));
    const wanted = placesIn(await visitor.get(`${manage}/sposta`))[0]!.split('@')[1]!;
    await new Visitor(union).book(
      { servizio: 'colloquio-lavori-pubblici', sede: 'assessore-lavori-pubblici' },
      'faster@example.org',
      0,
    );
    const lost = await visitor.post(`${manage}/sposta`, { start: wanted });
    expect(wordsIn(lost)).toContain('Qualcuno ha appena scelto questo orario. Ecco i più vicini ancora liberi.');
    expect(wordsIn(await union.ask(manage))).toBe(before);
  });

  test('too late to cancel says so, stands, and gives the telephone', async () => {
    small.clock.set('2027-03-01T07:00:00+01:00');
    const visitor = new Visitor(small);
    const { text } = await small.ask('/api/v1/bookings', {
      body: {
        office_id: 'gamma',
        service_id: 'permesso',
        start: '2027-03-09T09:00:00',
        mode: 'video',
        citizen: { given_name: 'A', family_name: 'B', email: 'p@example.org' },
      },
      headers: { 'idempotency-key': 'pending' },
    });
    const pending = (JSON.parse(text) as { manage_url: string }).manage_url;
    expect(wordsIn(await visitor.get(new URL(pending).pathname))).toContain("L'ufficio deve ancora confermare");
    const meeting = /\/incontro\/[\w-]{43}/.exec((await visitor.get(new URL(pending).pathname)).text)![0];
    expect(wordsIn(await visitor.get(meeting))).toContain('Non riesci a collegarti? Chiama il +39 0141 999000 .');
    expect(wordsIn(await visitor.get(`${new URL(pending).pathname}/confermato`))).toMatch(
      /Richiesta ricevuta .* deve ancora dire di sì/,
    );
    const letter = (await lettersIn(small.mailDir)).find((l) => l.email.to?.[0]?.address === 'a@example.org')!;
    const manage = new URL(/http\S+\/appuntamento\/[\w-]{43}/.exec(letter.email.text ?? '')![0]).pathname;
    small.clock.set('2027-03-01T09:30:00+01:00');
    const late = await visitor.get(`${manage}/annulla`);
    expect(wordsIn(late)).toContain('È troppo tardi per annullare da qui');
    expect(wordsIn(late)).toContain('Il tuo appuntamento resta valido: martedì 2 marzo, ore 9:00–9:30');
    expect(wordsIn(late)).toContain('+39 0141 999001');
    await visitor.post(`${manage}/annulla`, {});
    const still = wordsIn(await visitor.get(manage));
    expect(still).toContain('Il tuo appuntamento è confermato');
    expect(still).not.toContain("Annulla l'appuntamento");
    small.clock.set('2027-03-02T10:00:00+01:00');
    expect(wordsIn(await visitor.get(manage))).toContain('Questo appuntamento è passato');
    expect(wordsIn(await visitor.get(`${manage}/sposta`))).toContain('Prenota di nuovo');
    small.clock.set('2027-03-01T07:00:00+01:00');
  });

  test('names the last moment for a change, and whom to turn to after it where there is no telephone', async () => {
    const manageOf = async (start: string, email: string) => {
      const citizen = { given_name: 'A', family_name: 'B', email };
      const body = { office_id: 'delta', service_id: 'mercato', start, mode: 'in_person', citizen };
      const booked = await small.ask('/api/v1/bookings', { body, headers: { 'idempotency-key': email } });
      return new URL(booked.json<{ manage_url: string }>().manage_url).pathname;
    };
    const early = await manageOf('2027-03-13T09:00:00', 'early@example.org');
    const until = 'Puoi spostare o annullare fino a sabato 6 marzo, ore 9:00.';
    expect(wordsIn(await small.ask(`${early}/confermato`))).toContain(until);
    expect(wordsIn(await small.ask(`${early}/confermato`))).not.toContain('quando vuoi');
    expect(wordsIn(await small.ask(early))).toContain(until);
    const late = await manageOf('2027-03-06T09:00:00', 'late@example.org');
    for (const path of ['', '/confermato', '/annulla', '/sposta'])
      expect(wordsIn(await small.ask(late + path))).toContain('Scrivi a delta@grande.example .');
    expect(wordsIn(await small.ask(`${late}/confermato`))).not.toContain('Sposta o annulla');
  });

  test('cancelled twice is cancelled once, and its other pages lead on', async () => {
    const visitor = new Visitor(union);
    await visitor.book({ servizio: 'consulenza', sede: 'suap' }, 'twice.cancelled@example.org', 14);
    const { manage } = visitor;
    await visitor.post(`${manage}/annulla`, {});
    const again = await visitor.post(`${manage}/annulla`, {});
    expect(wordsIn(again)).toContain('annullato');
    expect(wordsIn(again)).toContain('Prenota di nuovo');
    for (const path of ['/annulla', '/confermato', '/sposta'])
      expect(wordsIn(await visitor.get(manage + path))).toContain('annullato');
    expect(wordsIn(await visitor.post(`${manage}/sposta`, { start: '2027-03-09T09:00:00+01:00' }))).toContain(
      'annullato',
    );
  });

  test('is not found by a token that is not its own, and the two kinds of token open their own page only', async () => {
    const visitor = new Visitor(union);
    const done = await visitor.book({ servizio: 'consulenza', sede: 'suap', modo: 'video' }, 'kinds@example.org', 16);
    const meeting = /\/incontro\/([\w-]{43})/.exec(done.text)![1]!;
    const manage = visitor.manage.split('/').at(-1)!;
    expect((await union.ask(`/incontro/${meeting}`)).text).not.toContain(manage);
    for (const path of [`/appuntamento/${meeting}`, `/incontro/${manage}`, '/appuntamento/x', '/incontro/x']) {
      const page = await union.ask(path, { headers: { accept: 'text/html' } });
      expect(page.status).toBe(404);
      expect(wordsIn(page)).toContain("apri il collegamento dell'ultima email");
    }
  });
});

test('the meeting page counts down in words, then opens its door, then looks back', async () => {
  const visitor = new Visitor(union);
  const done = await visitor.book({ servizio: 'consulenza', sede: 'suap', modo: 'video' }, 'meets@example.org', 20);
  const path = /(\/incontro\/[\w-]{43})/.exec(done.text)![1]!;
  const start = /data-countdown="([^"]+)"/.exec((await union.ask(path)).text)![1]!;
  const at = async (minutes: number) => {
    union.clock.set(Date.parse(start) + minutes * 60_000);
    return wordsIn(await union.ask(path));
  };
  expect(await at(-2 * 1440 - 180)).toContain('Mancano 2 giorni e 3 ore');
  expect(await at(-80)).toContain('Mancano 1 ora e 20 minuti');
  expect(await at(-0.5)).toContain('Mancano 1 minuto');
  expect(await at(0)).toContain("È l'ora del tuo incontro");
  expect(await at(10)).toContain('+39 0141 000010');
  expect(await at(30)).toContain("L'ora del tuo incontro è passata");
  expect(await at(60)).toContain('Questo incontro è passato');
  union.clock.set('2027-03-01T07:00:00+01:00');
  await visitor.post(`${visitor.manage}/annulla`, {});
  expect(wordsIn(await union.ask(path))).toContain('Questo incontro è annullato');
});

test('the room of Google Meet is offered from ten minutes before the start, while the appointment stands', async () => {
  const registers = union.app.get(Registers);
  const { authorities } = registers;
  const definition = (await authorities.all())[0]!.definition;
  const withVideo = (video: 'meet' | 'builtin') => ({
    ...definition,
    offices: definition.offices.map((o) => ({ ...o, services: o.services.map((s) => ({ ...s, video })) })),
  });
  const visitor = new Visitor(union);
  const done = await visitor.book({ servizio: 'consulenza', sede: 'suap', modo: 'video' }, 'meet@example.org', 20);
  const path = /(\/incontro\/[\w-]{43})/.exec(done.text)![1]!;
  const start = /data-countdown="([^"]+)"/.exec((await union.ask(path)).text)![1]!;
  const [row] = await registers.database.rows<{ id: string }>(
    `SELECT id FROM bookings WHERE email = 'meet@example.org'`,
  );
  await registers.books.keepRoom(row!.id, 'https://meet.google.com/abc-defg-hij');
  const at = async (minutes: number) => {
    union.clock.set(Date.parse(start) + minutes * 60_000);
    return (await union.ask(path)).text;
  };
  expect(await at(-5)).not.toContain('meet.google.com');
  await authorities.save(withVideo('meet'));
  try {
    expect(await at(-11)).not.toContain('meet.google.com');
    for (const minutes of [-10, 5]) expect(await at(minutes)).toContain('href="https://meet.google.com/abc-defg-hij"');
    expect(await at(30)).not.toContain('meet.google.com');
  } finally {
    await authorities.save(withVideo('builtin'));
    union.clock.set('2027-03-01T07:00:00+01:00');
  }
});

test('one turns to the office by telephone, else in writing, else to the authority', () => {
  const whom = (office: { phone?: string; email?: string }, phone?: string) => {
    const found = contactOf(new Authority(authorityWith({ phone }), 1, new Map()), officeWith(office));
    return found.phone ?? found.email;
  };
  expect(whom({ phone: '1', email: 'o@x' }, '2')).toBe('1');
  expect(whom({ email: 'o@x' }, '2')).toBe('o@x');
  expect(whom({}, '2')).toBe('2');
  expect(whom({})).toBe('protocollo@unione.example');
});

describe('the language', () => {
  test('follows the browser, then the switch, and reaches the letters', async () => {
    const visitor = new Visitor(union, 'en-US,en;q=0.8,it;q=0.5');
    expect((await visitor.get('/')).text).toContain('<html lang="en">');
    const done = await visitor.book({ servizio: 'consulenza', sede: 'suap' }, 'english@example.org', 22);
    expect(wordsIn(done)).toContain('Appointment confirmed');
    const [letter] = await awaitLetters(
      async () => (await lettersIn(union.mailDir)).filter((l) => l.email.to?.[0]?.address === 'english@example.org'),
      1,
    );
    expect(letter!.email.text).toContain('appointment');
    const switched = await visitor.get('/privacy?lingua=it');
    expect(switched.text).toContain('<html lang="it">');
    expect(String(switched.headers['set-cookie'])).toMatch(/^lingua=it; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax$/);
    expect((await visitor.get('/')).text).toContain('<html lang="it">');
    expect((await visitor.get('/prenota?servizio=carta-identita&lingua=en')).text).toContain('<html lang="en">');
  });

  test('keeps the page one was on', () => {
    const visit = new Visit({ url: '/prenota?servizio=a%26b&lingua=en', headers: {} });
    expect(visit.hereIn('it')).toBe('/prenota?servizio=a%26b&lingua=it');
    expect(visit.language).toBe('en');
    expect(new Visit({ url: '/', headers: { cookie: 'a=b; lingua=en' } }).language).toBe('en');
    expect(new Visit({ url: '/?lingua=xx', headers: {} }).language).toBe('it');
  });
});

describe('headers', () => {
  test('forbid inline scripts, guessing of types and being framed, on every page', async () => {
    for (const path of ['/', '/prenota', '/privacy', '/nulla', '/appuntamento/x']) {
      const { headers, text } = await union.ask(path, { headers: { accept: 'text/html' } });
      expect(headers['content-security-policy']).toBe(
        "default-src 'self'; img-src 'self' data:; font-src 'self' data:; style-src 'self'; script-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'; connect-src 'self' ws://localhost wss://localhost",
      );
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(text).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=/);
    }
  });

  test('keep what is personal out of caches and referrers', async () => {
    const visitor = new Visitor(union);
    const done = await visitor.book({ servizio: 'consulenza', sede: 'suap', modo: 'video' }, 'headers@example.org', 24);
    const meeting = /(\/incontro\/[\w-]{43})/.exec(done.text)![1]!;
    for (const path of [
      visitor.at,
      visitor.manage,
      `${visitor.manage}/sposta`,
      `${visitor.manage}/invito.ics`,
      meeting,
      '/appuntamento/x',
    ]) {
      const { headers } = await union.ask(path);
      expect(headers['cache-control']).toBe('no-store');
      expect(headers['referrer-policy']).toBe('no-referrer');
      expect(headers['x-content-type-options']).toBe('nosniff');
    }
  });

  test('do not hide the origin of a form, for old browsers that say nothing else', async () => {
    const visitor = new Visitor(union);
    const page = await visitor.get('/prenota/data?servizio=consulenza&sede=suap&modo=in_person');
    expect(page.headers['referrer-policy']).toBe('same-origin');
    await visitor.book({ servizio: 'consulenza', sede: 'suap' }, 'old@example.org', 26);
    const old = { origin: 'null', accept: 'text/html' };
    const cancelled = await union.ask(`${visitor.manage}/annulla`, { body: new URLSearchParams(), headers: old });
    expect(cancelled.headers['location']).toBe(visitor.manage);
    expect(wordsIn(await union.ask(visitor.manage))).toContain('annullato');
  });

  test('let style and fonts be kept for ever, under an address that changes with them', async () => {
    const page = await union.ask('/');
    const [style] = /\/assets\/sportello\.css\?v=[0-9a-f]{10}/.exec(page.text)!;
    const plain = await union.ask(style);
    expect(plain.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    const packed = await union.app.inject({ url: style, headers: { host: 'localhost', 'accept-encoding': 'br' } });
    expect(packed.headers['content-encoding']).toBe('br');
    expect(brotliDecompressSync(packed.rawPayload).toString()).toBe(plain.text);
    for (const [address] of plain.text.matchAll(/vendor\/[^)]+/g))
      expect((await union.ask(`/assets/${address}`)).status).toBe(200);
    const html = await union.app.inject({ url: '/', headers: { host: 'localhost', 'accept-encoding': 'gzip, br' } });
    expect(html.headers['content-encoding']).toBe('br');
    expect((await union.ask('/assets/../package.json')).status).toBe(404);
  });

  test('our own style stays under five kilobytes', () => {
    expect(statSync('public/sportello.css').size).toBeLessThanOrEqual(5 * 1024);
  });
});

test('the notices come from the data of the authority, and the footer leads to them', async () => {
  const privacy = wordsIn(await union.ask('/privacy'));
  expect(privacy).toContain('Unione Collinare Valtiglione e dintorni, Piazza Alfieri 2');
  expect(privacy).toContain('rpd@unione.example');
  expect(wordsIn(await union.ask('/accessibilita'))).toContain('protocollo@unione.example');
  const { text } = await union.ask('/note-legali');
  expect(text).toContain('data-element="legal-notes-section"');
  for (const element of ['privacy-policy-link', 'legal-notes', 'report-inefficiency', 'appointment-booking'])
    expect(text).toMatch(new RegExp(`<a href="[^"#]+" data-element="${element}"`));
});

test('a municipality on its own host name shows its own offices under its own name', async () => {
  const headers = { host: 'grande.example' };
  const hall = await small.ask('/', { headers });
  expect(hall.text).toContain('<div class="it-brand-title">Grande</div>');
  expect(wordsIn(hall)).toContain('Ufficio Delta');
  expect(wordsIn(hall)).not.toContain('Ufficio Alfa');
  expect((await small.ask('/prenota', { headers })).headers['location']).toBe('/prenota?servizio=mercato');
  expect(wordsIn(await small.ask('/'))).toContain('Ufficio Delta');
});

test('a page that is not there says where to go on', async () => {
  const page = await union.ask('/nulla', { headers: { accept: 'text/html' } });
  expect(page.status).toBe(404);
  expect(wordsIn(page)).toContain('Pagina non trovata');
  expect(page.text).toContain('href="/prenota"');
});

test('a page about a fault comes out even when the database is gone', async () => {
  const app = await startApp({ databaseUrl: await engines[0]!.freshUrl() });
  await app.app.get(Database).close();
  const page = await app.ask('/appuntamento/x', { headers: { accept: 'text/html' } });
  expect(page.status).toBeGreaterThanOrEqual(500);
  expect(wordsIn(page)).toContain('Qualcosa non ha funzionato da parte nostra.');
  expect(page.headers['content-security-policy']).toBeDefined();
  await app.close();
});

describe('hours are said as people say them', () => {
  const hours = (
    days: WeeklyHours['days'],
    opens: number,
    closes: number,
    more: Partial<WeeklyHours> = {},
  ): WeeklyHours => ({
    days,
    opens: opens * 60,
    closes: closes * 60,
    ...more,
  });
  test.each<[string, WeeklyHours[]]>([
    ['lun–ven 9–13', [hours(['mon', 'tue', 'wed', 'thu', 'fri'], 9, 13)]],
    [
      'lun–ven 9–13 · mar e gio anche 15–17',
      [hours(['tue', 'thu'], 15, 17), hours(['mon', 'tue', 'wed', 'thu', 'fri'], 9, 13)],
    ],
    ['mar 14:30–16:30 · gio 9–12', [hours(['thu'], 9, 12), hours(['tue'], 14.5, 16.5)]],
    ['lun, mer e ven–dom 8–9', [hours(['mon', 'wed', 'fri', 'sat', 'sun'], 8, 9)]],
    ['lun 9–12', [hours(['mon'], 9, 12), hours(['tue'], 9, 12, { validThrough: '2027-02-28' })]],
    [
      'mar 9–12',
      [hours(['tue'], 9, 12, { validFrom: '2027-03-07' }), hours(['wed'], 9, 12, { validFrom: '2027-03-08' })],
    ],
    [
      'lun e mar 9–11',
      [
        hours(['mon'], 9, 10 + 1 / 6),
        hours(['mon'], 10 + 1 / 6, 11),
        hours(['tue'], 9, 10),
        hours(['tue'], 9.5, 11, {}),
      ],
    ],
    ['lun 9–11 · lun anche 10–12', [hours(['mon'], 9, 11), hours(['mon'], 10, 12, { validFrom: '2027-03-02' })]],
    ['', [hours(['tue'], 9, 11, { audience: ['professionals'] })]],
  ])('%s', (said, weekly) => expect(sayHours(weekly, 'public', 'it', '2027-03-01')).toBe(said));
});

test.each([
  [0, '1 m'],
  [1, '1 m'],
  [60, '1 h'],
  [61, '1 h+1 m'],
  [1440, '1 d'],
  [1440 + 59, '1 d'],
  [2880 + 60, '2 ds+1 h'],
])('%i minutes ahead are %s', (minutes, said) => {
  const t = (key: string, values: Record<string, string | number> = {}) =>
    key === 'ahead.and' ? '+' : `${values['n']} ${key.replace('ahead.', '').replace(/^(.)[a-z]+?(s?)$/, '$1$2')}`;
  expect(sayAhead(minutes, t)).toBe(said);
});
