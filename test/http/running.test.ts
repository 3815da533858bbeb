// SPDX-License-Identifier: AGPL-3.0-or-later
import { describe, expect, test } from '@jest/globals';
import fastify from 'fastify';
import { Log, logRequests } from '../../src/http/logging.ts';
import { clientOf, RateLimits } from '../../src/http/rate-limits.ts';
import { isUnavailable } from '../../src/http/unavailable.ts';
import { wantedLanguage } from '../../src/http/wanted-language.ts';
import { hostName } from '../../src/http/authority-at-host.ts';
import { startApp, type RunningApp } from '../kit/app.ts';
import { ManualClock } from '../kit/clock.ts';
import { engines } from '../kit/engines.ts';

const TOKEN = '3SNzwBjkRcUgTEyZ9gZ4opwRmewKin5IxT_UpAnk9ZA';

function logged(production = true): { log: Log; text: () => string; lines: () => Record<string, unknown>[] } {
  const written: string[] = [];
  const log = new Log(production, { write: (line) => void written.push(line) });
  return {
    log,
    text: () => written.join(''),
    lines: () => written.map((l) => JSON.parse(l) as Record<string, unknown>),
  };
}

describe('the log', () => {
  test('one line a request: its route, never its address, headers or body', async () => {
    const { log, text, lines } = logged();
    const server = fastify({ genReqId: () => 'r-1' });
    logRequests(server, log);
    server.get('/appuntamento/:token', () => 'ok');
    await server.inject({
      url: `/appuntamento/${TOKEN}?email=anna@example.org`,
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    await server.inject({ url: `/nothing/${TOKEN}` });
    expect(lines()).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/Z$/),
        msg: 'request',
        request_id: 'r-1',
        method: 'GET',
        route: '/appuntamento/:token',
        status: 200,
        ms: expect.any(Number),
      },
      expect.objectContaining({ route: 'none', status: 404 }),
    ]);
    expect(text()).not.toMatch(/3SNzw|anna|Bearer/);
    await server.close();
  });

  test('a fault is told whole, but for what belongs to a person', () => {
    const { log, text, lines } = logged();
    const driverError = Object.assign(new Error("Duplicate entry 'Anna Ferrero' for key 'uq'"), {
      code: 'ER_DUP_ENTRY',
    });
    const parameters = ['anna@example.org', TOKEN];
    const query = 'INSERT INTO bookings VALUES (?, ?)';
    log.fault(
      'fault',
      Object.assign(new Error(driverError.message), { driverError, query, parameters, code: driverError.code }),
      { route: '/x' },
    );
    log.fault('fault', new Error(`cannot write to <anna@example.org> ${TOKEN}`, { cause: new Error('why') }));
    log.fault('fault', 'only text');
    expect(lines().map((l) => l['fault'])).toMatchObject([
      {
        type: 'Error',
        code: 'ER_DUP_ENTRY',
        message: "Duplicate entry '…' for key '…'",
        query,
        stack: expect.stringContaining('running.test.ts'),
      },
      { message: 'cannot write to <[address]> [token]', cause: { message: 'why' } },
      { type: 'string', message: 'only text' },
    ]);
    expect(text()).not.toMatch(/anna|ferrero|3SNzw/i);
  });

  test('in development only what went wrong is said', () => {
    const { log, lines } = logged(false);
    log.info('request');
    log.warn('careful');
    expect(lines().map((l) => l['msg'])).toEqual(['careful']);
  });
});

test('health and metrics tell how the service does, with no label that grows', async () => {
  const app: RunningApp = await startApp({ databaseUrl: await engines[0]!.freshUrl() });
  try {
    expect((await app.ask('/health/live')).json()).toEqual({ status: 'live' });
    expect((await app.ask('/health/ready')).json()).toEqual({ status: 'ready', problems: [] });
    const body = {
      office_id: 'suap',
      service_id: 'consulenza',
      start: '2027-03-02T09:00:00+01:00',
      mode: 'in_person',
      citizen: { given_name: 'Anna', family_name: 'Ferrero', email: 'anna@example.org' },
    };
    const book = (key: string) => app.ask('/api/v1/bookings', { body, headers: { 'idempotency-key': key } });
    for (const key of ['1', '2', '3']) await book(key);
    for (const id of ['a', 'b']) await app.ask(`/api/v1/offices/${id}`);
    const { text, headers } = await app.ask('/metrics');
    expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(text).toContain('booking_attempts_total{result="ok"} 2');
    expect(text).toContain('booking_attempts_total{result="slot-taken"} 1');
    expect(text).toMatch(
      /http_request_duration_seconds_count\{route="\/api\/v1\/offices\/:office_id",method="GET",status="404"\} 2/,
    );
    for (const name of [
      'slot_claim_conflicts_total',
      'db_tx_retries_total',
      'outbox_pending',
      'outbox_oldest_age_seconds',
      'outbox_dead',
      'gcal_events_pending',
      'gcal_events_dead',
      'video_rooms_pending',
      'video_rooms_refused',
      'process_resident_memory_bytes',
    ])
      expect(text).toMatch(new RegExp(`^${name} \\d`, 'm'));
    expect((await app.ask('/metrics')).text).toContain('booking_attempts_total{result="ok"} 2');
    // The clock of this test stands still months away from the database's.
    const offset = Number(/^clock_offset_seconds (\S+)$/m.exec(text)?.[1]);
    expect(Math.abs(offset - (app.clock.now() - Date.now()) / 1000)).toBeLessThan(60);
    expect(text).not.toMatch(/anna|suap/);
  } finally {
    await app.close();
  }
});

test('limits are counted by client and kind, a minute at a time', () => {
  const clock = new ManualClock('2027-03-01T07:00:30Z');
  const limits = new RateLimits(clock);
  for (let i = 0; i < 299; i++) limits.take('a', 'write');
  expect(limits.take('a', 'write')).toEqual({ limit: 300, remaining: 0, reset: 30, exceeded: false });
  expect(limits.take('a', 'write')).toMatchObject({ remaining: 0, exceeded: true });
  expect(limits.take('b', 'write').exceeded).toBe(false);
  expect(limits.take('a', 'read')).toMatchObject({ limit: 600, remaining: 599 });
  clock.advance(30_000);
  expect(limits.take('a', 'write')).toMatchObject({ remaining: 299, reset: 60 });
});

test('an IPv6 client is its network', () => {
  expect(clientOf('192.0.2.1')).toBe('192.0.2.1');
  expect(clientOf('::ffff:192.0.2.1')).toBe('::ffff:192.0.2.1');
  expect(clientOf('2001:db8:1:2:aaaa:bbbb:cccc:dddd')).toBe(clientOf('2001:db8:1:2::1'));
  expect(clientOf('2001:db8:1:2::1')).not.toBe(clientOf('2001:db8:1:3::1'));
  expect(clientOf('::1')).toBe('0:0:0:0');
});

test('a host name is read without port, case and brackets', () => {
  for (const [given, name] of [
    ['Localhost:3000', 'localhost'],
    ['comune.example.', 'comune.example'],
    ['[::1]:3000', '::1'],
    ['', ''],
  ] as const)
    expect(hostName(given)).toBe(name);
});

test('the language is the one asked for most among ours', () => {
  for (const [header, language] of [
    [undefined, 'it'],
    ['*', 'it'],
    ['de', 'it'],
    ['en-GB', 'en'],
    ['it;q=0.5, en', 'en'],
    ['fr, en;q=0.3, it;q=0.7', 'it'],
    ['en;q=0', 'it'],
  ] as const)
    expect([header, wantedLanguage(header)]).toEqual([header, language]);
});

test('a database that is away is told from a fault of ours', () => {
  for (const code of ['ECONNREFUSED', 'PROTOCOL_CONNECTION_LOST', 'SQLITE_BUSY', 'SQLITE_FULL'])
    expect([code, isUnavailable(Object.assign(new Error(), { driverError: { code } }))]).toEqual([code, true]);
  for (const errno of [1040, 1047, 1053, 1213]) expect([errno, isUnavailable({ errno })]).toEqual([errno, true]);
  for (const fault of [null, 'x', new Error('x'), { errno: 1146 }, { code: 'SQLITE_ERROR' }])
    expect(isUnavailable(fault)).toBe(false);
});
