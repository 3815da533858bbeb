// SPDX-License-Identifier: AGPL-3.0-or-later
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { deflateSync, gzipSync } from 'node:zlib';
import PostalMime from 'postal-mime';
import { isEmail, isOneLine, isPhone, isText } from '../../src/bookings/contact.ts';
import { Authorities } from '../../src/database/authorities.ts';
import { Database } from '../../src/database/engine/database.ts';
import { importAuthority } from '../../src/front-desk/import-authority.ts';
import { bearerOf } from '../../src/http/api/read-request.ts';
import { hostName } from '../../src/http/authority-at-host.ts';
import { clientOf } from '../../src/http/rate-limits.ts';
import { Visit } from '../../src/http/visit.ts';
import { wantedLanguage } from '../../src/http/wanted-language.ts';
import { oneLine, safeName } from '../../src/mail/plain.ts';
import { readStart } from '../../src/time/zone.ts';
import { startApp, type Answer, type RunningApp } from '../kit/app.ts';
import type { ManualClock } from '../kit/clock.ts';
import { engines, type Engine } from '../kit/engines.ts';
import { awaitLetters, lettersIn } from '../kit/mailbox.ts';

const [sqlite, mariadb] = engines as [Engine, Engine];
const API = '/api/v1';
const HERE = 'localhost';
const THERE = 'altrove.example';

/** The same office, service and counter ids as the Union's SUAP, for another authority. */
const OTHER = `
authority: { id: altrove, name: Comune di Altrove, time_zone: Europe/Rome, hosts: [${THERE}], email: info@altrove.example }
municipalities: [{ id: mombercelli, name: Altrove }]
offices:
  - id: suap
    name: SUAP di Altrove
    municipality: mombercelli
    address: Via Uno 1
    slot_step: PT30M
    opening_hours: [{ days: [mon, tue, wed, thu, fri], opens: "09:00", closes: "13:00" }]
    services: [{ id: consulenza, name: Consulenza, duration: PT30M, modes: [in_person, video] }]
counters: [{ id: suap-1, name: Uno, serves: [{ office: suap, services: [consulenza] }] }]
`;

const citizen = { given_name: 'Anna', family_name: 'Ferrero', email: 'anna@example.org' };
const wish = { office_id: 'suap', service_id: 'consulenza', start: '2027-03-02T09:00:00+01:00', mode: 'video' };
const FORM = 'application/x-www-form-urlencoded';

let app: RunningApp<ManualClock>;

beforeAll(async () => {
  app = await startApp({ databaseUrl: await sqlite.freshUrl() });
  await importAuthority(app.app.get(Authorities), OTHER);
}, 60_000);
afterAll(() => app?.close());

interface Sent {
  method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE' | 'OPTIONS';
  headers?: Record<string, string>;
  body?: string | Buffer;
  host?: string;
  from?: string;
}

/** Bytes as they are, from wherever it is said they come. */
async function send(path: string, sent: Sent = {}, to: RunningApp = app): Promise<Answer> {
  const { body, host = HERE, from, method = body === undefined ? 'GET' : 'POST', headers = {} } = sent;
  const response = await to.app.inject({
    method,
    url: path,
    headers: { host, ...headers },
    ...(body === undefined ? {} : { payload: body }),
    ...(from === undefined ? {} : { remoteAddress: from }),
  });
  const { statusCode: status, body: text } = response;
  return { status, headers: response.headers, text, json: <Body>() => JSON.parse(text) as Body };
}

let keys = 0;
const book = (more: object = {}, { host = HERE, key = `key-${++keys}` } = {}, to = app): Promise<Answer> =>
  send(
    `${API}/bookings`,
    {
      host,
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify({ ...wish, citizen, ...more }),
    },
    to,
  );

interface Booked extends Record<string, unknown> {
  reference: string;
  manage_token: string;
  meeting_url: string;
}

/** Every door the router knows, so that none is left out of the tables below. */
function doors(): { method: string; path: string }[] {
  const printed = app.app.getHttpAdapter().getInstance().printRoutes({ commonPrefix: false });
  const stack: string[] = [];
  return printed.split('\n').flatMap((line) => {
    const [, indent = '', segment = '', methods = ''] =
      /^((?:[│ ] {3})*)[├└]── (\S+)(?: \(([A-Z, ]+)\))?/u.exec(line) ?? [];
    if (!segment) return [];
    stack.length = indent.length / 4;
    stack.push(segment);
    const path = stack.join('');
    return methods.split(', ').flatMap((method) => (method ? [{ method, path }] : []));
  });
}

const filled = (path: string): string => path.replace(/:\w+/g, 'x').replace('*', 'sportello.css');

const ADDRESSES = [
  '//',
  '///',
  '//[',
  '//user:password@:99999/',
  '//evil.example/x',
  '/.//evil.example',
  '/x/..//evil.example',
  '/\\evil.example',
  '/%5c%5cevil.example',
  '/%2f%2fevil.example',
  'http://evil.example/',
  'http://evil.example//evil.example',
  '*',
  '/%00',
  '/%ff',
  '/%',
  '/%0d%0aSet-Cookie:x=y',
  '/"><script>alert(1)</script>',
  "/'onmouseover='alert(1)",
  '/<%= 1234*9 %>/{{1234*9}}/${1234*9}',
  `/${'x/'.repeat(4000)}`,
  '/?%',
  '/?%00=%ff',
  '/?lingua=en%0d%0aSet-Cookie:x=y',
  '/?lingua=constructor',
  '/?servizio="><script>alert(1)</script>',
  '/?servizio=__proto__&__proto__[x]=y&constructor[prototype][x]=y',
  `/?${'a=1&'.repeat(3000)}`,
  '/prenota?servizio[]=a&servizio[b]=c&servizio=d&servizio=e',
  '/prenota?servizio="><img src=x onerror=alert(1)>&ufficio=//evil.example',
  '/prenota?ufficio=suap&servizio=constructor',
  '/prenota/data?servizio=consulenza&sede=//evil.example&modo=https://evil.example',
  '/prenota/data?servizio=consulenza&sede=suap&modo=toString',
  ...[
    'dal=zzzz',
    'dal=9999-99-99',
    'mese=%00',
    'mese="><script>',
    'occupato=0000-01-01T00:00:00%2B23:59',
    'occupato=9999-12-31T23:59:59-23:59',
    'passato=2027-02-30T09:00',
    'passato=-271821-04-20T00:00:00Z',
  ].map((query) => `/prenota/data?servizio=consulenza&sede=suap&modo=video&${query}`),
  '/prenota/dettagli?errori=1&poi=//evil.example',
  '/problems/constructor',
  '/problems/https:%2f%2fevil.example',
  '/problems/__proto__',
  '/assets/%2e%2e/%2e%2e/package.json',
  '/assets/..%2f..%2fpackage.json',
  '/assets/..%5c..%5cpackage.json',
  '/assets//etc/passwd',
  '/assets/sportello.css%00.js',
  '/assets/.env',
  '/assets/vendor/',
  '/appuntamento/..%2f..%2fmetrics',
  `/appuntamento/${'x'.repeat(5000)}`,
  '/appuntamento/%00',
  '/incontro/%E0%A4%A',
  `${API}/offices/__proto__`,
  `${API}/offices/..%2f..%2fstatus`,
  `${API}/bookings/%00`,
  `${API}/bookings/%ff/invite.ics`,
  `${API}/slots?service_id=consulenza&from=2199-12-31&to=2199-12-31`,
  `${API}/slots?service_id=consulenza&from=0000-01-01&to=0000-01-02`,
  `${API}/slots?service_id=consulenza&from=2027-02-29&to=+002027-03-01`,
  `${API}/slots?service_id=consulenza&from=2027-03-01&to=2027-03-01&office_id=${'x'.repeat(8000)}`,
];

describe('an address', () => {
  test.each(ADDRESSES.map((address) => [address.slice(0, 80), address]))('%s', async (_, address) => {
    for (const accept of ['text/html', 'application/json']) {
      const { status, headers, text } = await send(address, { headers: { accept } });
      expect(status).toBeLessThan(500);
      expect(text).not.toMatch(
        /<script(?![^>]*\ssrc="\/assets\/)|<img|href="(?:\/\/|\/\\|https?:\/\/evil)|11106|root:|"sportello"/,
      );
      expect(headers['location'] ?? '/').toMatch(/^\/(?![/\\])/);
      expect(headers['set-cookie'] ?? 'lingua=').toMatch(/^lingua=/);
      expect(headers).toMatchObject(GUARDED);
    }
  });
});

const GUARDED = {
  'content-security-policy': expect.stringMatching(/^default-src '(none|self)'.*frame-ancestors 'none'/),
  'referrer-policy': expect.stringMatching(/^(no-referrer|same-origin)$/),
  'x-content-type-options': 'nosniff',
};

const PACKED = gzipSync(`{"a":"${'x'.repeat(20_000_000)}"}`);

/** Content type, body, further headers. */
const BODIES: [string, string, string | Buffer, Record<string, string>?][] = [
  ['a text', 'text/plain', 'posto=x'],
  ['a JSON text', 'application/json', '"x"'],
  ['a JSON list', 'application/json', '[]'],
  ['a JSON number', 'application/json', '7'],
  ['JSON null', 'application/json', 'null'],
  ['nothing at all', 'application/json', ''],
  ['half of JSON', 'application/json', '{'],
  ['JSON of another charset', 'application/json; charset=utf-16', Buffer.from('{"a":1}', 'utf16le')],
  ['invalid UTF-8', 'application/json', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
  ['a prototype', 'application/json', '{"__proto__":{"admin":true}}'],
  ['an escaped prototype', 'application/json', '{"\\u005f_proto__":{"admin":true}}'],
  ['a constructor', 'application/json', '{"constructor":{"prototype":{"admin":true}}}'],
  ['a plain constructor', 'application/json', '{"constructor":1,"toString":2,"hasOwnProperty":3}'],
  ['keys twice', 'application/json', '{"office_id":"suap","office_id":{"$gt":""}}'],
  ['numbers beyond all', 'application/json', '{"office_id":1e400,"start":-1e400,"fields":{"a":1e400}}'],
  ['a deep list', 'application/json', '['.repeat(100_000) + ']'.repeat(100_000)],
  ['deep fields', 'application/json', `{"fields":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`],
  ['many keys', 'application/json', `{${Array.from({ length: 20_000 }, (_, i) => `"k${i}":1`).join()}}`],
  ['a long key', 'application/json', `{"${'k'.repeat(900_000)}":1}`],
  ['a megabyte and a byte', 'application/json', ' '.repeat(1_048_577)],
  ['half a character', 'application/json', '{"office_id":"\\ud800","citizen":{"email":"\\udfff@x.it"}}'],
  ['a packed megabyte', 'application/json', PACKED, { 'content-encoding': 'gzip' }],
  ['something else packed', 'application/json', deflateSync('{}'), { 'content-encoding': 'gzip, deflate' }],
  ['nothing packed', 'application/json', 'no', { 'content-encoding': 'br' }],
  ['a form of bad percents', FORM, 'posto=%&servizio=%ff&start=%E0%A4&%=1'],
  ['a form of zeros', FORM, 'posto=%00&servizio=%00&start=%00'],
  ['a form of bytes', FORM, Buffer.from([0x70, 0x3d, 0xff, 0xc0, 0x26, 0x3d])],
  ['a form with a prototype', FORM, '__proto__=1&__proto__[x]=2&constructor[prototype][x]=3'],
  ['a form of lists', FORM, 'posto=a&posto=b&servizio[]=c&servizio[x]=d&modo=video&modo=phone'],
  ['a packed form', FORM, PACKED, { 'content-encoding': 'gzip' }],
  ['a long form', FORM, `ufficio=${'u'.repeat(900_000)}&posto=suap@2027-03-02T09:00`],
  ['a form of many', FORM, 'a=1&'.repeat(200_000)],
  ['parts', 'multipart/form-data; boundary=x', '--x\r\n\r\n--x--'],
  ['no type', '', 'x=y'],
  ['two types', 'application/json, text/html', '{}'],
];

describe('a body, at every door that takes one', () => {
  test.each(BODIES)('%s', async (_, type, body, more = {}) => {
    const taking = doors().filter(({ method }) => ['POST', 'PUT', 'PATCH', 'DELETE'].includes(method));
    expect(taking.length).toBeGreaterThanOrEqual(12);
    for (const { method, path } of taking) {
      const headers = {
        'content-type': type,
        'idempotency-key': 'k',
        'hold-secret': 's',
        authorization: 'Bearer x',
        ...more,
      };
      const answer = await send(filled(path), { method: method as 'POST', headers, body });
      expect([path, answer.status, answer.status < 500]).toEqual([path, answer.status, true]);
      expect(String(answer.headers['location'] ?? '').length).toBeLessThan(8000);
      expect(answer.text.length).toBeLessThan(60_000);
    }
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });
});

test('every door guards its answer, also when there is nothing, no right, no room or no database', async () => {
  const gone = await startApp({
    databaseUrl: await sqlite.freshUrl(),
    config: { publicUrl: 'https://comune.example' },
  });
  try {
    const paths = [...doors().map(({ path }) => filled(path)), '/nothing', '/api/nothing', '/health/nothing', '/%ff'];
    for (const path of paths) expect([path, (await send(path)).headers]).toMatchObject([path, GUARDED]);
    for (const path of paths.filter((p) => p !== '/%ff'))
      expect((await send(path, {}, gone)).headers['strict-transport-security']).toBe('max-age=31536000');
    await gone.app.get(Database).close();
    for (const path of ['/', `${API}/offices`]) {
      const answer = await send(path, {}, gone);
      expect([path, answer.status >= 500, answer.headers]).toMatchObject([path, true, GUARDED]);
      expect(answer.text).not.toMatch(/SELECT|\.ts|at .*:\d+:\d+/);
    }
  } finally {
    await gone.close();
  }
});

describe('two authorities in one house', () => {
  const bare = ({ status, text, headers }: Answer) => {
    const { date: _, ...kept } = headers;
    return { status, text, headers: kept };
  };
  const bearer = (b: Booked) => ({ authorization: `Bearer ${b.manage_token}` });

  test('same ids, same key, same person, same minute: two bookings, neither in the way of the other', async () => {
    const start = '2027-03-03T09:00:00+01:00';
    const [mine, theirs] = [
      await book({ start }, { key: 'same' }),
      await book({ start }, { key: 'same', host: THERE }),
    ];
    expect([mine.status, theirs.status]).toEqual([201, 201]);
    expect(mine.json<Booked>().reference).not.toBe(theirs.json<Booked>().reference);
    const full = await book({ start }, { host: THERE });
    expect(full.json()).toMatchObject({ type: expect.stringMatching(/slot-taken$/) });
    expect((await book({ start })).status).toBe(201);
    expect(theirs.text).not.toContain('unione');
  });

  test('what opens one opens nothing at the other, and a wrong token is as good as none', async () => {
    const start = '2027-03-03T10:00:00+01:00';
    const mine = (await book({ start })).json<Booked>();
    const theirs = (await book({ start }, { host: THERE })).json<Booked>();
    const json = { 'content-type': 'application/json' };
    const [of, at] = [(b: Booked) => `${API}/bookings/${b.reference}`, { host: THERE }];
    const asks: [string, Sent][] = [
      ['', {}],
      ['/invite.ics', {}],
      ['/cancellation', { method: 'POST' }],
      ['/move', { body: JSON.stringify({ start: '2027-03-03T11:00:00+01:00' }), headers: json }],
    ];
    for (const [door, ask] of asks) {
      const missing = bare(
        await send(`${API}/bookings/2222222${door}`, { ...ask, ...at, headers: { ...ask.headers, ...bearer(theirs) } }),
      );
      expect(missing.status).toBe(404);
      for (const [b, headers] of [
        [mine, bearer(mine)],
        [mine, bearer(theirs)],
        [theirs, bearer(mine)],
        [theirs, {}],
        [theirs, { authorization: `Bearer ${theirs.meeting_url.split('/').at(-1)}` }],
        [theirs, { authorization: `Bearer ${theirs.manage_token.toLowerCase()}` }],
        [theirs, { authorization: `Bearer ${createHash('sha256').update(theirs.manage_token).digest('hex')}` }],
        [theirs, { authorization: `Bearer ${theirs.manage_token},${mine.manage_token}` }],
        [theirs, { cookie: `manage_token=${theirs.manage_token}` }],
      ] as const)
        expect(bare(await send(`${of(b)}${door}`, { ...ask, ...at, headers: { ...ask.headers, ...headers } }))).toEqual(
          missing,
        );
    }
    const pages = (token: string) =>
      ['', '/confermato', '/sposta', '/annulla', '/invito.ics']
        .map((p) => `/appuntamento/${token}${p}`)
        .concat(`/incontro/${token}`);
    const [unknown, own] = ['A'.repeat(43), mine.manage_token];
    for (const [i, page] of pages(unknown).entries()) {
      const [no, other] = [await send(page, at), await send(pages(own)[i]!, at)];
      expect(no.status).toBe(404);
      expect(bare({ ...other, text: other.text.replaceAll(own, unknown) })).toEqual(bare(no));
    }
    for (const page of ['sposta', 'annulla'])
      expect(
        (await send(`/appuntamento/${own}/${page}`, { body: 'start=x', headers: { 'content-type': FORM }, ...at }))
          .status,
      ).toBe(404);
    expect((await send(of(mine), { headers: bearer(mine) })).json()).toMatchObject({
      status: 'confirmed',
      sequence: 0,
    });
    expect((await send(of(theirs), { headers: bearer(theirs), ...at })).json()).toMatchObject({
      status: 'confirmed',
      sequence: 0,
    });
  });

  test('a hold and a form are kept at the door where they were begun', async () => {
    const body = JSON.stringify({ ...wish, start: '2027-03-03T12:00:00+01:00' });
    const headers = { 'content-type': 'application/json' };
    const hold = (await send(`${API}/holds`, { body, headers, host: THERE })).json<{ id: string; secret: string }>();
    const own = { id: hold.id, secret: hold.secret };
    expect((await book({ start: '2027-03-03T12:00:00+01:00', hold: own })).text).toContain('hold-expired');
    const letGo = (secret: string, host: string) =>
      send(`${API}/holds/${hold.id}`, { method: 'DELETE', headers: { 'hold-secret': secret }, host });
    const [elsewhere, wrong] = [await letGo(hold.secret, HERE), await letGo('wrong', THERE)];
    expect([elsewhere.status, bare(elsewhere)]).toEqual([404, bare(wrong)]);
    expect((await letGo(hold.secret, THERE)).status).toBe(204);

    const chosen = new URLSearchParams({
      servizio: 'consulenza',
      sede: 'suap',
      modo: 'video',
      posto: 'suap@2027-03-03T12:30:00+01:00',
    });
    const begun = await send('/prenota/orario', { body: chosen.toString(), headers: { 'content-type': FORM } });
    const cookie = String(begun.headers['set-cookie']).split(';')[0]!;
    expect((await send('/prenota/dettagli', { headers: { cookie } })).status).toBe(200);
    expect((await send('/prenota/dettagli', { headers: { cookie }, host: THERE })).headers['location']).toBe(
      '/prenota?scaduta=1',
    );
  });

  test.each([
    'nobody.example',
    'localhost.evil.example',
    'localhost@evil.example',
    'evil.example#localhost',
    'localhost, altrove.example',
    'localhost/',
    '[localhost',
    'localhost:80:80',
    '\\localhost',
    'altrove.example%00',
    'ALTROVE.example..',
  ])('the host "%s" leads to neither', async (host) => {
    for (const path of ['/', '/prenota', `${API}/offices`, `${API}/openapi.json`]) {
      const headers = { 'x-forwarded-host': HERE, forwarded: `host=${HERE}`, 'x-host': HERE };
      const { status, text } = await send(path, { host, headers });
      expect([path, status]).toEqual([path, 404]);
      expect(text).not.toMatch(/evil|Unione|Altrove/);
    }
  });
});

describe('forms from other sites', () => {
  const foreign: Record<string, string>[] = [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'cross-site, same-origin' },
    { 'sec-fetch-site': 'cross-site', origin: 'http://localhost' },
    { origin: 'null' },
    { origin: 'https://evil.example' },
    { origin: 'http://localhost.evil.example' },
    { origin: 'http://localhost@evil.example' },
    { origin: 'http://localhost:8080' },
    { origin: `http://${THERE}` },
  ];

  test('are refused at every door but those whose address is the secret', async () => {
    const taking = doors().filter(
      ({ method, path }) => ['POST', 'DELETE'].includes(method) && !path.startsWith('/appuntamento/'),
    );
    expect(taking.map(({ path }) => path)).toContain('/prenota/conferma');
    for (const { method, path } of taking)
      for (const headers of foreign) {
        const type = path.startsWith('/api') ? 'application/json' : FORM;
        const answer = await send(filled(path), {
          method: method as 'POST',
          headers: { 'content-type': type, ...headers },
          body: '',
        });
        expect([path, headers, answer.status]).toEqual([path, headers, 404]);
      }
  });

  test('a name of a form that was planted is not taken', async () => {
    const planted = ['', 'abc', `${'a'.repeat(43)}b`, 'a\xffb', '../../x', '__proto__'];
    for (const [i, name] of planted.entries()) {
      const posto = `suap@2027-03-${i < 3 ? '04' : '05'}T09:${i % 3 ? '30' : '00'}:00+01:00`;
      const chosen = new URLSearchParams({ servizio: 'consulenza', sede: 'suap', modo: 'video', posto });
      const headers = { 'content-type': FORM, cookie: `sportello-form=${name}` };
      const begun = await send('/prenota/orario', { body: chosen.toString(), headers });
      expect(begun.headers['set-cookie']).toMatch(
        /^sportello-form=[\w-]{43}; Path=\/; Max-Age=3600; HttpOnly; SameSite=Lax$/,
      );
      expect(begun.headers['set-cookie']).not.toContain(`=${name};`);
    }
  });
});

test('an address written otherwise, or a client who says it is another, is counted all the same', async () => {
  const limited = await startApp({ databaseUrl: await sqlite.freshUrl(), config: { rateLimits: true } });
  try {
    const paths = [
      `${API}/offices/x`,
      '/%61pi/v1/offices/x',
      '/%61%70%69/v1/offices/x',
      'http://localhost/api/v1/offices/x',
    ];
    const read = (i: number) =>
      send(
        paths[i % paths.length]!,
        { from: '203.0.113.9', headers: { 'x-forwarded-for': `198.51.100.${i % 250}` } },
        limited,
      );
    for (let i = 0; i < 600; i++) expect((await read(i)).status).toBe(404);
    for (let i = 0; i < 8; i++) expect([(await read(i)).status, (await read(i)).headers]).toMatchObject([429, GUARDED]);
    expect((await send(paths[0]!, { from: '203.0.113.10' }, limited)).status).toBe(404);
    for (const claimed of [
      '1:2:3:4:5:6:7:8::9',
      '::'.repeat(50),
      ':'.repeat(5000),
      'unknown',
      '"',
      '127.0.0.1, x',
      '\u00ff',
    ])
      expect((await send(paths[0]!, { headers: { 'x-forwarded-for': claimed } }, limited)).status).toBe(404);
    expect(clientOf(undefined)).toBe('');
  } finally {
    await limited.close();
  }
});

test('one address fills no door: it knocks ten times a minute, by page and by program together', async () => {
  const limited = await startApp({ databaseUrl: await sqlite.freshUrl(), config: { rateLimits: true } });
  try {
    limited.clock.set('2027-03-01T10:00:00+01:00');
    const knock = (i: number, from = '203.0.113.9') =>
      i % 2
        ? send('/ricevimento/suap/%62ussa', { from, headers: { 'content-type': FORM }, body: 'name=Anna' }, limited)
        : send(
            `${API}/offices/suap/knocks`,
            { from, headers: { 'content-type': 'application/json' }, body: '{"name":"Anna"}' },
            limited,
          );
    for (let i = 0; i < 10; i++) expect((await knock(i)).status).toBe(i % 2 ? 303 : 201);
    for (let i = 0; i < 2; i++)
      expect([(await knock(i)).status, (await knock(i)).headers]).toMatchObject([429, { 'retry-after': '60' }]);
    expect((await knock(0, '203.0.113.10')).status).toBe(201);
    expect((await send(`${API}/holds`, { from: '203.0.113.9', body: '{}' }, limited)).status).not.toBe(429);
    limited.clock.advance(60_000);
    expect((await knock(1)).status).toBe(303);
  } finally {
    await limited.close();
  }
});

test('whoever hangs up half-way is no fault of the database or of ours', async () => {
  const listening = await startApp({ databaseUrl: await sqlite.freshUrl(), config: { rateLimits: true } });
  const said: string[] = [];
  const write = jest.spyOn(process.stderr, 'write').mockImplementation((line) => said.push(String(line)) > 0);
  try {
    await listening.listen();
    const head =
      'POST /api/v1/holds HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{';
    for (const patience of [0, 50]) {
      const socket = connect(listening.config.port, '127.0.0.1');
      await once(socket, 'connect');
      socket.write(head);
      await wait(patience);
      socket.resetAndDestroy();
    }
    await wait(200);
    expect(said).toEqual([]);
  } finally {
    await listening.close();
    write.mockRestore();
  }
});

test('a request that comes drop by drop ends', () => {
  const { requestTimeout, headersTimeout } = app.app.getHttpServer() as {
    requestTimeout: number;
    headersTimeout: number;
  };
  for (const patience of [requestTimeout, headersTimeout]) expect(patience > 0 && patience <= 60_000).toBe(true);
});

const STARTS = [
  '0000-01-01T00:00:00Z',
  '-000001-01-01T00:00:00Z',
  '0000-01-01T00:00:00+23:59',
  '9999-12-31T23:59:59-23:59',
  '+010000-01-01T00:00:00Z',
  '10000-01-01T00:00:00Z',
  '1970-01-01T00:00:00Z',
  '2027-03-02T09:00:60+01:00',
  '2027-03-02T23:59:60Z',
  '2027-03-02T24:00:00+01:00',
  '2027-03-02T09:00:00.5+01:00',
  '2027-03-02T09:00:30+01:00',
  '2027-03-02T09:00:00+25:00',
  '2027-03-02T09:00:00+01:00[Europe/Rome]',
  '2027-03-02T09:00:00+01:00[u-ca=hebrew]',
  '2027-02-29T09:00:00+01:00',
  '2027-03-28T02:30',
  '2027-10-31T02:30',
  '2027-W09-2T09:00',
  '20270302T090000Z',
  '١٢٣٤-03-02T09:00:00Z',
  '2027-03-02T09:00:00Z\u0000',
  '9'.repeat(40),
];

test('a strange time is refused with a reason, and never booked', async () => {
  const mine = (await book({ start: '2027-03-04T12:00:00+01:00' })).json<Booked>();
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${mine.manage_token}` };
  for (const start of STARTS) {
    const answers = [
      await book({ start }),
      await send(`${API}/holds`, { body: JSON.stringify({ ...wish, start }), headers }),
      await send(`${API}/bookings/${mine.reference}/move`, { body: JSON.stringify({ start }), headers }),
    ];
    expect([start, ...answers.map((a) => a.status)]).toEqual([start, 422, 422, 422]);
    const nuovo = encodeURIComponent(start);
    for (const query of [`nuovo=${nuovo}`, `nuovo=suap@${nuovo}`, `occupato=${nuovo}`, `dal=${nuovo}`])
      expect([query, (await send(`/appuntamento/${mine.manage_token}/sposta?${query}`)).status]).toEqual([query, 200]);
    const moved = await send(`/appuntamento/${mine.manage_token}/sposta`, {
      body: `start=${nuovo}`,
      headers: { 'content-type': FORM },
    });
    expect([start, moved.status]).toEqual([start, 303]);
  }
  expect((await send(`${API}/bookings/${mine.reference}`, { headers })).json()).toMatchObject({ sequence: 0 });
});

describe.each([
  { engine: sqlite, name: 'SQLite' },
  { engine: mariadb, name: 'MariaDB' },
])('what a citizen writes, on $name', ({ engine }) => {
  let house: RunningApp<ManualClock>;
  beforeAll(async () => {
    house = await startApp({ databaseUrl: await engine.freshUrl() });
  }, 60_000);
  afterAll(() => house?.close());

  test('whoever is taken gets the letter, alone, and it says nothing but what we say', async () => {
    const emails = [
      "o'neil@example.org",
      '!#$%&*+/=^_`{|}~-@example.org',
      'a?bcc=evil%40example.net&body=x@example.org',
      `${'a'.repeat(64)}@${'b'.repeat(60)}.${'c'.repeat(60)}.example.org`,
      'UPPER@example.org',
      '-dash@example.org',
      'x@xn--mnchen-3ya.example',
    ];
    const names = [
      '👩‍⚕️'.repeat(25),
      'e\u0301\u0323'.repeat(33),
      '\u202egnp.exe\u2066',
      '=?utf-8?Q?Bcc:_evil@example.net?=',
      'Anna" <evil@example.net>, "x',
      ');DROP TABLE bookings;--',
      '<script>alert(1)</script>',
      '<%= 1234*9 %>{{1234*9}}',
      'END:VEVENT;X-EVIL:1,\\n',
      'Vinci subito, chiama 899 123456',
      '\u{10ffff}\ue000\ufeff\u200b',
      '\ud83d\ude00'.repeat(100),
    ];
    const starts = ['09:00', '09:30', '10:00', '10:30', '11:00', '11:30', '12:00', '12:30'].flatMap((time) =>
      ['02', '04', '05', '09', '10'].map((day) => `2027-03-${day}T${time}:00+01:00`),
    );
    const people = [
      ...emails.map((email) => ({ ...citizen, email })),
      ...names.map((name, i) => ({ given_name: name, family_name: name, email: `n${i}@example.org` })),
    ];
    for (const [i, person] of people.entries()) {
      const more = {
        citizen: person,
        start: starts[i],
        reason: person.given_name,
        case_number: person.given_name.slice(0, 20),
      };
      const answer = await book(
        { ...more, case_number: more.case_number.isWellFormed() ? more.case_number : 'x' },
        {},
        house,
      );
      expect([person, answer.status]).toEqual([person, 201]);
    }
    const letters = await awaitLetters(() => lettersIn(house.mailDir), 2 * people.length, 15_000);
    const sentTo = letters.flatMap(({ email }) => email.to!.map((to) => to.address));
    const citizens = sentTo.filter((to) => to !== 'suap@unione.example');
    expect([citizens.length, new Set(citizens)]).toEqual([people.length, new Set(people.map((p) => p.email))]);
    for (const { raw, email } of letters.filter(({ email: e }) => e.to![0]!.address !== 'suap@unione.example')) {
      const { headers, html = '', text = '', attachments } = await PostalMime.parse(raw);
      expect(headers.filter(({ key }) => /^(bcc|cc|x-evil)$/.test(key))).toEqual([]);
      const calendars = attachments.map(({ content }) => new TextDecoder().decode(content as ArrayBuffer));
      expect(calendars.length).toBeGreaterThan(0);
      for (const written of [html, text, email.subject ?? '', email.to![0]!.name ?? ''])
        expect(written).not.toMatch(/evil\.|evil@|<script|(?<![\w-])(11106|899)(?![\w-])|DROP.*evil|\u202e/);
      for (const calendar of calendars)
        expect(calendar).not.toMatch(/^(X-EVIL|BEGIN:VALARM)|\u202e|(?<![\w-])899(?![\w-])/m);
    }
    expect((await send('/metrics', {}, house)).text).toMatch(/^outbox_dead 0$/m);
  });

  test('an address no letter could be sent to is refused at once', async () => {
    for (const email of [
      'a=?utf-8?q?b@example.org',
      'anna@example.org\r\nBcc: evil@example.net',
      'anna@example.org,evil@example.net',
      '"anna evil"@example.org',
      'anna@[127.0.0.1]',
      'anna@127.0.0.1',
      'anna@localhost',
      'anna@example..org',
      'anna@-example.org',
      'ánna@example.org',
      'anna@exämple.org',
      'anna@example.org\u0000',
      'anna\u2028@example.org',
      `${'a'.repeat(65)}@example.org`,
      '<anna@example.org>',
      'mailto:anna@example.org',
    ])
      expect([email, (await book({ citizen: { ...citizen, email } }, {}, house)).status]).toEqual([email, 422]);
  });

  test('more than any answer may hold comes back as a mistake, not as a fault', async () => {
    const form = async (path: string, fields: Record<string, string>, cookie = '') =>
      send(path, { body: new URLSearchParams(fields).toString(), headers: { 'content-type': FORM, cookie } }, house);
    const long = '\u{1f600}'.repeat(18_000);
    const begun = await form('/prenota/orario', {
      servizio: 'consulenza',
      sede: long,
      ufficio: long,
      modo: 'video',
      posto: 'suap@2027-03-11T09:00:00+01:00',
    });
    const cookie = String(begun.headers['set-cookie']).split(';')[0]!;
    expect(begun.headers['location']).toMatch(/^\/prenota\/dettagli\?nuovo=1&/);
    for (const [path, fields] of [
      ['/prenota/dettagli', { reason: long, case_number: long, poi: long }],
      ['/prenota/richiedente', { given_name: long, family_name: long, email: long, phone: long }],
    ] as const) {
      const kept = await form(path, fields, cookie);
      expect([kept.status, kept.headers['location']]).toEqual([303, `${path}?errori=1#errori`]);
      const shown = await send(`${path}?errori=1`, { headers: { cookie } }, house);
      expect([shown.status, shown.text.length < 100_000]).toEqual([200, true]);
    }
  });

  test('nothing is the same that is not the same to the byte', async () => {
    const at = (time: string) => ({ start: `2027-03-11T${time}:00+01:00` });
    const first = (await book(at('10:00'), { key: 'chiave' }, house)).json<Booked>();
    const times = ['10:30', '11:00', '11:30', '12:00'];
    for (const [i, key] of ['Chiave', 'chiav\u00e8', 'chiave.', 'chi\u00e0ve'].entries()) {
      const answer = await book(at(times[i]!), { key }, house);
      expect([key, answer.status, answer.json<Booked>().reference !== first.reference]).toEqual([key, 201, true]);
    }
    for (const id of [
      { office_id: 'SUAP' },
      { office_id: 'suap ' },
      { office_id: 'suáp' },
      { service_id: 'Consulenza' },
    ])
      expect([id, (await book({ ...at('12:30'), ...id }, {}, house)).status]).toEqual([id, 422]);
    const headers = { authorization: `Bearer ${first.manage_token}` };
    const read = async (reference: string) => (await send(`${API}/bookings/${reference}`, { headers }, house)).status;
    expect(
      await read(encodeURIComponent(` ${first.reference.slice(0, 3)}-${first.reference.slice(3).toLowerCase()} `)),
    ).toBe(200);
    for (const reference of [
      `${first.reference}%00`,
      first.reference.replace(/^./, '%25'),
      `${first.reference}e%CC%81`,
      '%25%25%25%25%25%25%25',
    ])
      expect([reference, await read(reference)]).toEqual([reference, 404]);
  });
});

test('neither name, address, token nor secret is ever said in the log', async () => {
  const lines: string[] = [];
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
  const logged = await startApp({ databaseUrl: await sqlite.freshUrl(), config: { production: true } });
  try {
    const canary = {
      given_name: 'Canarina',
      family_name: 'Canarini',
      email: 'canary@example.org',
      phone: '+39 0141 777777',
    };
    const answer = await book(
      { citizen: canary, reason: 'Canaria', case_number: 'Canario-1' },
      { key: 'canary-key' },
      logged,
    );
    const { reference, manage_token: token, meeting_url: meeting } = answer.json<Booked>();
    const headers = {
      authorization: `Bearer ${token}`,
      cookie: 'sportello-form=canary',
      referer: `http://localhost/appuntamento/${token}`,
    };
    for (const path of [
      `/appuntamento/${token}`,
      `/appuntamento/${token}/sposta?nuovo=canary`,
      `/appuntamento/${token}/nothing`,
      `/appuntamento/${token}%ff`,
      new URL(meeting).pathname,
      `${API}/bookings/${reference}`,
      `${API}/bookings/${reference}/canary@example.org`,
    ])
      await send(path, { headers }, logged);
    await awaitLetters(() => lettersIn(logged.mailDir), 2);
    await logged.app.get(Database).run('DROP TABLE idempotency_keys');
    expect(
      (await book({ citizen: canary, start: '2027-03-02T10:00:00+01:00' }, { key: 'canary-key' }, logged)).status,
    ).toBe(500);
    await logged.app.get(Database).close();
    await send(`/appuntamento/${token}`, { headers }, logged);
    const said = lines.join('');
    expect(said).toContain('"route":"/appuntamento/:token"');
    expect(said).toContain('"msg":"fault"');
    expect(said).not.toMatch(/canar|777777/i);
    for (const secret of [token, meeting.split('/').at(-1)!, reference]) expect(said).not.toContain(secret);
  } finally {
    await logged.close();
    write.mockRestore();
  }
});

test('no text keeps our patterns busy', () => {
  const n = 20_000;
  const texts = ['a', ' ', '-', '.', '@', '=', '=?', 'a.', '1', ':', ';', ',q=', '\u0301', '\u200d', 'a@', 'é'].flatMap(
    (part) => [
      part.repeat(n),
      `${part.repeat(n)}!`,
      `a@${part.repeat(n)}`,
      `Bearer ${part.repeat(n)}\u0000`,
      `2027-03-02T09:00:00.${part.repeat(n)}`,
    ],
  );
  const readers: ((text: string) => unknown)[] = [
    isEmail,
    isPhone,
    isOneLine,
    isText,
    hostName,
    clientOf,
    wantedLanguage,
    (text) => readStart(text, 'Europe/Rome'),
    (text) => new Visit({ url: `/${encodeURIComponent(text)}`, headers: { cookie: text } }).cookie('x'),
    // What they read is short by then: no name, reason or field is longer.
    (text) => oneLine(text.slice(0, 1000), 1000),
    (text) => safeName(text.slice(0, 200)),
    (text) => {
      try {
        return bearerOf(text);
      } catch {
        return null;
      }
    },
  ];
  for (const read of readers)
    for (const text of texts) {
      const start = performance.now();
      read(text);
      expect([read.toString(), text.slice(0, 30), performance.now() - start < 250]).toEqual([
        read.toString(),
        text.slice(0, 30),
        true,
      ]);
    }
});
