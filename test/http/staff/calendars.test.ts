// SPDX-License-Identifier: AGPL-3.0-or-later
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { AxeBuilder } from '@axe-core/playwright';
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { readConfig } from '../../../src/config.ts';
import { EventCourier } from '../../../src/courier/event-courier.ts';
import { Authorities } from '../../../src/database/authorities.ts';
import { Registers } from '../../../src/database/registers.ts';
import { CalendarChannels } from '../../../src/front-desk/calendar/channels.ts';
import { CalendarLinksDesk } from '../../../src/front-desk/calendar/links-desk.ts';
import { importAuthority } from '../../../src/front-desk/import-authority.ts';
import { EARLY, startApp, type Ask, type RunningApp } from '../../kit/app.ts';
import { openBrowser, openPage } from '../../kit/chromium.ts';
import { ManualClock } from '../../kit/clock.ts';
import { engines } from '../../kit/engines.ts';
import { FakeGoogle } from '../../kit/google.ts';
import { settingsFor } from '../../kit/google/craft.ts';
import { employ, signedIn } from '../../kit/staff.ts';

const CALENDAR = 'edilizia@comune.example';
const PAGE = '/operatore/calendari/sue-1';
const PUSH = '/google/notifiche';
const form = (fields: Record<string, string> = {}) => new URLSearchParams(fields);

describe('The calendars of the counters', () => {
  let google: FakeGoogle;
  let running: RunningApp<ManualClock>;
  let head: string;
  const clock = new ManualClock(EARLY);

  beforeAll(async () => {
    google = await FakeGoogle.start(clock);
    google.tokens.consenting = CALENDAR;
  });
  afterAll(() => google.stop());
  beforeEach(async () => {
    clock.set(EARLY);
    google.faults.clear();
    google.addCalendar(CALENDAR, {
      roles: { [CALENDAR]: 'writer', [google.tokens.serviceAccount.client_email]: 'writer' },
    });
    const config = { google: { ...settingsFor(google), pushUrl: `https://comune.example${PUSH}` } };
    running = await startApp({ databaseUrl: await engines[0]!.freshUrl(), clock, config });
    head = await signedIn(running, { role: 'head', offices: ['sue'] });
  });
  afterEach(() => running.close());

  const ask = (path: string, { cookie = head, ...more }: Ask & { cookie?: string } = {}) =>
    running.ask(path, { ...more, headers: { cookie, ...more.headers } });
  const post = (path: string, fields: Record<string, string> = {}, cookie = head) =>
    ask(path, { body: form(fields), cookie });
  const link = async () => {
    const [authority] = await running.app.get(Authorities).all();
    const key = authority!.counters.find((c) => c.id === 'sue-1')!.key;
    return running.app.get(Registers).calendarLinks.find(key);
  };
  /** Time passes until it is so; whoever has rounds to make makes them. */
  async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
    for (let n = 0; n < 60 && !(await isSo()); n++) {
      clock.advance(11 * 60_000);
      await running.app.get(CalendarLinksDesk).round();
      await running.app.get(EventCourier).carry();
      await wait(20 + 10 * n);
    }
    expect(await isSo()).toBe(true);
  }
  const isRead = async () => ((await link())?.syncedAt ?? 0) > Date.parse(EARLY);
  const slots = async (): Promise<string[]> => {
    const answer = await running.ask(
      '/api/v1/slots?service_id=titoli-edilizi&office_id=sue&from=2027-03-02&to=2027-03-12',
    );
    return answer.json<{ items: { start: string }[] }>().items.map(({ start }) => start);
  };
  const book = (start: string) =>
    running.ask('/api/v1/bookings', {
      headers: { 'idempotency-key': start },
      body: {
        office_id: 'sue',
        service_id: 'titoli-edilizi',
        start,
        mode: 'in_person',
        fields: { foglio_particella: '12/340' },
        citizen: { given_name: 'Anna', family_name: 'Rossi', email: 'anna@example.org' },
      },
    });
  const half = (start: string) => new Date(Date.parse(start) + 30 * 60_000).toISOString();
  const linkByServiceAccount = async () => {
    const answer = await post(PAGE, { calendario: CALENDAR, accesso: 'service_account' });
    expect(answer.headers.location).toBe(`${PAGE}?fatto=salvato`);
    await until(isRead);
  };

  test('A head links a calendar: a busy time closes its slots, a booking there is refused, others are written there', async () => {
    expect((await ask(PAGE)).text).toContain(google.tokens.serviceAccount.client_email);
    const [first, second] = (await slots()).slice(-2);
    await linkByServiceAccount();
    google.staffAdd(CALENDAR, { summary: 'Sopralluogo', start: { dateTime: first! }, end: { dateTime: half(first!) } });
    await until(async () => !(await slots()).includes(first!));
    expect(await slots()).toContain(second);
    const refused = await book(first!);
    expect(refused.status).toBe(409);
    expect(refused.json()['alternatives']).toHaveLength(3);
    expect((await book(second!)).status).toBe(201);
    await until(() => google.events(CALENDAR).length === 2);
    const page = await ask(PAGE);
    expect(page.text).toContain('Collegato');
    expect(page.text).not.toContain('Sopralluogo');
    expect((await ask('/operatore/calendari')).text).toContain(CALENDAR);
    const metrics = (await running.ask('/metrics')).text;
    expect(metrics).toMatch(/^gcal_sync_lag_seconds \d/m);
    expect(metrics).toMatch(/^gcal_needs_reauth 0$/m);
  });

  test('What is no address of a calendar is said at its input; on whose behalf is for the administrator alone to say', async () => {
    const wrong = await post(PAGE, { calendario: 'primary', accesso: 'oauth' });
    expect(wrong.status).toBe(422);
    expect(wrong.text).toContain('id="calendario-errore"');
    const asMayor = { calendario: CALENDAR, accesso: 'service_account', conto: 'sindaco@comune.example' };
    expect((await post(PAGE, asMayor)).status).toBe(404);
    const administrator = await signedIn(running, { role: 'administrator', offices: [] });
    expect((await post(PAGE, asMayor, administrator)).status).toBe(303);
  });

  test('Who may not sees nothing, whatever they send', async () => {
    await linkByServiceAccount();
    const strangers = [
      await signedIn(running, { role: 'operator', offices: ['sue'] }),
      await signedIn(running, { role: 'head', offices: ['suap'] }),
      await signedIn(running, { role: 'privacy', offices: [] }),
    ];
    const before = JSON.stringify(await link());
    for (const cookie of strangers) {
      expect((await ask(PAGE, { cookie })).status).toBe(404);
      expect((await ask(`${PAGE}/google`, { cookie })).status).toBe(404);
      for (const path of ['', '/sincronizza', '/riprendi', '/scollega', '/indirizzi', '/indirizzi/x/revoca'])
        expect((await post(PAGE + path, { comunque: '1', come: 'asking' }, cookie)).status).toBe(404);
    }
    expect(JSON.stringify(await link())).toBe(before);
  });

  test('A person lets us in by Google; only the one who asked, and only once', async () => {
    await post(PAGE, { calendario: CALENDAR, accesso: 'oauth' });
    expect((await ask(PAGE)).text).toContain('Da collegare');
    const begun = await ask(`${PAGE}/google`);
    const kept = String(begun.headers['set-cookie']).split(';')[0]!;
    const consent = await fetch(String(begun.headers.location), { redirect: 'manual' });
    const back = new URL(consent.headers.get('location')!);
    expect(back.pathname).toBe('/operatore/calendari/ritorno');
    const here = back.pathname + back.search;
    const other = await signedIn(running, { role: 'head', offices: ['sue'] });
    expect((await ask(here, { cookie: head })).headers.location).toBe('/operatore/calendari');
    expect((await ask(here, { cookie: `${other}; ${kept}` })).headers.location).toBe('/operatore/calendari');
    expect((await link())?.refreshToken ?? null).toBeNull();
    const again = await ask(`${PAGE}/google`);
    const cookie = `${head}; ${String(again.headers['set-cookie']).split(';')[0]!}`;
    const second = new URL(
      (await fetch(String(again.headers.location), { redirect: 'manual' })).headers.get('location')!,
    );
    const done = await ask(second.pathname + second.search, { cookie });
    expect(done.headers.location).toBe(`${PAGE}?fatto=collegato`);
    await until(isRead);
    const { refreshToken, account } = (await link())!;
    expect(refreshToken).not.toContain('refresh-');
    expect(account).toBe(CALENDAR);
    expect((await ask(second.pathname + second.search, { cookie })).headers.location).toBe('/operatore/calendari');
    await post(`${PAGE}/scollega`);
    await until(async () => (await link()) === null);
    expect(google.log.filter((l) => l.operation === 'revoke')).toHaveLength(1);
    await post(PAGE, { calendario: CALENDAR, accesso: 'oauth' });
    const third = await ask(`${PAGE}/google`);
    const kept3 = `${head}; ${String(third.headers['set-cookie']).split(';')[0]!}`;
    const there = await fetch(String(third.headers.location), { redirect: 'manual' });
    const home = new URL(there.headers.get('location')!);
    await ask(home.pathname + home.search, { cookie: kept3 });
    await until(isRead);
    google.tokens.revoke(CALENDAR);
    await until(async () => (await link())?.state === 'reauthorize');
    const page = await ask(PAGE);
    expect(page.text).toContain('Google non ci fa più entrare');
    expect(page.text).toContain(`href="${PAGE}/google"`);
    expect((await running.ask('/metrics')).text).toMatch(/^gcal_needs_reauth 1$/m);
  });

  /** Whose counter it is stands in the authority file. */
  async function giveTo(email: string): Promise<void> {
    const name = 'name: Sportello Edilizia\n';
    const file = readFileSync('examples/unione.yaml', 'utf8').replace(name, `${name}    staff: ${email}\n`);
    await importAuthority(running.app.get(Authorities), file);
  }
  /** To Google and back, in the browser of one. @returns where Google sends them, and their cookies there */
  async function consentAs(cookie: string): Promise<{ here: string; cookies: string }> {
    const begun = await ask(`${PAGE}/google`, { cookie });
    const consent = await fetch(String(begun.headers.location), { redirect: 'manual' });
    const back = new URL(consent.headers.get('location')!);
    const kept = String(begun.headers['set-cookie']).split(';')[0]!;
    return { here: back.pathname + back.search, cookies: `${cookie}; ${kept}` };
  }

  test('Who a counter belongs to connects their own calendar and has a private address; a colleague finds nothing', async () => {
    await giveTo('Edilizia@comune.example');
    const owner = await signedIn(running, { email: CALENDAR, role: 'operator', offices: ['sue'] });
    const colleague = await signedIn(running, { role: 'operator', offices: ['sue'] });
    const agenda = '/operatore/agenda?ufficio=sue';
    expect((await ask(agenda, { cookie: owner })).text).toContain('href="/operatore/calendari"');
    expect((await ask(agenda, { cookie: colleague })).text).not.toContain('href="/operatore/calendari"');
    const list = (await ask('/operatore/calendari', { cookie: owner })).text;
    expect(list.match(/href="\/operatore\/calendari\/[^"]+"/g)).toEqual([`href="${PAGE}"`]);
    const page = (await ask(PAGE, { cookie: owner })).text;
    expect(page).toContain(`value="${CALENDAR}"`);
    expect(page).not.toContain(google.tokens.serviceAccount.client_email);
    expect((await ask('/operatore/calendari/suap-1', { cookie: owner })).status).toBe(404);

    // Whatever they say, the calendar is one that they let us into themselves.
    const asked = { calendario: CALENDAR, accesso: 'service_account', conto: 'sindaco@comune.example' };
    expect((await post(PAGE, asked, owner)).headers.location).toBe(`${PAGE}?fatto=salvato`);
    const [authority] = await running.app.get(Authorities).all();
    const given = authority!.counters.find(({ id }) => id === 'sue-1')!.googleCalendar;
    expect(given).toEqual({ id: CALENDAR, access: 'oauth' });
    const { here, cookies } = await consentAs(owner);
    const kept = cookies.split('; ')[1]!;
    // Somebody else does not end what she began, not even with her browser's cookie, and cannot begin.
    expect((await ask(here, { cookie: `${colleague}; ${kept}` })).headers.location).toBe('/operatore/calendari');
    expect((await ask(`${PAGE}/google`, { cookie: colleague })).status).toBe(404);
    expect((await link())?.refreshToken ?? null).toBeNull();
    const again = await consentAs(owner);
    expect((await ask(again.here, { cookie: again.cookies })).headers.location).toBe(`${PAGE}?fatto=collegato`);
    await until(isRead);
    expect((await book((await slots()).at(-1)!)).status).toBe(201);
    await until(() => google.events(CALENDAR).length === 1);

    const shown = (await post(`${PAGE}/indirizzi`, {}, owner)).text;
    const { pathname } = new URL(/value="(http[^"]+\.ics)"/.exec(shown)![1]!);
    const [, revoke] = /action="([^"]+\/revoca)"/.exec(shown)!;
    const before = JSON.stringify(await link());
    for (const path of ['/operatore/calendari', PAGE])
      expect((await ask(path, { cookie: colleague })).status).toBe(404);
    for (const path of [PAGE, `${PAGE}/sincronizza`, `${PAGE}/scollega`, `${PAGE}/indirizzi`, revoke!])
      expect((await post(path, { comunque: '1' }, colleague)).status).toBe(404);
    expect(JSON.stringify(await link())).toBe(before);
    expect((await running.ask(pathname)).status).toBe(200);
    expect((await post(revoke!, {}, owner)).headers.location).toBe(`${PAGE}?fatto=revocato`);
    expect((await running.ask(pathname)).status).toBe(404);
    await post(`${PAGE}/scollega`, {}, owner);
    await until(async () => (await link()) === null);
    expect(google.events(CALENDAR)).toEqual([]);
  });

  test('An owner waits for the head where the calendar is not theirs to take, and is none in an office not theirs', async () => {
    await giveTo('geometra@comune.example');
    const owner = await signedIn(running, { email: 'geometra@comune.example', role: 'operator', offices: ['sue'] });
    await linkByServiceAccount();
    const page = (await ask(PAGE, { cookie: owner })).text;
    expect(page).toContain('chiedi al responsabile di scollegarlo');
    expect(page).not.toContain('/scollega"');
    for (const path of ['/scollega', '/riprendi'])
      expect((await post(PAGE + path, { comunque: '1', come: 'asking' }, owner)).status).toBe(404);
    expect((await link())?.state).toBe('ok');
    await post(`${PAGE}/scollega`, { comunque: '1' });
    const begun = await post(PAGE, { calendario: CALENDAR, accesso: 'oauth' }, owner);
    expect(begun.headers.location).toBe(`${PAGE}?fatto=salvato`);
    const { here, cookies } = await consentAs(owner);
    // Whose counter it is may change while Google asks.
    await giveTo('altra@comune.example');
    expect((await ask(here, { cookie: cookies })).status).toBe(404);
    const elsewhere = { email: 'altra@comune.example', role: 'operator', offices: ['suap'] } as const;
    expect((await ask(PAGE, { cookie: await signedIn(running, elsewhere) })).status).toBe(404);
    const officer = { email: 'dpo@comune.example', role: 'privacy', offices: [] } as const;
    await giveTo(officer.email);
    expect((await ask(PAGE, { cookie: await signedIn(running, officer) })).status).toBe(404);
  });

  test("A notice of Google's is always answered 200, and only the true one brings a look", async () => {
    await linkByServiceAccount();
    await running.app.get(CalendarChannels).renewDue();
    google.staffAdd(CALENDAR, {
      start: { dateTime: '2027-03-09T10:00:00+01:00' },
      end: { dateTime: '2027-03-09T11:00:00+01:00' },
    });
    const push = google.pushes.at(-1)!;
    const forged = { ...push.headers, 'X-Goog-Channel-Token': 'x'.repeat(43) };
    const type = { 'content-type': 'application/json; utf-8', 'content-length': '0' };
    const before = (await link())!.dueAt;
    for (const headers of [{}, type, forged, { ...push.headers, 'X-Goog-Channel-ID': 'nobody' }])
      expect((await running.ask(PUSH, { method: 'POST', headers })).status).toBe(200);
    expect(
      (await running.ask(PUSH, { method: 'POST', body: '{"broken', headers: { 'content-type': 'application/json' } }))
        .status,
    ).toBe(200);
    expect((await link())!.dueAt).toBe(before);
    const heard = await running.ask(PUSH, { method: 'POST', headers: { ...push.headers, ...type } });
    expect([heard.status, heard.text]).toEqual([200, '']);
    expect((await link())!.dueAt).toBe(clock.now() + 2_000);
  });

  test('Google is asked to tell us where it can reach us, unless that is switched off', () => {
    const secrets = { TOKEN_SECRET: 'x'.repeat(32), SESSION_SECRET: 'y'.repeat(32) };
    const pushUrl = (env: Record<string, string>) => readConfig({ ...secrets, ...env }).google.pushUrl;
    expect(pushUrl({ PUBLIC_URL: 'https://comune.example/' })).toBe(`https://comune.example${PUSH}`);
    expect(pushUrl({ PUBLIC_URL: 'https://comune.example', GOOGLE_PUSH: 'off' })).toBeUndefined();
    expect(pushUrl({ PUBLIC_URL: 'http://comune.example' })).toBeUndefined();
    expect(() => pushUrl({ PUBLIC_URL: 'http://comune.example', GOOGLE_PUSH: 'on' })).toThrow('GOOGLE_PUSH');
    expect(() => pushUrl({ GOOGLE_PUSH: 'perhaps' })).toThrow('GOOGLE_PUSH');
  });

  test('A deleted event is asked about, and the answer is carried out once', async () => {
    await linkByServiceAccount();
    const [start] = (await slots()).slice(-1);
    const booked = (await book(start!)).json<{ reference: string }>();
    await until(() => google.events(CALENDAR).length === 1);
    await until(isRead);
    google.staffDelete(CALENDAR, google.events(CALENDAR)[0]!.id);
    await until(async () => (await ask('/operatore/decisioni')).text.includes('name="risposta"'));
    const [, action] = /action="(\/operatore\/decisioni\/[^"]+)"/.exec((await ask('/operatore/decisioni')).text)!;
    const stranger = await signedIn(running, { role: 'operator', offices: ['suap'] });
    expect((await post(action!, { risposta: 'annulla' }, stranger)).status).toBe(404);
    const wordy = await post(action!, { risposta: 'annulla', nota: 'x'.repeat(501) });
    expect(wordy.headers.location).toBe('/operatore/decisioni?esito=rifiutato');
    const answered = await post(action!, { risposta: 'annulla', nota: 'La geometra è malata.' });
    expect(answered.headers.location).toBe('/operatore/decisioni?esito=fatto');
    expect((await ask('/operatore/decisioni?esito=fatto')).text).not.toContain('name="risposta"');
    expect((await post(action!, { risposta: 'rimetti' })).headers.location).toBe('/operatore/decisioni');
    const [authority] = await running.app.get(Authorities).all();
    const booking = await running.app
      .get(Registers)
      .books.byReference(authority!.id, booked.reference.replace(/\s/g, ''));
    expect(booking).toMatchObject({ status: 'cancelled', cancelledBy: 'staff' });
  });

  test('A private address is shown once, works, and works no more once revoked', async () => {
    const shown = await post(`${PAGE}/indirizzi`);
    expect(shown.headers['cache-control']).toBe('no-store');
    const [, address] = /value="(http[^"]+\.ics)"/.exec(shown.text)!;
    const { pathname } = new URL(address!);
    expect((await running.ask(pathname)).status).toBe(200);
    const page = await ask(PAGE);
    expect(page.text).not.toContain('.ics');
    const [, revoke] = /action="([^"]+\/revoca)"/.exec(page.text)!;
    const elsewhere = await employ(running, { role: 'head', offices: ['suap'] });
    expect(elsewhere.offices).toEqual(['suap']);
    expect(
      (await post(revoke!.replace('sue-1', 'suap-1'), {}, await signedIn(running, { role: 'head', offices: ['suap'] })))
        .status,
    ).toBe(404);
    expect((await post(revoke!)).headers.location).toBe(`${PAGE}?fatto=revocato`);
    expect((await running.ask(pathname)).status).toBe(404);
  });

  test('Disconnecting takes our events away; where Google does not answer one can leave anyway', async () => {
    await linkByServiceAccount();
    await book((await slots()).at(-1)!);
    await until(() => google.events(CALENDAR).length === 1);
    google.faults.add({ kind: '503', on: 'delete', times: Infinity });
    await post(`${PAGE}/scollega`);
    await until(async () => Boolean((await link())?.error));
    expect((await ask(PAGE)).text).toContain('Scollega comunque');
    google.faults.clear();
    await until(async () => (await link()) === null);
    expect(google.events(CALENDAR)).toEqual([]);
    await linkByServiceAccount();
    await until(() => google.events(CALENDAR).length === 1);
    await post(`${PAGE}/scollega`, { comunque: '1' });
    expect(await link()).toBeNull();
    expect(google.events(CALENDAR)).toHaveLength(1);
    expect((await ask(PAGE)).text).toContain('name="calendario"');
  });

  test('The pages are whole and accessible, narrow and wide, linked or not', async () => {
    const url = await running.listen();
    const browser = await openBrowser();
    try {
      await giveTo(CALENDAR);
      const owner = await signedIn(running, { email: CALENDAR, role: 'operator', offices: ['sue'] });
      for (const [width, cookie] of [
        [320, owner],
        [320, head],
        [1280, head],
        [1280, owner],
      ] as const) {
        const [name, value] = cookie.split('=') as [string, string];
        const { page, errors } = await openPage(browser, { width, javaScript: true });
        await page.context().addCookies([{ name, value, url }]);
        for (const path of ['/operatore/calendari', PAGE]) {
          await page.goto(url + path);
          if (process.env['LOOK'])
            await page.screenshot({ path: `/tmp/gb/${width}${path.replaceAll('/', '-')}.png`, fullPage: true });
          expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
          expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
        }
        expect(errors).toEqual([]);
        if (width === 320 && cookie === head) await linkByServiceAccount();
      }
    } finally {
      await browser.close();
    }
  });
});
