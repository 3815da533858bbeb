// SPDX-License-Identifier: AGPL-3.0-or-later
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Staff } from '../../../src/access/staff.ts';
import { hashPassword } from '../../../src/access/password.ts';
import { AccessLog } from '../../../src/database/staff/access-log.ts';
import { Database } from '../../../src/database/engine/database.ts';
import { StaffBook } from '../../../src/database/staff/staff-book.ts';
import { startApp, type Answer, type Ask, type RunningApp } from '../../kit/app.ts';
import type { ManualClock } from '../../kit/clock.ts';
import { engines } from '../../kit/engines.ts';
import { employ, PASSWORD, signedIn } from '../../kit/staff.ts';

const MINUTE = 60_000;
const ANOTHER = 'tutta mia da oggi in poi';

const form = (fields: Record<string, string>): URLSearchParams => new URLSearchParams(fields);
const location = ({ headers }: Answer): string => String(headers['location']);
const cookiesOf = ({ headers }: Answer): string[] => [headers['set-cookie'] ?? []].flat().map(String);
/** What the browser would send back. */
const cookieOf = (answer: Answer): string => cookiesOf(answer).map((cookie) => cookie.split(';')[0]!)[0] ?? '';

describe.each(engines)('On $name', (engine) => {
  let app: RunningApp<ManualClock>;
  let authority: { id: string };

  beforeAll(async () => {
    app = await startApp({ databaseUrl: await engine.freshUrl(), config: { rateLimits: true } });
    authority = { id: 'unione-valtiglione' };
  });
  afterAll(() => app.close());

  const enter = (email: string, password = PASSWORD, more: Record<string, string> = {}, ask: Ask = {}) =>
    app.ask('/operatore/accesso', { body: form({ email, password, ...more }), ...ask });
  const get = (path: string, cookie = '') => app.ask(path, { headers: { cookie } });
  const post = (path: string, cookie: string, fields: Record<string, string> = {}) =>
    app.ask(path, { headers: { cookie }, body: form(fields) });
  const isIn = async (cookie: string) => (await get('/operatore/password', cookie)).status === 200;

  test('Who signs in gets a session of 256 bits, which is kept only as a hash', async () => {
    const staff = await employ(app);
    const answer = await enter(` ${staff.email.toUpperCase()} `);
    expect([answer.status, location(answer)]).toEqual([303, '/operatore']);
    const [cookie = ''] = cookiesOf(answer);
    expect(cookie).toMatch(/^sportello-staff=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Lax$/);
    expect(await isIn(cookieOf(answer))).toBe(true);
    const kept = JSON.stringify(await app.app.get(Database).rows('SELECT * FROM sessions'));
    expect(kept).not.toContain(cookieOf(answer).split('=')[1]);
    const page = await get('/operatore/password', cookieOf(answer));
    expect(page.headers['cache-control']).toBe('no-store');
    expect(page.text).toContain(staff.name);
  });

  test('A page sends to the door and back again; a form without a session finds nothing', async () => {
    const { email } = await employ(app, { role: 'administrator' });
    const there = await get('/operatore/persone?x=%C3%A8');
    expect([there.status, location(there)]).toEqual([
      303,
      '/operatore/accesso?poi=%2Foperatore%2Fpersone%3Fx%3D%25C3%25A8',
    ]);
    const door = await get(location(there));
    expect(door.text).toContain('name="poi" value="/operatore/persone?x=%C3%A8"');
    expect(location(await enter(email, PASSWORD, { poi: '/operatore/persone?x=%C3%A8' }))).toBe(
      '/operatore/persone?x=%C3%A8',
    );
    expect((await post('/operatore/persone', '')).status).toBe(404);
    expect((await get('/operatore/persone', 'sportello-staff=kurz')).status).toBe(303);
  });

  test.each([
    'https://evil.example/',
    '//evil.example/operatore',
    '/\\evil.example/operatore',
    '/operatore/../prenota',
    '/operatorefinto',
    'javascript:alert(1)',
    '\t//evil.example',
    'http://here.evil.example/operatore',
    '',
  ])('From the door nobody is sent on to %j', async (poi) => {
    const { email } = await employ(app);
    expect(location(await enter(email, PASSWORD, { poi }))).toBe('/operatore');
  });

  test('Unknown, wrong, disabled and without a password of their own look the same', async () => {
    const { email } = await employ(app);
    const gone = await employ(app, { disabledAt: 1 });
    const openId = await employ(app, { passwordHash: null, subject: 'f'.repeat(64) });
    const answers = [
      await enter('nobody@unione.example'),
      await enter(email, 'another'),
      await enter(gone.email),
      await enter(openId.email),
      await enter(openId.email, ''),
      await enter('', ''),
    ];
    const bodies = answers.map(({ text, status }) => [status, text.replaceAll(/value="[^"]*@[^"]*"/g, 'value=""')]);
    expect(new Set(bodies.map(String)).size).toBe(1);
    expect(answers[0]!.status).toBe(422);
    expect(answers.flatMap(cookiesOf)).toEqual([]);
  });

  test('From the fifth wrong password the right one waits too, a minute, then two', async () => {
    const { email } = await employ(app);
    const tries = async (n: number) => {
      for (let i = 0; i < n; i++) expect((await enter(email, 'wrong')).status).toBe(422);
    };
    await tries(4);
    expect((await enter(email)).status).toBe(303);
    await tries(5);
    expect((await enter(email)).status).toBe(422);
    app.clock.advance(MINUTE - 1);
    expect((await enter(email)).status).toBe(422);
    app.clock.advance(1);
    await tries(1);
    app.clock.advance(MINUTE);
    expect((await enter(email)).status).toBe(422);
    app.clock.advance(MINUTE);
    expect((await enter(email)).status).toBe(303);
  });

  test('Twenty guesses at once are no more than those that may be made', async () => {
    const staff = await employ(app);
    await Promise.all(Array.from({ length: 20 }, () => enter(staff.email, 'wrong')));
    const after = await app.app.get(StaffBook).find(authority.id, staff.id);
    expect(after!.failures).toBe(5);
    expect((await enter(staff.email)).status).toBe(422);
  });

  test('Strangers who guess shut out nobody where they have signed in before, and guesses made there are counted too', async () => {
    const { email } = await employ(app);
    const [, given = ''] = cookiesOf(await enter(email));
    expect(given).toMatch(/^sportello-known=[\w-]{43}; Max-Age=15552000; Path=\/; HttpOnly; SameSite=Lax$/);
    const cookie = given.split(';')[0]!;
    const guess = async (times: number, more: Ask) => {
      for (let i = 0; i < times; i++) expect((await enter(email, 'wrong', {}, more)).status).toBe(422);
    };
    const here: Ask = { headers: { cookie } };
    const other = cookiesOf(await enter((await employ(app)).email))[1]!.split(';')[0]!;
    await guess(5, {});
    for (const kept of ['', other, `sportello-known=${'x'.repeat(43)}`])
      expect((await enter(email, PASSWORD, {}, { headers: { cookie: kept } })).status).toBe(422);
    const entered = await enter(email, PASSWORD, {}, here);
    expect(entered.status).toBe(303);
    expect((await enter(email)).status).toBe(422);
    await guess(5, here);
    expect((await enter(email, PASSWORD, {}, here)).status).toBe(422);
    app.clock.advance(MINUTE);
    expect((await enter(email, PASSWORD, {}, here)).status).toBe(303);
    const said = { prima: PASSWORD, dopo: ANOTHER, ancora: ANOTHER };
    const changed = await post('/operatore/password', cookieOf(entered), said);
    const next = cookiesOf(changed)[1]!.split(';')[0]!;
    await guess(5, {});
    expect((await enter(email, ANOTHER, {}, here)).status).toBe(422);
    expect((await enter(email, ANOTHER, {}, { headers: { cookie: next } })).status).toBe(303);
  });

  test('A session ends unseen for an hour, and at twelve hours even of who is busy', async () => {
    const idle = await signedIn(app);
    const busy = await signedIn(app);
    for (let hours = 0.5; hours < 12; hours += 0.5) {
      app.clock.advance(30 * MINUTE);
      expect(await isIn(busy)).toBe(true);
      if (hours === 0.5) expect(await isIn(idle)).toBe(true);
      if (hours === 1.5) expect(await isIn(idle)).toBe(false);
    }
    app.clock.advance(30 * MINUTE);
    expect(await isIn(busy)).toBe(false);
  });

  test('A new sign-in in the same browser ends the session before; signing out ends it for good', async () => {
    const { email } = await employ(app);
    const first = cookieOf(await enter(email));
    const second = cookieOf(await enter(email, PASSWORD, {}, { headers: { cookie: first } }));
    expect([await isIn(first), await isIn(second)]).toEqual([false, true]);
    const out = await post('/operatore/uscita', second);
    expect([location(out), cookieOf(out)]).toEqual(['/operatore/accesso?perche=out', 'sportello-staff=']);
    expect(await isIn(second)).toBe(false);
    expect((await post('/operatore/uscita', second)).status).toBe(303);
  });

  test('Who has not chosen a password of their own sees no other page', async () => {
    const { email } = await employ(app, { mustChange: 1, role: 'administrator' });
    const cookie = cookieOf(await enter(email));
    for (const path of ['/operatore', '/operatore/persone'])
      expect(location(await get(path, cookie))).toBe('/operatore/password');
    expect((await post('/operatore/persone', cookie)).status).toBe(404);
    expect((await get('/operatore/password', cookie)).text).not.toContain('/operatore/persone');
    const changed = await post('/operatore/password', cookie, { prima: PASSWORD, dopo: ANOTHER, ancora: ANOTHER });
    expect(location(changed)).toBe('/operatore');
    expect((await get('/operatore/persone', cookieOf(changed))).status).toBe(200);
  });

  test('A changed password ends every session and begins a new one', async () => {
    const { email } = await employ(app);
    const [here, there] = [cookieOf(await enter(email)), cookieOf(await enter(email))];
    const changed = await post('/operatore/password', here, { prima: PASSWORD, dopo: ANOTHER, ancora: ANOTHER });
    const fresh = cookieOf(changed);
    expect(await Promise.all([here, there, fresh].map(isIn))).toEqual([false, false, true]);
    expect([(await enter(email)).status, (await enter(email, ANOTHER)).status]).toEqual([422, 303]);
  });

  test.each([
    ['wrong', { prima: 'another' }],
    ['twice', { ancora: 'qualcosa di diverso' }],
    ['short', { dopo: 'breve', ancora: 'breve' }],
    ['same', { dopo: PASSWORD, ancora: PASSWORD }],
  ])('A new password that is %s is refused and says why', async (fault, parts) => {
    const cookie = await signedIn(app);
    const said = { prima: PASSWORD, dopo: ANOTHER, ancora: ANOTHER, ...parts };
    const answer = await post('/operatore/password', cookie, said);
    expect(location(answer)).toBe(`/operatore/password?errore=${fault}`);
    const page = await get(location(answer), cookie);
    expect(page.text).toMatch(/aria-invalid="true"/);
    expect(await isIn(cookie)).toBe(true);
  });

  test('Guessing the present password from a session left open meets the same lock', async () => {
    const staff = await employ(app);
    const cookie = cookieOf(await enter(staff.email));
    for (let i = 0; i < 5; i++)
      await post('/operatore/password', cookie, { prima: 'x', dopo: ANOTHER, ancora: ANOTHER });
    const right = await post('/operatore/password', cookie, { prima: PASSWORD, dopo: ANOTHER, ancora: ANOTHER });
    expect(location(right)).toBe('/operatore/password?errore=wrong');
  });

  test('One sees where one is signed in, and leaves everywhere else', async () => {
    const { email } = await employ(app);
    const agent = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0';
    const here = cookieOf(await enter(email, PASSWORD, {}, { headers: { 'user-agent': agent } }));
    const there = cookieOf(await enter(email));
    expect((await get('/operatore/password', here)).text).toContain('Firefox, Windows');
    expect((await post('/operatore/password/altrove', here)).status).toBe(303);
    expect(await Promise.all([here, there].map(isIn))).toEqual([true, false]);
  });

  test('A password hashed when less was asked for is hashed anew at the next entry', async () => {
    const strong = await hashPassword(PASSWORD, new Uint8Array(16));
    const weak = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
    const staff = await employ(app, { passwordHash: weak });
    expect((await enter(staff.email, 'password')).status).toBe(303);
    const { passwordHash } = (await app.app.get(StaffBook).find(authority.id, staff.id))!;
    expect(passwordHash!.slice(0, 30)).toBe(strong.slice(0, 30));
    expect((await enter(staff.email, 'password')).status).toBe(303);
  });

  test('A form sent from another site changes nothing', async () => {
    const { email } = await employ(app);
    const foreign: Record<string, string>[] = [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example' }];
    for (const headers of foreign) {
      const answer = await enter(email, PASSWORD, {}, { headers });
      expect([answer.status, cookiesOf(answer)]).toEqual([404, []]);
    }
  });

  test('Every entry, failure and leaving is in the log, and the log is whole', async () => {
    const staff = await employ(app);
    await enter(staff.email, 'wrong');
    await post('/operatore/uscita', cookieOf(await enter(staff.email)));
    const log = app.app.get(AccessLog);
    const question = { from: 0, until: Number.MAX_SAFE_INTEGER, staffId: staff.id };
    const noted = (await log.find(authority.id, question, 10)).map(({ what }) => what);
    expect(noted).toEqual(['sign-out', 'sign-in', 'sign-in-failed']);
    expect(await log.verify(authority.id)).toEqual({ entries: expect.any(Number), first: 1 });
  });
});

test('On https the cookie is __Host- and Secure', async () => {
  const [sqlite] = engines;
  const config = { publicUrl: 'https://appuntamenti.unione.example' };
  const app = await startApp({ databaseUrl: await sqlite!.freshUrl(), config });
  try {
    const { email }: Staff = await employ(app);
    const answer = await app.ask('/operatore/accesso', { body: form({ email, password: PASSWORD }) });
    expect(cookiesOf(answer)[0]).toMatch(
      /^__Host-sportello-staff=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
    );
    const plain = cookieOf(answer).replace('__Host-', '');
    expect((await app.ask('/operatore/password', { headers: { cookie: plain } })).status).toBe(303);
  } finally {
    await app.close();
  }
});
