// SPDX-License-Identifier: AGPL-3.0-or-later
import { connect, createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createConnection } from 'mysql2/promise';
import { sha256 } from '../../../src/bookings/token.ts';
import { Authorities } from '../../../src/database/authorities.ts';
import { Database } from '../../../src/database/engine/database.ts';
import { importAuthority } from '../../../src/front-desk/import-authority.ts';
import { PROBLEMS } from '../../../src/http/problems.ts';
import { startApp, type Answer, type Ask, type RunningApp } from '../../kit/app.ts';
import { engines, type Engine } from '../../kit/engines.ts';
import type { ManualClock } from '../../kit/clock.ts';
import { conforming } from './conforming.ts';

const [sqlite, mariadb] = engines as [Engine, Engine];
const API = '/api/v1';

let app: RunningApp<ManualClock>;
let ask: (path: string, ask?: Ask) => Promise<Answer>;
const seen = new Set<string>();

/** A place nobody fights for: SUAP, Tuesday 2 March 2027, two counters. */
const NINE = '2027-03-02T09:00:00+01:00';
const TEN = '2027-03-02T10:00:00+01:00';
const wish = { office_id: 'suap', service_id: 'consulenza', start: NINE, mode: 'in_person' };
const citizen = { given_name: 'Anna', family_name: 'Ferrero', email: 'anna@example.org' };
const bookingOf = (more: object = {}) => ({ ...wish, citizen, ...more });

interface Booked {
  reference: string;
  status: string;
  start: string;
  manage_token: string;
  sequence: number;
}

interface Problem {
  type: string;
  status: number;
  detail: string;
  errors?: { field: string; detail: string }[];
  alternatives?: { office_id: string; start: string }[];
}

let keys = 0;
const book = (more: object = {}, key = `key ${++keys}`): Promise<Answer> =>
  ask(`${API}/bookings`, { body: bookingOf(more), headers: { 'idempotency-key': key } });

const booked = async (more: object = {}): Promise<Booked> => {
  const answer = await book(more);
  expect([answer.status, answer.text]).toEqual([201, expect.any(String)]);
  return answer.json<Booked & Record<string, unknown>>();
};

const bearer = ({ manage_token }: Booked): Record<string, string> => ({ authorization: `Bearer ${manage_token}` });
const move = (b: Booked, start: string) =>
  ask(`${API}/bookings/${b.reference}/move`, { body: { start }, headers: bearer(b) });
const cancel = (b: Booked) =>
  ask(`${API}/bookings/${b.reference}/cancellation`, { method: 'POST', headers: bearer(b) });
const hold = async (more: object = {}) =>
  (await ask(`${API}/holds`, { body: { ...wish, ...more } })).json<{
    id: string;
    secret: string;
    expires_at: string;
  }>();

/** What the last segment of `type` says; the status must be the one the table gives it. */
function slugOf(answer: Answer): string {
  const { type, status } = answer.json<Problem & Record<string, unknown>>();
  const slug = type.split('/').at(-1)!;
  seen.add(slug);
  expect([slug, answer.headers['content-type'], answer.status, status]).toEqual([
    slug,
    'application/problem+json; charset=utf-8',
    PROBLEMS[slug as keyof typeof PROBLEMS].status,
    answer.status,
  ]);
  return slug;
}

const fieldsOf = (answer: Answer): string[] => {
  expect(slugOf(answer)).toBe('invalid');
  return answer
    .json<Problem & Record<string, unknown>>()
    .errors!.map((e) => e.field)
    .sort();
};

async function open(engine: Engine, options: Partial<Parameters<typeof startApp>[0]> = {}): Promise<void> {
  app = await startApp({ databaseUrl: await engine.freshUrl(), ...options });
  ask = await conforming(app);
}

const running = (engine: Engine): void => {
  beforeEach(() => open(engine));
  afterEach(() => app.close());
};

/** Of the staff's pages, and of the doors in knocks.test.ts. */
const ELSEWHERE = ['changed', 'taken-over', 'door-closed', 'door-paused'];

afterAll(() => {
  const unasked = Object.keys(PROBLEMS).filter((slug) => !ELSEWHERE.includes(slug) && !seen.has(slug));
  expect(unasked).toEqual([]);
});

describe.each(engines)('the life of an appointment on $name', (engine) => {
  running(engine);

  test('book, read, move, cancel', async () => {
    const slots = await ask(`${API}/slots?service_id=consulenza&from=2027-03-02&to=2027-03-02&office_id=suap`);
    const free = () => expect.objectContaining({ start: NINE, end: '2027-03-02T09:30:00+01:00', free: 2 });
    expect(slots.json()).toMatchObject({
      time_zone: 'Europe/Rome',
      closed: [],
      items: expect.arrayContaining([free()]),
    });

    const answer = await book({ mode: 'video' });
    expect(answer.status).toBe(201);
    const first = answer.json<Booked & Record<string, string>>();
    expect(first).toEqual({
      reference: expect.stringMatching(/^[2-9A-HJ-NP-Z]{6,}$/),
      status: 'confirmed',
      office_id: 'suap',
      service_id: 'consulenza',
      counter: 'suap-2',
      start: NINE,
      end: '2027-03-02T09:30:00+01:00',
      mode: 'video',
      meeting_url: expect.stringMatching(`^${app.url}/incontro/[\\w-]{43}$`),
      manage_url: `${app.url}/appuntamento/${first.manage_token}`,
      manage_token: expect.stringMatching(/^[\w-]{43}$/),
      sequence: 0,
    });

    const path = `${API}/bookings/${first.reference}`;
    expect((await ask(path, { headers: bearer(first) })).json()).toEqual(first);
    expect(
      (await ask(path.toLowerCase().replace('/api/v1/bookings', `${API}/bookings`), { headers: bearer(first) })).status,
    ).toBe(200);
    const head = await ask(path, { headers: bearer(first), method: 'HEAD' });
    expect([head.status, head.text, head.headers['content-length']]).toEqual([
      200,
      '',
      String(Buffer.byteLength(answer.text)),
    ]);

    const moved = await move(first, TEN);
    expect([moved.status, moved.json()]).toMatchObject([
      200,
      { start: TEN, sequence: 1, manage_token: first.manage_token },
    ]);
    expect((await move(first, '2027-03-02T10:00')).json()).toEqual(moved.json());

    const invite = await ask(`${path}/invite.ics`, { headers: bearer(first) });
    expect(invite.headers['content-type']).toMatch(/^text\/calendar/);
    expect(invite.text).toMatch(/METHOD:PUBLISH[\s\S]*SEQUENCE:1[\s\S]*DTSTART:20270302T090000Z/);
    expect(invite.text).not.toMatch(/ATTENDEE|ORGANIZER/);

    const cancelled = await cancel(first);
    expect([cancelled.status, cancelled.json()]).toMatchObject([200, { status: 'cancelled', sequence: 2 }]);
    expect((await cancel(first)).json()).toEqual(cancelled.json());
    expect(slugOf(await move(first, NINE))).toBe('cancelled');
  });

  test('a held time is its holder’s alone, until it is spent or let go', async () => {
    const [one, two] = [await hold(), await hold()];
    expect(one.expires_at).toBe('2027-03-01T07:05:00+01:00');
    expect(slugOf(await ask(`${API}/holds`, { body: wish }))).toBe('slot-taken');
    expect(slugOf(await book({ hold: { ...one, expires_at: undefined, secret: 'wrong' } }))).toBe('hold-expired');
    const own = { id: one.id, secret: one.secret };
    expect((await book({ hold: own })).status).toBe(201);
    expect(slugOf(await book({ hold: own }))).toBe('hold-expired');

    const let_go = (secret?: string) =>
      ask(`${API}/holds/${two.id}`, { method: 'DELETE', headers: secret ? { 'hold-secret': secret } : {} });
    expect(slugOf(await let_go())).toBe('not-found');
    expect(slugOf(await let_go('wrong'))).toBe('not-found');
    const gone = await let_go(two.secret);
    expect([gone.status, gone.text]).toEqual([204, '']);
    expect(slugOf(await let_go(two.secret))).toBe('not-found');
    expect((await hold()).id).not.toBe(two.id);
  });

  test('ten repeats at once with one key are one booking and ten equal answers', async () => {
    const reordered = JSON.stringify(
      { citizen: { email: 'anna@example.org', family_name: 'Ferrero', given_name: 'Anna' }, ...wish },
      null,
      2,
    );
    const headers = { 'idempotency-key': 'ten', 'content-type': 'application/json' };
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        ask(`${API}/bookings`, { method: 'POST', body: i % 2 ? reordered : bookingOf(), headers }),
      ),
    );
    expect(answers.map((a) => a.status)).toEqual(Array(10).fill(201));
    expect(new Set(answers.map((a) => a.text)).size).toBe(1);
    const left = await ask(`${API}/slots?service_id=consulenza&from=2027-03-02&to=2027-03-02&office_id=suap`);
    expect(left.json<{ items: { start: string; free: number }[] }>().items.find((s) => s.start === NINE)?.free).toBe(1);
  });

  test('a repeat is answered as the first time, whatever happened since; another body or key is another matter', async () => {
    const first = await book({}, 'k');
    const booking = first.json<Booked & Record<string, unknown>>();
    expect((await move(booking, TEN)).status).toBe(200);
    expect((await cancel(booking)).status).toBe(200);
    const repeat = await book({}, 'k');
    expect([repeat.status, repeat.text]).toEqual([201, first.text]);
    expect(slugOf(await book({ reason: 'altro' }, 'k'))).toBe('idempotency-mismatch');
    expect((await book({}, 'K')).json()).not.toEqual(first.json());
    app.clock.advance(24 * 3_600_000);
    expect((await book({ start: '2027-03-03T09:00:00+01:00' }, 'k')).status).toBe(201);
  });

  test('refusals are not remembered', async () => {
    const elsewhere = { start: '2027-03-02T14:00:00+01:00' };
    expect(slugOf(await book(elsewhere, 'r'))).toBe('closed');
    expect((await book({}, 'r')).status).toBe(201);
  });
});

describe('what a request may say', () => {
  running(sqlite);

  test('unknown and privileged fields are refused by name, everywhere', async () => {
    const strange = { status: 'confirmed', counter: 'suap-1', citizen: { ...citizen, admin: true } };
    expect(fieldsOf(await book(strange))).toEqual(['citizen.admin', 'counter', 'status']);
    expect(fieldsOf(await book({ hold: { id: 'x', secret: 'y', ttl: 9 } }))).toEqual(['hold.ttl']);
    expect(fieldsOf(await ask(`${API}/holds`, { body: { ...wish, minutes: 99 } }))).toEqual(['minutes']);
    expect(
      fieldsOf(await ask(`${API}/slots?service_id=consulenza&from=2027-03-01&to=2027-03-01&audience=professionals`)),
    ).toEqual(['audience']);
    const b = await booked();
    expect(
      fieldsOf(
        await ask(`${API}/bookings/${b.reference}/move`, { body: { start: TEN, counter: 'x' }, headers: bearer(b) }),
      ),
    ).toEqual(['counter']);
    expect(
      fieldsOf(await ask(`${API}/bookings/${b.reference}/cancellation`, { body: { force: true }, headers: bearer(b) })),
    ).toEqual(['force']);
  });

  test('every field has its limits', async () => {
    const wrong: [object, string][] = [
      [{ office_id: 7 }, 'office_id'],
      [{ office_id: 'nowhere' }, 'office_id'],
      [{ service_id: 'nothing' }, 'service_id'],
      [{ mode: 'carrier_pigeon' }, 'mode'],
      [{ start: 'tomorrow' }, 'start'],
      [{ start: '2027-02-30T09:00:00+01:00' }, 'start'],
      [{ start: '2027-10-31T02:30' }, 'start'],
      [{ citizen: undefined }, 'citizen'],
      [{ citizen: { ...citizen, given_name: ' ' } }, 'citizen.given_name'],
      [{ citizen: { ...citizen, given_name: 'A\nB' } }, 'citizen.given_name'],
      [{ citizen: { ...citizen, family_name: 'x'.repeat(101) } }, 'citizen.family_name'],
      [{ citizen: { ...citizen, email: 'anna@example.org, bruno@example.org' } }, 'citizen.email'],
      [{ citizen: { ...citizen, email: 'Anna <anna@example.org>' } }, 'citizen.email'],
      [
        {
          citizen: { ...citizen, email: `${'a'.repeat(64)}@${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(60)}.org` },
        },
        'citizen.email',
      ],
      [{ citizen: { ...citizen, phone: 'call me' } }, 'citizen.phone'],
      [{ mode: 'phone' }, 'citizen.phone'],
      [{ reason: 'x'.repeat(201) }, 'reason'],
      [{ fields: { age: '9' } }, 'fields.age'],
      [{ language: 'de' }, 'language'],
      [{ case_number: 'x'.repeat(51) }, 'case_number'],
    ];
    for (const [more, field] of wrong) expect([more, fieldsOf(await book(more))]).toEqual([more, [field]]);
    const most = {
      given_name: 'è'.repeat(100),
      family_name: '👩‍⚕'.repeat(33),
      email: "o'neil+a@sub.example.org",
      phone: '+39 0141 000000',
    };
    expect(
      (await book({ citizen: most, mode: 'phone', reason: 'x'.repeat(200), case_number: 'A-1', language: 'en' }))
        .status,
    ).toBe(201);
  });

  test('a service’s own questions are asked on this path too', async () => {
    const scia = { service_id: 'avvio-attivita', start: TEN };
    expect(fieldsOf(await book(scia))).toEqual(['fields.tipo_attivita']);
    const wrong = { tipo_attivita: 'Contrabbando', superficie: 'grande', altro: 'x' };
    expect(fieldsOf(await book({ ...scia, fields: wrong }))).toEqual([
      'fields.altro',
      'fields.superficie',
      'fields.tipo_attivita',
    ]);
    expect((await book({ ...scia, fields: { tipo_attivita: 'Commercio', superficie: 42.5 } })).status).toBe(201);
  });

  test('a booking needs a key of 1 to 255 characters', async () => {
    const headers = (key?: string): Record<string, string> => (key === undefined ? {} : { 'idempotency-key': key });
    for (const key of [undefined, 'x'.repeat(256)])
      expect(fieldsOf(await ask(`${API}/bookings`, { body: bookingOf(), headers: headers(key) }))).toEqual([
        'Idempotency-Key',
      ]);
    expect((await book({}, 'x'.repeat(255))).status).toBe(201);
  });

  test('what cannot be read is 400, 413 or 415, never a fault', async () => {
    const json = { 'content-type': 'application/json', 'idempotency-key': 'k' };
    const send = (body: string, headers: Record<string, string> = json) =>
      ask(`${API}/bookings`, { method: 'POST', body, headers });
    expect(slugOf(await send('{"office_id":'))).toBe('malformed');
    expect(slugOf(await send('{"__proto__":{"admin":true}}'))).toBe('malformed');
    expect(slugOf(await send(`{"reason":"${'x'.repeat(1_100_000)}"}`))).toBe('too-large');
    for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'application/xml', 'application/jsonx'])
      expect(slugOf(await send('office_id=suap', { 'content-type': type }))).toBe('unsupported-media-type');
    expect(fieldsOf(await send(''))).toContain('');
    for (const body of ['null', '[]', '"x"', '7']) expect(slugOf(await send(body))).toBe('invalid');
    expect(slugOf(await ask(`${API}/offices/%E0%A4%A`))).toBe('malformed');
    expect(slugOf(await ask(`${API}/offices/${'x'.repeat(500)}`))).toBe('not-found');
    for (const [method, path] of [
      ['PUT', '/bookings'],
      ['GET', '/holds'],
      ['GET', '/nothing'],
    ] as const)
      expect(slugOf(await ask(`${API}${path}`, { method }))).toBe('not-found');
  });

  test('words follow Accept-Language, Italian when nothing is said', async () => {
    const detail = async (language: string) =>
      (await ask(`${API}/nothing`, { headers: { 'accept-language': language } })).json<
        Problem & Record<string, unknown>
      >().detail;
    expect(await detail('de, en;q=0.8, it;q=0.2')).toBe(PROBLEMS['not-found'].detail.en);
    expect(await detail('')).toBe(PROBLEMS['not-found'].detail.it);
  });
});

describe('free times', () => {
  running(sqlite);
  const slots = (query: string) => ask(`${API}/slots?${query}`);
  type Slots = { items: { office_id: string; start: string }[]; closed: object[]; next_free: object | null } & Record<
    string,
    unknown
  >;

  test('days, both included, 92 at most', async () => {
    const one = (await slots('service_id=consulenza&from=2027-03-02&to=2027-03-02')).json<Slots>();
    expect(one.items.map((s) => s.start.slice(11, 16))).toEqual([
      '09:00',
      '09:30',
      '10:00',
      '10:30',
      '11:00',
      '11:30',
      '12:00',
      '12:30',
      '15:00',
      '15:30',
      '16:00',
      '16:30',
    ]);
    expect((await slots('service_id=consulenza&from=2027-03-01&to=2027-05-31')).status).toBe(200);
    expect(fieldsOf(await slots('service_id=consulenza&from=2027-03-01&to=2027-06-01'))).toEqual(['to']);
    expect(fieldsOf(await slots('service_id=consulenza&from=2027-03-02&to=2027-03-01'))).toEqual(['to']);
    expect(fieldsOf(await slots('service_id=consulenza&from=2027-02-29&to=oggi'))).toEqual(['from', 'to']);
    expect(fieldsOf(await slots('from=2027-03-01&to=2027-03-01'))).toEqual(['service_id']);
    expect(fieldsOf(await slots('service_id=a&service_id=b&from=2027-03-01&to=2027-03-01'))).toEqual(['service_id']);
  });

  test('one office, several, all of them; unknown ones are invalid', async () => {
    const offices = async (query: string) => {
      const { items } = (
        await slots(`service_id=sportello-tecnico&from=2027-03-01&to=2027-03-05${query}`)
      ).json<Slots>();
      return [...new Set(items.map((s) => s.office_id))].sort();
    };
    const [mombercelli, agliano, vinchio] = ['mombercelli', 'agliano', 'vinchio'].map(
      (m) => `ufficio-tecnico-${m}`,
    ) as [string, string, string];
    expect(await offices('')).toEqual([agliano, mombercelli, vinchio]);
    expect(await offices(`&office_id=${agliano}`)).toEqual([agliano]);
    expect(await offices(`&office_id=${vinchio}&office_id=${agliano}`)).toEqual([agliano, vinchio]);
    for (const [query, field] of [
      ['&office_id=x', 'office_id'],
      ['&office_id=suap', 'office_id'],
      ['&mode=video', 'mode'],
    ])
      expect(fieldsOf(await slots(`service_id=sportello-tecnico&from=2027-03-01&to=2027-03-05${query}`))).toEqual([
        field,
      ]);
    expect(fieldsOf(await slots('service_id=x&from=2027-03-01&to=2027-03-01'))).toEqual(['service_id']);
  });

  test('a closed day says why, and what is free next is told', async () => {
    const easter = (await slots('service_id=consulenza&office_id=suap&from=2027-03-27&to=2027-03-29')).json<Slots>();
    expect(easter.items).toEqual([]);
    expect(easter.closed).toContainEqual({
      office_id: 'suap',
      date: '2027-03-29',
      reason: expect.stringMatching(/Angelo|Pasqu/),
    });
    expect(easter.next_free).toEqual({ office_id: 'suap', start: '2027-03-01T09:00:00+01:00' });
  });

  test('readers who ask together share one answer until something is booked here, or a second has passed', async () => {
    const query = 'service_id=consulenza&from=2027-03-02&to=2027-03-02&office_id=suap';
    const free = async () =>
      (await slots(query)).json<{ items: { free: number }[] } & Record<string, unknown>>().items[0]!.free;
    expect(await Promise.all([free(), free()])).toEqual([2, 2]);
    await booked();
    expect(await free()).toBe(1);
    await hold();
    expect(await Promise.all([free(), slots(`${query}&mode=video`)])).not.toContain(1);
    app.clock.advance(5 * 60_000 + 1);
    expect(await free()).toBe(1);
  });
});

describe('why a start is refused', () => {
  running(sqlite);

  test('each reason, and the order among them', async () => {
    app.clock.set('2027-03-02T08:15:00+01:00');
    const refusals: [string, string][] = [
      ['2027-03-28T02:30', 'nonexistent-local-time'],
      ['2027-03-06T09:10:00+01:00', 'closed'],
      ['2027-03-02T12:45:00+01:00', 'closed'],
      ['2027-03-02T09:10:00+01:00', 'off-grid'],
      ['2027-03-02T11:00:30+01:00', 'off-grid'],
      ['2027-03-02T09:30:00+01:00', 'too-soon'],
      ['2027-06-15T09:15:00+02:00', 'off-grid'],
      ['2027-06-15T09:00:00+02:00', 'too-far'],
    ];
    for (const [start, slug] of refusals) {
      expect([start, slugOf(await book({ start }))]).toEqual([start, slug]);
      expect([start, slugOf(await ask(`${API}/holds`, { body: { ...wish, start } }))]).toEqual([start, slug]);
      expect([start, slugOf(await book({ start, hold: { id: 'x', secret: 'y' } }))]).toEqual([start, slug]);
    }
    expect(fieldsOf(await book({ start: '2027-03-06T09:10:00+01:00', mode: 'x' }))).toEqual(['mode']);
  });

  test('taken: the three nearest free places, for a booking, a hold and a move alike', async () => {
    await booked();
    await booked({ citizen: { ...citizen, email: 'b@example.org' } });
    const other = await booked({ start: TEN });
    const near = ['09:30', '10:00', '10:30'].map((t) => ({ office_id: 'suap', start: `2027-03-02T${t}:00+01:00` }));
    for (const answer of [await book(), await ask(`${API}/holds`, { body: wish })]) {
      expect(slugOf(answer)).toBe('slot-taken');
      expect(answer.json<Problem & Record<string, unknown>>().alternatives).toEqual(near);
    }
    const moved = await move(other, NINE);
    expect(slugOf(moved)).toBe('slot-taken');
    expect(moved.json<Problem & Record<string, unknown>>().alternatives).toHaveLength(3);
    expect((await ask(`${API}/bookings/${other.reference}`, { headers: bearer(other) })).json()).toEqual(other);
  });

  test('a lapsed hold comes before the person’s limit, and that before the taken slot', async () => {
    const scia = { service_id: 'avvio-attivita', fields: { tipo_attivita: 'Altro' } };
    for (const start of [NINE, TEN]) await booked({ ...scia, start });
    const over = { ...scia, start: NINE };
    expect(slugOf(await book({ ...over, hold: { id: 'x', secret: 'y' } }))).toBe('hold-expired');
    const answer = await book(over);
    expect(slugOf(answer)).toBe('already-booked');
    expect(answer.text).not.toMatch(/reference|[2-9A-HJ-NP-Z]{7}/);
    expect(slugOf(await book({ ...over, citizen: { ...citizen, email: 'ANNA@example.org' } }))).toBe('already-booked');
    expect(slugOf(await book({ ...over, citizen: { ...citizen, email: 'b@example.org' } }))).toBe('slot-taken');
  });

  test('a hold ends after five minutes to the second', async () => {
    const { id, secret } = await hold();
    app.clock.advance(5 * 60_000);
    expect(slugOf(await book({ hold: { id, secret } }))).toBe('hold-expired');
  });

  test('after cancel_until it is too late to cancel and to move', async () => {
    const acts = {
      office_id: 'sue',
      service_id: 'accesso-atti-edilizi',
      start: '2027-03-11T15:00:00+01:00',
      fields: { indirizzo_immobile: 'Via Roma 1' },
    };
    const b = await booked(acts);
    app.clock.set('2027-03-10T15:00:01+01:00');
    expect(slugOf(await cancel(b))).toBe('too-late');
    expect(slugOf(await move(b, '2027-03-18T15:00:00+01:00'))).toBe('too-late');
  });
});

describe('whose door it is', () => {
  running(sqlite);

  test('missing and forbidden are the same bytes', async () => {
    const [mine, other] = [await booked(), await booked({ start: TEN })];
    const path = `${API}/bookings/${mine.reference}`;
    const answers = await Promise.all([
      ask(path),
      ask(path, { headers: bearer(other) }),
      ask(path, { headers: { authorization: `Basic ${mine.manage_token}` } }),
      ask(path, { headers: { authorization: `Bearer ${sha256(mine.manage_token)}` } }),
      ask(`${API}/bookings/ZZZZZZZ`, { headers: bearer(mine) }),
      ask(`${path}/cancellation`, { method: 'POST', headers: bearer(other) }),
      ask(`${path}/move`, { body: { start: TEN }, headers: bearer(other) }),
      ask(`${path}/invite.ics`, { headers: bearer(other) }),
      ask(`${path}?token=${mine.manage_token}`),
    ]);
    for (const answer of answers) expect([slugOf(answer), answer.text]).toEqual(['not-found', answers[0].text]);
  });

  test('the only authority answers every host; of several each its own, and X-Forwarded-Host is not believed', async () => {
    const names = async (headers: Record<string, string>) =>
      (await ask(`${API}/offices`, { headers }))
        .json<{ items: { id: string }[] } & Record<string, unknown>>()
        .items?.map((o) => o.id);
    expect(await names({ host: 'anything.example' })).toContain('suap');
    await importAuthority(app.app.get(Authorities), OTHER);
    const of = await names({ host: 'Servizi.Altrove.Example:8080' });
    expect(of).toEqual(['ufficio', 'delegazione']);
    expect(await names({ host: 'comune.altrove.example' })).toEqual(['delegazione']);
    expect(await names({ host: 'localhost:3000', 'x-forwarded-host': 'servizi.altrove.example' })).toContain('suap');
    expect(slugOf(await ask(`${API}/offices`, { headers: { host: 'anything.example' } }))).toBe('not-found');
    const b = await booked();
    const elsewhere = { headers: { ...bearer(b), host: 'servizi.altrove.example' } };
    expect(slugOf(await ask(`${API}/bookings/${b.reference}`, elsewhere))).toBe('not-found');
  });

  test('offices say when they are open', async () => {
    const office = async () => (await ask(`${API}/offices/suap`)).json();
    expect(await office()).toMatchObject({
      municipality: 'mombercelli',
      municipality_name: 'Mombercelli',
      open_now: false,
      next_opening: '2027-03-01T09:00:00+01:00',
    });
    app.clock.set('2027-03-02T12:59:00+01:00');
    expect(await office()).toMatchObject({ open_now: true, next_opening: '2027-03-02T15:00:00+01:00' });
    expect(slugOf(await ask(`${API}/offices/nowhere`))).toBe('not-found');
  });

  test('answers are kept nowhere, run nothing and tell no one where they came from', async () => {
    for (const path of ['/status', '/offices', '/nothing']) {
      expect((await ask(`${API}${path}`)).headers).toMatchObject({
        'cache-control': 'no-store',
        'content-security-policy': expect.stringContaining("default-src 'none'"),
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
      });
    }
  });
});

test('a client that writes too much is told when to come back; others are not touched', async () => {
  await open(sqlite, { config: { rateLimits: true } });
  try {
    const write = () => ask(`${API}/holds`, { body: {} });
    const first = await write();
    expect(first.headers).toMatchObject({
      'ratelimit-limit': '300',
      'ratelimit-remaining': '299',
      'ratelimit-reset': '60',
    });
    const rest = await Promise.all(Array.from({ length: 300 }, write));
    const refused = rest.filter((a) => a.status === 429);
    expect(refused).toHaveLength(1);
    expect(slugOf(refused[0]!)).toBe('too-many-requests');
    expect(refused[0]!.headers).toMatchObject({ 'retry-after': '60', 'ratelimit-remaining': '0' });
    expect((await ask(`${API}/offices`)).status).toBe(200);
    app.clock.advance(60_000);
    expect((await write()).status).toBe(422);
  } finally {
    await app.close();
  }
});

test('what nobody foresaw is a 500 that names the request and nothing else', async () => {
  await open(sqlite);
  try {
    await app.app.get(Database).run('DROP TABLE holds');
    const answer = await ask(`${API}/holds`, { body: wish });
    expect(slugOf(answer)).toBe('fault');
    expect(answer.json()).toMatchObject({ request_id: expect.stringMatching(/^[\w-]{8,}$/) });
    expect(answer.text).not.toMatch(/holds|SQL|INSERT|stack/i);
    expect((await ask(`${API}/status`)).status).toBe(200);
  } finally {
    await app.close();
  }
});

describe('when something is wrong with MariaDB', () => {
  test('a repeat that waits five seconds for the first hears so', async () => {
    await open(mariadb);
    const other = await createConnection(app.config.databaseUrl);
    try {
      await other.query('BEGIN');
      await other.query(
        `INSERT INTO idempotency_keys (authority_id, caller, key_hash, body_hash, booking_id, answer, created_at)
         VALUES ('unione-valtiglione', 'anonymous', ?, '', '', '{}', 0)`,
        [sha256('slow')],
      );
      expect(slugOf(await book({}, 'slow'))).toBe('idempotency-in-progress');
      await other.query('ROLLBACK');
      expect((await book({}, 'slow')).status).toBe(201);
    } finally {
      await other.end();
      await app.close();
    }
  });

  test('while it does not answer everything is 503, and well again when it is back', async () => {
    const url = new URL(await mariadb.freshUrl());
    const cable = await Cable.to(Number(url.port));
    url.port = String(cable.port);
    app = await startApp({ databaseUrl: url.href });
    ask = await conforming(app);
    try {
      expect((await ask(`${API}/status`)).status).toBe(200);
      await cable.cut();
      for (const path of [`${API}/status`, '/health/ready', `${API}/offices`]) {
        const answer = await ask(path);
        expect([path, slugOf(answer), answer.headers['retry-after']]).toEqual([
          path,
          'unavailable',
          expect.any(String),
        ]);
      }
      expect(slugOf(await book())).toBe('unavailable');
      expect((await ask('/health/live')).status).toBe(200);
      expect((await ask('/metrics')).text).toMatch(/^outbox_pending nan$/im);
      await cable.mend();
      expect((await book()).status).toBe(201);
      expect((await ask('/health/ready')).json()).toEqual({ status: 'ready', problems: [] });
    } finally {
      await app.close();
      await cable.cut();
    }
  });
});

/** A wire to a server that can be cut and mended. */
class Cable {
  readonly #ends = new Set<Socket>();
  #server: Server;

  private constructor(
    readonly target: number,
    server: Server,
    readonly port: number,
  ) {
    this.#server = server;
    this.#carry();
  }

  static async to(target: number): Promise<Cable> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Cable(target, server, (server.address() as { port: number }).port);
  }

  async cut(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.close();
    for (const end of this.#ends) end.destroy();
    await once(this.#server, 'close');
  }

  async mend(): Promise<void> {
    this.#server = createServer().listen(this.port, '127.0.0.1');
    this.#carry();
    await once(this.#server, 'listening');
  }

  #carry(): void {
    this.#server.on('connection', (near) => {
      const far = connect(this.target, '127.0.0.1');
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#ends.add(from);
        from.on('error', () => to.destroy()).on('close', () => to.destroy());
        from.pipe(to);
      }
    });
  }
}

const OTHER = `
authority:
  id: altrove
  name: Comune di Altrove
  time_zone: Europe/Rome
  hosts: [servizi.altrove.example]
  email: info@altrove.example
municipalities:
  - { id: altrove, name: Altrove }
  - { id: frazione, name: Frazione, hosts: [comune.altrove.example] }
offices:
  - id: ufficio
    name: Ufficio
    municipality: altrove
    address: Via Uno 1
    slot_step: PT30M
    opening_hours: [{ days: [mon], opens: "09:00", closes: "12:00" }]
    services: [{ id: consulenza, name: Consulenza, duration: PT30M }]
  - id: delegazione
    name: Delegazione
    municipality: frazione
    address: Via Due 2
    slot_step: PT30M
    opening_hours: [{ days: [tue], opens: "09:00", closes: "12:00" }]
    services: [{ id: consulenza, name: Consulenza, duration: PT30M }]
counters:
  - id: uno
    name: Uno
    serves: [{ office: ufficio, services: [consulenza] }, { office: delegazione, services: [consulenza] }]
`;
