// SPDX-License-Identifier: AGPL-3.0-or-later
import { afterAll, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { writeFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Staff } from '../../../src/access/staff.ts';
import { readConfig } from '../../../src/config.ts';
import { StaffBook } from '../../../src/database/staff/staff-book.ts';
import { startApp, type Answer, type RunningApp } from '../../kit/app.ts';
import type { ManualClock } from '../../kit/clock.ts';
import { engines } from '../../kit/engines.ts';
import { newFolder } from '../../kit/folder.ts';
import { CLIENT, OpenIdProvider } from '../../kit/openid.ts';
import { employ, PASSWORD } from '../../kit/staff.ts';

const PUBLIC = 'http://localhost:3999';
const RETURN = `${PUBLIC}/operatore/oidc/ritorno`;
const GRANTS = `
staff:
  - { email: anna@unione.example, role: head, offices: [suap] }
  - { group: tecnici, role: operator, offices: [sue] }
  - { group: sportellisti, role: operator, offices: [suap, sue] }
  - { group: admin, role: administrator }
`;

let app: RunningApp<ManualClock>;
let provider: OpenIdProvider;
let people = 0;

beforeAll(async () => {
  // The provider reminds whoever runs it of what it needs to serve the public.
  for (const level of ['info', 'warn'] as const) jest.spyOn(console, level).mockReturnValue();
  provider = await OpenIdProvider.start([RETURN]);
  const file = join(newFolder('authority'), 'authority.yaml');
  writeFileSync(file, readFileSync('examples/unione.yaml', 'utf8') + GRANTS);
  const oidc = {
    issuer: provider.issuer,
    ...CLIENT,
    name: 'Unione',
    groupsClaim: 'groups',
    trustEmail: false,
    insecure: true,
  };
  const config = { oidc, publicUrl: PUBLIC };
  app = await startApp({ databaseUrl: await engines[0]!.freshUrl(), authorityFile: file, config });
});
afterAll(async () => {
  await app.close();
  await provider.close();
});
beforeEach(() => provider.people.clear());

const location = ({ headers }: Answer): string => String(headers['location']);
const cookieNamed = (name: string, { headers }: Answer): string =>
  [headers['set-cookie'] ?? []]
    .flat()
    .map(String)
    .find((one) => one.startsWith(`${name}=`))
    ?.split(';')[0] ?? '';
const get = (path: string, cookie = '') => app.ask(path, { headers: { cookie } });

/** Sends somebody to the provider. */
async function begin(poi = '/operatore/password'): Promise<{ url: string; cookie: string }> {
  const answer = await get(`/operatore/oidc?${new URLSearchParams({ poi }).toString()}`);
  return { url: location(answer), cookie: cookieNamed('sportello-oidc', answer) };
}

/** Comes back from it. */
const finish = (back: string, cookie: string) => get(back.replace(PUBLIC, ''), cookie);

async function enterAs(sub: string, poi?: string): Promise<Answer> {
  const { url, cookie } = await begin(poi);
  return finish(await provider.visit(url, sub), cookie);
}

const staffOf = (email: string): Promise<Staff | null> => app.app.get(StaffBook).byEmail('unione-valtiglione', email);

const isIn = async (answer: Answer): Promise<boolean> =>
  (await get('/operatore/password', cookieNamed('sportello-staff', answer))).status === 200;

test('The door has a button for the provider, which is asked with PKCE, state and nonce', async () => {
  expect((await get('/operatore/accesso')).text).toContain('Entra con Unione');
  const asked = new URL((await begin()).url).searchParams;
  expect(Object.fromEntries(asked)).toEqual({
    client_id: 'sportello',
    redirect_uri: RETURN,
    response_type: 'code',
    scope: 'openid email profile',
    code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    code_challenge_method: 'S256',
    state: expect.stringMatching(/^[\w-]{43}$/),
    nonce: expect.stringMatching(/^[\w-]{43}$/),
  });
});

test('An address that the provider has verified opens, to where one was going', async () => {
  provider.people.set('anna', { email: 'Anna@unione.example', email_verified: true, name: 'Anna Bruni' });
  const answer = await enterAs('anna', '/operatore/password?x=1');
  expect(location(answer)).toBe('/operatore/password?x=1');
  expect(await isIn(answer)).toBe(true);
  const staff = await staffOf('anna@unione.example');
  expect(staff).toMatchObject({ name: 'Anna Bruni', role: 'head', offices: ['suap'], passwordHash: null });
});

test('An address that is not verified opens nothing', async () => {
  for (const email_verified of [false, undefined, 'true'])
    for (const sub of ['mallory', 'mallory2']) {
      provider.people.set(sub, { email: 'anna@unione.example', email_verified });
      expect(location(await enterAs(sub))).toBe('/operatore/accesso?perche=no-grant');
    }
});

test('Groups open too, and each entry brings role and offices up to date', async () => {
  const email = 'gino@unione.example';
  provider.people.set('gino', { email, groups: ['tecnici', 'sportellisti', 'altri'] });
  expect(await isIn(await enterAs('gino'))).toBe(true);
  const before = await staffOf(email);
  expect(before).toMatchObject({ role: 'operator', offices: ['sue', 'suap'] });
  provider.people.set('gino', { email: 'another@unione.example', groups: ['admin'] });
  expect(await isIn(await enterAs('gino'))).toBe(true);
  expect(await staffOf(email)).toMatchObject({ id: before!.id, role: 'administrator', offices: [] });
});

test('Who has lost every grant finds the door shut, and is out where they were in', async () => {
  provider.people.set('lia', { email: 'lia@unione.example', groups: ['tecnici'] });
  const entered = await enterAs('lia');
  provider.people.set('lia', { email: 'lia@unione.example', groups: [] });
  const refused = await enterAs('lia');
  expect(location(refused)).toBe('/operatore/accesso?perche=no-grant');
  expect(cookieNamed('sportello-staff', refused)).toBe('');
  expect(await isIn(entered)).toBe(false);
  expect((await get(location(refused))).text).toContain('il tuo ente non ti ha ancora dato accesso');
});

test('The only administrator remains one, whatever the groups say', async () => {
  const others = await app.app.get(StaffBook).of('unione-valtiglione');
  for (const other of others.filter(({ role }) => role === 'administrator'))
    await app.app
      .get(StaffBook)
      .changeKeepingOne('unione-valtiglione', (tx) =>
        app.app.get(StaffBook).setRole(tx, other.id, 'operator', ['suap'], 1),
      );
  provider.people.set('capo', { email: 'capo@unione.example', groups: ['admin'] });
  await enterAs('capo');
  for (const other of others)
    await app.app
      .get(StaffBook)
      .changeKeepingOne('unione-valtiglione', (tx) =>
        app.app.get(StaffBook).setRole(tx, other.id, 'operator', ['suap'], 1),
      );
  provider.people.set('capo', { email: 'capo@unione.example', groups: ['tecnici'] });
  expect(await isIn(await enterAs('capo'))).toBe(true);
  expect(await staffOf('capo@unione.example')).toMatchObject({ role: 'administrator' });
});

test('A local account is joined only to an address that is verified, and its first password opens no more', async () => {
  const email = `mista-${people++}@unione.example`;
  const local = await employ(app, { email, mustChange: 1 });
  provider.people.set('mista', { email, groups: ['tecnici'] });
  expect(location(await enterAs('mista'))).toBe('/operatore/accesso?perche=taken');
  provider.people.set('mista', { email, email_verified: true, groups: ['tecnici'] });
  expect(await isIn(await enterAs('mista'))).toBe(true);
  expect(await staffOf(email)).toMatchObject({ id: local.id, offices: ['sue'], passwordHash: null, mustChange: 0 });
  provider.people.set('ladra', { email, email_verified: true, groups: ['tecnici'] });
  expect(location(await enterAs('ladra'))).toBe('/operatore/accesso?perche=taken');
});

test('Who is disabled here stays out, and who has no address is told so', async () => {
  const email = `fuori-${people++}@unione.example`;
  await employ(app, { email, disabledAt: 1 });
  provider.people.set('fuori', { email, email_verified: true, groups: ['tecnici'] });
  expect(location(await enterAs('fuori'))).toBe('/operatore/accesso?perche=disabled');
  provider.people.set('senza', { groups: ['tecnici'] });
  expect(location(await enterAs('senza'))).toBe('/operatore/accesso?perche=no-email');
});

test('An answer with another state, in another browser, twice, altered or too late opens nothing', async () => {
  provider.people.set('eva', { email: 'eva@unione.example', groups: ['tecnici'] });
  const returned = async () => {
    const { url, cookie } = await begin();
    return { back: await provider.visit(url, 'eva'), cookie };
  };
  const expired = '/operatore/accesso?perche=expired';

  const one = await returned();
  const other = await returned();
  expect(location(await finish(one.back, other.cookie))).toBe(expired);
  const third = await returned();
  expect(location(await finish(third.back, ''))).toBe(expired);
  expect(location(await finish(third.back, third.cookie))).toBe('/operatore/password');
  expect(location(await finish(third.back, third.cookie))).toBe(expired);

  const late = await returned();
  app.clock.advance(10 * 60_000);
  expect(location(await finish(late.back, late.cookie))).toBe(expired);

  const altered = await returned();
  const back = altered.back.replace(/code=[^&]+/, 'code=stolen');
  expect(location(await finish(back, altered.cookie))).toBe('/operatore/accesso?perche=provider');
});

test('A code is not taken in the name of another issuer, nor with another nonce', async () => {
  provider.people.set('eva', { email: 'eva@unione.example', groups: ['tecnici'] });
  const { url, cookie } = await begin();
  const back = new URL(await provider.visit(url, 'eva'));
  back.searchParams.set('iss', 'https://evil.example');
  expect(location(await finish(back.href, cookie))).toBe('/operatore/accesso?perche=provider');

  const again = await begin();
  const planted = new URL(again.url);
  planted.searchParams.set('nonce', 'another nonce');
  const answer = await finish(await provider.visit(planted.href, 'eva'), again.cookie);
  expect(location(answer)).toBe('/operatore/accesso?perche=provider');
});

test('While the provider is away the door says so, and a password opens still', async () => {
  const { email } = await employ(app);
  const { url, cookie } = await begin();
  provider.people.set('eva', { email: 'eva@unione.example', groups: ['tecnici'] });
  const back = await provider.visit(url, 'eva');
  await provider.close();
  try {
    const answer = await finish(back, cookie);
    expect(location(answer)).toBe('/operatore/accesso?perche=provider');
    expect((await get(location(answer))).text).toContain('Il servizio di accesso non risponde');
    const body = new URLSearchParams({ email, password: PASSWORD });
    expect((await app.ask('/operatore/accesso', { body })).status).toBe(303);
  } finally {
    await provider.open([RETURN]);
  }
});

test('Without a provider there is no such door', async () => {
  const plain = await startApp({ databaseUrl: await engines[0]!.freshUrl() });
  try {
    expect((await plain.ask('/operatore/oidc')).status).toBe(404);
    expect((await plain.ask('/operatore/oidc/ritorno?code=x&state=y')).status).toBe(404);
    expect((await plain.ask('/operatore/accesso')).text).not.toContain('/operatore/oidc');
  } finally {
    await plain.close();
  }
});

test.each([
  [{ OIDC_ISSUER: 'https://id.example' }, 'go together'],
  [{ OIDC_ISSUER: 'http://id.example', OIDC_CLIENT_ID: 'a', OIDC_CLIENT_SECRET: 'b' }, 'begins with https'],
  [{ OIDC_ISSUER: 'id.example', OIDC_CLIENT_ID: 'a', OIDC_CLIENT_SECRET: 'b' }, 'OIDC_ISSUER is not a URL'],
  [
    { OIDC_ISSUER: 'https://id.example', OIDC_CLIENT_ID: 'a', OIDC_CLIENT_SECRET: 'b', OIDC_TRUST_EMAIL: 'yes' },
    'OIDC_TRUST_EMAIL',
  ],
])('%j is refused at the start', (env, sentence) => {
  expect(() => readConfig({ TOKEN_SECRET: 'x'.repeat(32), SESSION_SECRET: 'x'.repeat(32), ...env })).toThrow(sentence);
});

test('An issuer on this machine may speak plain http, but not in production', () => {
  const env = {
    TOKEN_SECRET: 'x'.repeat(32),
    SESSION_SECRET: 'x'.repeat(32),
    OIDC_CLIENT_ID: 'a',
    OIDC_CLIENT_SECRET: 'b',
  };
  const local = { ...env, OIDC_ISSUER: 'http://localhost:9/realms/x/' };
  expect(readConfig(local).oidc).toMatchObject({ issuer: local.OIDC_ISSUER, insecure: true, name: 'localhost' });
  expect(() => readConfig({ ...local, NODE_ENV: 'production' })).toThrow('OIDC_ISSUER');
  expect(readConfig({ ...env, OIDC_ISSUER: 'https://id.example' }).oidc).toMatchObject({ insecure: false });
});
