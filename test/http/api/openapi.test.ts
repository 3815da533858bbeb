// SPDX-License-Identifier: AGPL-3.0-or-later
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { engines } from '../../kit/engines.ts';
import { startApp, type RunningApp } from '../../kit/app.ts';
import { Conformity, type Description, type Operation, type Schema } from './conforming.ts';

let app: RunningApp;
let conformity: Conformity;
let api: Description;
let operations: [string, string, Operation][];

beforeAll(async () => {
  app = await startApp({ databaseUrl: await engines[0]!.freshUrl() });
  conformity = await Conformity.of(app);
  api = conformity.description;
  operations = Object.entries(api.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]): [string, string, Operation] => [path, method, operation]),
  );
});

afterAll(() => app.close());

const each = (check: (operation: Operation, method: string, path: string) => unknown): void =>
  operations.forEach(([path, method, operation]) => check(operation, method, path));

/** Every schema in the document, with where it stands. */
function* schemasIn(value: unknown, at = ''): Generator<[string, Schema]> {
  if (!value || typeof value !== 'object') return;
  if ('type' in value && typeof value.type === 'string' && at.length) yield [at, value as Schema];
  for (const [key, part] of Object.entries(value))
    if (key !== 'example' && key !== 'examples') yield* schemasIn(part, `${at}/${key}`);
}

test('every call of the contract is described, and nothing else', () => {
  expect(operations.map(([path, method]) => `${method.toUpperCase()} ${path}`).sort()).toEqual([
    'DELETE /holds/{hold_id}',
    'DELETE /knocks/{knock_id}',
    'GET /bookings/{reference}',
    'GET /bookings/{reference}/invite.ics',
    'GET /knocks/{knock_id}',
    'GET /offices',
    'GET /offices/{office_id}',
    'GET /slots',
    'GET /status',
    'POST /bookings',
    'POST /bookings/{reference}/cancellation',
    'POST /bookings/{reference}/move',
    'POST /holds',
    'POST /offices/{office_id}/knocks',
  ]);
});

test('who answers for it, and where, is said', () => {
  expect(api.openapi).toBe('3.1.0');
  expect(api.info).toMatchObject({
    title: expect.any(String),
    'x-summary': expect.any(String),
    'x-api-id': expect.any(String),
    termsOfService: expect.stringMatching(/^http/),
    version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    contact: { name: 'Unione Collinare Valtiglione e dintorni', email: 'protocollo@unione.example' },
  });
  for (const server of api.servers) {
    expect(server.description).not.toBe('');
    expect(server.url.startsWith('https://') || server['x-sandbox']).toBe(true);
  }
});

test('every operation has a plain name, words, a known tag, and security that is defined', () => {
  const ids = operations.map(([, , { operationId }]) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
  each(({ operationId, summary, description, tags, security }, _, path) => {
    expect(operationId).toMatch(/^(?!get_|post_|put_|delete_|patch_)[a-z]+(_[a-z]+)*$/);
    expect(path).toMatch(/^(\/([a-z][a-z.-]*|\{[a-z_]+\}))+$/);
    expect(summary && description).not.toBe('');
    expect(api.tags.map((t) => t.name)).toContain(tags[0]);
    for (const name of security.flatMap((s) => Object.keys(s)))
      expect(api.components.securitySchemes).toHaveProperty(name);
  });
});

test('no header is a parameter that is no parameter, no secret travels in an address', () => {
  each(({ parameters = [] }) => {
    for (const p of parameters) {
      expect(['authorization', 'accept', 'content-type']).not.toContain(p.name.toLowerCase());
      if (p.in !== 'header') expect(p.name).not.toMatch(/password|secret|token|api.?key/i);
      expect(p.schema.type).toEqual(expect.any(String));
    }
  });
});

test('a GET and a DELETE take no body, and a 204 gives none', () => {
  each(({ requestBody, responses }, method) => {
    if (method === 'get' || method === 'delete') expect(requestBody).toBeUndefined();
    expect(responses['204']?.content).toBeUndefined();
  });
});

test('every no is a problem, 429 and 503 say when to come back, and the limits are told whole', () => {
  each(({ responses }) => {
    expect(Object.keys(responses)).toEqual(expect.arrayContaining(['429', '500', '503']));
    for (const [status, { headers, content }] of Object.entries(responses)) {
      if (Number(status) >= 400) expect(Object.keys(content!)).toEqual(['application/problem+json']);
      const names = Object.keys(headers);
      expect(names).toEqual(
        expect.arrayContaining(['RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset', 'Cache-Control']),
      );
      expect(names.includes('Retry-After')).toBe(status === '429' || status === '503');
      for (const { $ref } of Object.values(headers))
        expect(api.components.headers).toHaveProperty([$ref.split('/').at(-1)!]);
    }
  });
});

test('names are snake_case, schemas PascalCase, numbers have a format, texts and lists an end, objects no strangers', () => {
  for (const name of Object.keys(api.components.schemas)) expect(name).toMatch(/^([A-Z][a-z]+)+$/);
  let seen = 0;
  for (const [at, schema] of schemasIn({ ...api.components.schemas, paths: api.paths })) {
    seen++;
    const fault = `${at}: ${JSON.stringify(schema)}`;
    if (schema.type === 'integer' || schema.type === 'number')
      expect([fault, schema.format]).toEqual([fault, expect.any(String)]);
    if (schema.type === 'array') expect([fault, schema['maxItems']]).toEqual([fault, expect.any(Number)]);
    if (schema.type === 'string' && !schema['enum'] && !schema['format'])
      expect([fault, schema['maxLength']]).toEqual([fault, expect.any(Number)]);
    if (schema.type !== 'object') continue;
    expect([fault, 'additionalProperties' in schema]).toEqual([fault, true]);
    for (const name of Object.keys(schema['properties'] ?? {})) expect(name).toMatch(/^[a-z]+(_[a-z]+)*$/);
  }
  expect(seen).toBeGreaterThan(100);
});

test('every example is one its schema takes', () => {
  let seen = 0;
  const takes = (schema: Schema, example: unknown): void => {
    seen++;
    expect(conformity.faults(schema, example)).toEqual([]);
  };
  each(({ requestBody, responses }) => {
    for (const { schema, example } of Object.values(requestBody?.content ?? {})) takes(schema, example);
    for (const { schema, example, examples } of Object.values(responses).flatMap((r) =>
      Object.values(r.content ?? {}),
    )) {
      if (example !== undefined) takes(schema, example);
      for (const { value } of Object.values(examples ?? {})) takes(schema, value);
    }
  });
  expect(seen).toBeGreaterThan(40);
});

test('the questions a service asks of its own are named where they are answered', () => {
  const { fields } = (api.components.schemas['BookingRequest'] as { properties: { fields: { properties: object } } })
    .properties;
  expect(fields.properties).toHaveProperty('tipo_attivita');
});

test('the page for people shows every call and every problem, in one document without script of its own', async () => {
  const page = await app.ask('/api/docs');
  expect(page.status).toBe(200);
  expect(page.headers['content-type']).toContain('text/html');
  for (const [, , { operationId }] of operations) expect(page.text).toContain(`id="${operationId}"`);
  expect(page.text).toContain('id="slot-taken"');
  expect(page.text.match(/<script(?![^>]* src=)/g)).toBeNull();
  const problem = await app.ask('/problems/slot-taken');
  expect([problem.status, problem.headers['location']]).toEqual([302, '/api/docs#slot-taken']);
  expect((await app.ask('/problems/nothing', { headers: { accept: 'application/json' } })).status).toBe(404);
});
