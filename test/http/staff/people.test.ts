// SPDX-License-Identifier: AGPL-3.0-or-later
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SystemChance } from '../../../src/bookings/chance.ts';
import { AccessLog } from '../../../src/database/staff/access-log.ts';
import { Authorities } from '../../../src/database/authorities.ts';
import { Database } from '../../../src/database/engine/database.ts';
import { StaffBook } from '../../../src/database/staff/staff-book.ts';
import { StaffCommand } from '../../../src/front-desk/staff/staff-command.ts';
import { csvOf } from '../../../src/http/staff/register/csv.ts';
import { deviceOf } from '../../../src/http/staff/entrance/device.ts';
import { SECRET, startApp, type Answer, type RunningApp } from '../../kit/app.ts';
import type { ManualClock } from '../../kit/clock.ts';
import { engines } from '../../kit/engines.ts';
import { employ, PASSWORD, signedIn } from '../../kit/staff.ts';

const UNION = 'unione-valtiglione';

let app: RunningApp<ManualClock>;
let administrator: string;

beforeAll(async () => {
  app = await startApp({ databaseUrl: await engines[0]!.freshUrl(), config: { rateLimits: true } });
  administrator = await signedIn(app, { id: 'the-administrator', role: 'administrator', offices: [] });
});
afterAll(() => app.close());

const location = ({ headers }: Answer): string => String(headers['location']);
const get = (path: string, cookie = administrator) => app.ask(path, { headers: { cookie } });
const post = (path: string, fields: [string, string][] = [], cookie = administrator) =>
  app.ask(path, { headers: { cookie }, body: new URLSearchParams(fields) });
const enter = (email: string, password: string) =>
  app.ask('/operatore/accesso', { body: new URLSearchParams({ email, password }) });
const staff = async (email: string) => (await app.app.get(StaffBook).byEmail(UNION, email))!;
const shown = ({ text }: Answer): string => /<code[^>]*>([^<]+)</.exec(text)![1]!;

describe('The administrator', () => {
  test('adds somebody, who enters with the password shown once', async () => {
    const added = await post('/operatore/persone', [
      ['name', 'Mario Rossi'],
      ['email', 'Mario@Unione.example'],
      ['role', 'head'],
      ['offices', 'suap'],
      ['offices', 'sue'],
    ]);
    expect([added.status, added.headers['cache-control']]).toEqual([200, 'no-store']);
    expect((await enter('mario@unione.example', shown(added))).status).toBe(303);
    expect(await staff('mario@unione.example')).toMatchObject({
      role: 'head',
      offices: ['suap', 'sue'],
      mustChange: 1,
    });
    const list = await get('/operatore/persone');
    expect(list.text).toContain('Mario Rossi');
    expect(list.text).not.toContain(shown(added));
  });

  test.each([
    ['name', { name: '' }, 'Scrivi nome e cognome'],
    ['email', { email: 'not an address' }, 'Controlla l&#39;email'],
    ['email', { email: 'taken@unione.example' }, 'già una persona'],
    ['ruolo', { role: 'god' }, 'Scegli un ruolo'],
    ['uffici', { offices: '' }, 'almeno un ufficio'],
    ['uffici', { offices: 'nowhere' }, 'non esiste più'],
  ])('is told what is wrong with the %s, and what was written is still there', async (id, parts, sentence) => {
    if ((await app.app.get(StaffBook).byEmail(UNION, 'taken@unione.example')) === null)
      await employ(app, { email: 'taken@unione.example' });
    const form = { name: 'Lia', email: 'lia@unione.example', role: 'operator', offices: 'suap', ...parts };
    const answer = await post('/operatore/persone', Object.entries(form));
    expect(answer.status).toBe(422);
    expect(answer.text).toContain(`href="#${id}"`);
    expect(answer.text.replaceAll('&apos;', '&#39;')).toContain(sentence);
    expect(answer.text).toContain(`value="${form.email}"`);
  });

  test('changes a role, which counts from the next page on', async () => {
    const cookie = await signedIn(app, { id: 'to-be-raised', role: 'operator' });
    expect((await get('/operatore/persone', cookie)).status).toBe(404);
    const raised = await post('/operatore/persone/to-be-raised/ruolo', [['role', 'administrator']]);
    expect(location(raised)).toBe('/operatore/persone/to-be-raised?fatto=1');
    expect((await get('/operatore/persone', cookie)).status).toBe(200);
    await post('/operatore/persone/to-be-raised/ruolo', [
      ['role', 'operator'],
      ['offices', 'sue'],
    ]);
    expect((await get('/operatore/persone', cookie)).status).toBe(404);
    expect(await app.app.get(StaffBook).find(UNION, 'to-be-raised')).toMatchObject({ offices: ['sue'] });
  });

  test('blocks somebody, who is out at once, and lets them in again', async () => {
    const cookie = await signedIn(app, { id: 'to-be-blocked', email: 'blocked@unione.example' });
    await post('/operatore/persone/to-be-blocked/blocca');
    expect((await get('/operatore/password', cookie)).status).toBe(303);
    expect((await enter('blocked@unione.example', PASSWORD)).status).toBe(422);
    await post('/operatore/persone/to-be-blocked/sblocca');
    expect((await get('/operatore/password', cookie)).status).toBe(303);
    expect((await enter('blocked@unione.example', PASSWORD)).status).toBe(303);
  });

  test('makes a new password, which frees a locked account and ends its sessions', async () => {
    const email = 'forgetful@unione.example';
    const cookie = await signedIn(app, { id: 'forgetful', email });
    for (let i = 0; i < 6; i++) await enter(email, 'wrong');
    expect((await get('/operatore/persone')).text).toContain('in attesa dopo troppi errori');
    const fresh = shown(await post('/operatore/persone/forgetful/password'));
    expect((await get('/operatore/password', cookie)).status).toBe(303);
    expect([(await enter(email, PASSWORD)).status, (await enter(email, fresh)).status]).toEqual([422, 303]);
    expect(await staff(email)).toMatchObject({ mustChange: 1 });
  });

  test('cannot leave the authority without one', async () => {
    for (const path of ['blocca', 'ruolo']) {
      const answer = await post(`/operatore/persone/the-administrator/${path}`, [['role', 'privacy']]);
      expect(location(answer)).toBe('/operatore/persone/the-administrator?errore=last');
      expect((await get(location(answer))).text).toContain('prima nominane un altro');
    }
    expect(await app.app.get(StaffBook).find(UNION, 'the-administrator')).toMatchObject({ role: 'administrator' });
  });

  test('finds nobody of another authority', async () => {
    await employ(app, { id: 'foreigner', authorityId: 'elsewhere' });
    expect((await get('/operatore/persone')).text).not.toContain('foreigner');
    const missing = await get('/operatore/persone/nobody');
    const foreign = await get('/operatore/persone/foreigner');
    expect(foreign.text.replaceAll('foreigner', 'nobody')).toBe(missing.text);
    for (const path of ['ruolo', 'blocca', 'sblocca', 'password'])
      expect((await post(`/operatore/persone/foreigner/${path}`, [['role', 'privacy']])).status).toBe(404);
  });
});

describe('The access log', () => {
  let officer: string;
  beforeAll(async () => {
    officer = await signedIn(app, { id: 'the-officer', name: '=HYPERLINK("x")', role: 'privacy', offices: [] });
  });

  test('shows what was noted, by day, person and reference, and that it is whole', async () => {
    const log = app.app.get(AccessLog);
    const anna = { id: 'anna', name: 'Anna Bruni' };
    await log.note({ id: UNION }, anna, 'sheet', { reference: 'ABC2345' });
    app.clock.advance(24 * 60 * 60_000);
    officer = await signedIn(app, { role: 'privacy', offices: [], name: '=HYPERLINK("x")' });
    await log.note({ id: UNION }, anna, 'sheet', { reference: 'XYZ6789' });
    const rows = async (query: string) =>
      (await get(`/operatore/registro?${query}`, officer)).text.match(/codice: \w+/g) ?? [];
    expect(await rows('')).toEqual(['codice: XYZ6789', 'codice: ABC2345']);
    expect(await rows('giorno=2027-03-01')).toEqual(['codice: ABC2345']);
    expect(await rows('giorno=2027-03-02')).toEqual(['codice: XYZ6789']);
    expect(await rows('riferimento=abc+2345')).toEqual(['codice: ABC2345']);
    expect(await rows('persona=anna')).toHaveLength(2);
    expect(await rows('persona=nobody')).toEqual([]);
    expect(await rows("riferimento=%25%27&giorno=domani&persona='")).toEqual([]);
    expect((await get('/operatore/registro', officer)).text).toContain('Il registro è integro');
  });

  test('writes down who reads it', async () => {
    const page = await get('/operatore/registro', officer);
    expect(page.text.match(/ha letto il registro/g)!.length).toBeGreaterThan(5);
    expect(page.text).toContain('Statuto dei lavoratori');
  });

  test('goes into a file that runs nothing in a spreadsheet', async () => {
    const file = await get('/operatore/registro/csv', officer);
    expect([file.headers['content-type'], file.headers['content-disposition']]).toEqual([
      'text/csv; charset=utf-8',
      'attachment; filename="registro-accessi.csv"',
    ]);
    const lines = file.text.split('\r\n');
    expect(lines[0]).toBe('"number","at","staff_id","staff_name","what","about","hash"');
    expect(lines[1]).toContain(`,"'=HYPERLINK(""x"")","log-export",`);
  });

  test('says when it was tampered with', async () => {
    await app.app.get(Database).run("UPDATE access_log SET staff_name = 'Bruno' WHERE staff_id = 'anna'");
    expect((await get('/operatore/registro', officer)).text).toContain('Il registro è stato alterato');
  });

  test('is closed to all others, the administrator too', async () => {
    const { email } = (await app.app.get(StaffBook).find(UNION, 'the-administrator'))!;
    const [again] = String((await enter(email, PASSWORD)).headers['set-cookie']).split(';');
    for (const cookie of [again, await signedIn(app, { role: 'operator' }), await signedIn(app, { role: 'head' })])
      for (const path of ['/operatore/registro', '/operatore/registro/csv'])
        expect((await get(path, cookie)).status).toBe(404);
  });
});

test.each(['=1+1', '+39', '-1', '@SUM(A1)', '\tx', '\rx', '\nx', '＝1', '＋1', '－1', '＠x'])(
  'In a file %j is text',
  (field) => {
    expect(csvOf([[field]])).toBe(`"'${field}"\r\n`);
  },
);

test('A browser is told by its name and system', () => {
  const chrome = 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0 Safari/537.36';
  expect(
    [
      `Mozilla/5.0 (X11; Linux x86_64) ${chrome}`,
      `Mozilla/5.0 (Windows NT 10.0) ${chrome} Edg/139.0`,
      `Mozilla/5.0 (Linux; Android 15) ${chrome}`,
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Safari/604.1',
      '<script>',
      undefined,
    ].map(deviceOf),
  ).toEqual(['Chrome, Linux', 'Edge, Windows', 'Chrome, Android', 'Safari, iPhone', '', '']);
});

describe('At the machine', () => {
  let command: StaffCommand;
  beforeAll(() => {
    const database = app.app.get(Database);
    command = new StaffCommand(new Authorities(database), database, app.clock, new SystemChance(), SECRET);
  });
  const run = (line: string, options = {}) => command.run(line.split(' ').filter(Boolean), options);

  test('somebody is added and enters, is disabled and does not, is reset', async () => {
    const email = 'console@unione.example';
    const named = { email, name: 'Console Bianchi', role: 'operator', offices: 'suap, sue' };
    const [line, secret = ''] = await run('add', named);
    expect(line).toBe('console@unione.example  Console Bianchi  operator  suap,sue');
    const password = /: (\S+)$/.exec(secret)![1]!;
    expect((await enter(email, password)).status).toBe(303);
    expect(await run('disable', { email })).toEqual([`${email} may no longer enter`]);
    expect((await enter(email, password)).status).toBe(422);
    expect(await run('list')).toContain(`${line}  (disabled)`);
    expect(await run('enable', { email, authority: UNION })).toEqual([`${email} may enter again`]);
    const again = /: (\S+)$/.exec((await run('reset', { email }))[1]!)![1]!;
    expect([(await enter(email, password)).status, (await enter(email, again)).status]).toEqual([422, 303]);
  });

  test('nothing is changed with a secret that is not the running instance’s', async () => {
    const database = app.app.get(Database);
    const foreign = new StaffCommand(new Authorities(database), database, app.clock, new SystemChance(), 'another');
    const named = { email: 'foreign@unione.example', name: 'Foreign', role: 'privacy' };
    await expect(foreign.run(['add'], named)).rejects.toThrow('TOKEN_SECRET is not the one');
    expect(await app.app.get(StaffBook).byEmail(UNION, named.email)).toBeNull();
    expect(await foreign.run(['list'], {})).not.toEqual([]);
  });

  test.each([
    ['', {}, 'npm run staff -- add'],
    ['remove', { email: 'x@y.zz' }, 'npm run staff -- add'],
    ['add mario', {}, 'not understood: mario'],
    ['add', { email: 'x@y.zz' }, 'needs --email, --name and --role'],
    ['add', { email: 'x', name: 'X', role: 'head', offices: 'suap' }, '--email is not an address'],
    ['add', { email: 'x@y.zz', name: 'X', role: 'king' }, '--role is none of operator, head'],
    ['add', { email: 'x@y.zz', name: 'X', role: 'head' }, 'need --offices, some of suap, sue'],
    ['add', { email: 'x@y.zz', name: 'X', role: 'head', offices: 'nowhere' }, '--offices names one'],
    ['add', { email: 'console@unione.example', name: 'X', role: 'privacy' }, 'has this address already'],
    ['reset', {}, 'say who: --email'],
    ['disable', { email: 'nobody@y.zz' }, 'nobody of unione-valtiglione has the address nobody@y.zz'],
    ['disable', { email: 'last' }, 'is the last administrator'],
    ['list', { authority: 'rome' }, 'there is no authority rome; there are unione-valtiglione'],
  ])('%j with %j is refused in a sentence', async (line, options, sentence) => {
    const { email } = (await app.app.get(StaffBook).find(UNION, 'the-administrator'))!;
    const named = 'email' in options && options.email === 'last' ? { email } : options;
    await expect(run(line, named)).rejects.toThrow(sentence);
  });
});
