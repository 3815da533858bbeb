// SPDX-License-Identifier: AGPL-3.0-or-later
import type { OperationObject } from '@nestjs/swagger';
import type { z } from 'zod';
import { PROBLEMS, type Slug } from '../problems.ts';
import { ProblemAnswer } from './answers.ts';
import type { ApiOperation, Parameter, Response } from './document.ts';
import { converted, exampleOf, type Components, type Schema } from './json-schema.ts';
import { OPERATIONS, type Operation } from './operations.ts';

const JSON_TYPE = 'application/json';
const PROBLEM_TYPE = 'application/problem+json';

/** Headers a client may send, under the names people know them by. What opens something is no parameter but security. */
const REQUEST_HEADERS: Record<string, Parameter> = {
  'idempotency-key': {
    in: 'header',
    name: 'Idempotency-Key',
    required: true,
    description: 'Makes a repeat harmless: any text of your own, new for each booking.',
    schema: { type: 'string', minLength: 1, maxLength: 255, examples: ['8d5f3c1e-52f1-4b0e-9d39-6f0f6f2f9c11'] },
  },
};

const PATH_EXAMPLES: Record<string, string> = {
  office_id: 'suap',
  hold_id: '0199e0c8-6d5c-7c3e-9a0e-0d6f3a1b2c4d',
  reference: '7K4M9QX',
  knock_id: 'qJ0vB1cYk5m3nXo2p9rT8sU7wV6xY4zA-bC_dE1fG2h',
};

const whole = (description: string) => ({
  description,
  schema: { type: 'integer', format: 'int32', minimum: 0, maximum: 86_400 },
});

export const ANSWER_HEADERS = {
  'RateLimit-Limit': whole('Requests a client may make in a window.'),
  'RateLimit-Remaining': whole('How many of them are left.'),
  'RateLimit-Reset': whole('Seconds until the window ends.'),
  'Cache-Control': { description: 'Never kept.', schema: { type: 'string', enum: ['no-store'] } },
  'Retry-After': whole('Seconds to wait.'),
};

/**
 * An operation as its controller declares it, with its words, its answers and its refusals.
 * @param schemas those known so far
 * @returns the operation, and the schemas its answers add
 */
export function dress(declared: OperationObject, schemas: Components): { operation: ApiOperation; added: Components } {
  const { operationId = '' } = declared;
  const told = OPERATIONS[operationId];
  if (!told) throw new Error(`${operationId} is not in operations.ts`);
  const answer = told.answer.schema && converted(told.answer.schema, 'output');
  const problem = converted(ProblemAnswer, 'output');
  const added = { ...answer?.components, ...problem.components };
  const parameters = (declared.parameters ?? []).flatMap((p) => ('in' in p ? parameter(p) : []));
  const operation = {
    operationId,
    tags: [told.tag],
    summary: told.summary,
    description: told.description ?? `${told.summary}.`,
    ...(parameters.length ? { parameters } : {}),
    ...body(declared, schemas),
    responses: {
      [told.answer.status]: success(told.answer, answer?.schema, { ...schemas, ...added }),
      ...problems(told, problem.schema),
    },
    security: told.security ? [{ [told.security]: [] }] : [],
  };
  return { operation, added };
}

function parameter(given: Parameter): Parameter[] {
  if (given.in === 'header') return REQUEST_HEADERS[given.name] ? [REQUEST_HEADERS[given.name]!] : [];
  if (given.in !== 'path') return [given];
  const schema: Schema = { type: 'string', maxLength: 100, examples: [PATH_EXAMPLES[given.name]] };
  return [{ in: 'path', name: given.name, required: true, schema }];
}

function body({ requestBody }: OperationObject, schemas: Components): Pick<ApiOperation, 'requestBody'> {
  const schema: Schema | undefined =
    requestBody && 'content' in requestBody ? requestBody.content[JSON_TYPE]?.schema : undefined;
  if (!schema) return {};
  const content = { [JSON_TYPE]: { schema, example: exampleOf(schema, schemas) } };
  return { requestBody: { required: schema.$ref !== undefined, content } };
}

function success(answer: Operation['answer'], schema: Schema | undefined, schemas: Components): Response {
  const { status, description, type, example } = answer;
  const headers = headersOf(status);
  if (!type) return { description, headers };
  if (!schema) return { description, headers, content: { [type]: { schema: { type: 'string', maxLength: 100_000 } } } };
  return { description, headers, content: { [type]: { schema, example: example ?? exampleOf(schema, schemas) } } };
}

function problems({ refusals }: Operation, schema: Schema): Record<string, Response> {
  const all: Slug[] = [...refusals, 'too-many-requests', 'unavailable', 'fault'];
  const byStatus = Map.groupBy(all, (slug) => PROBLEMS[slug].status);
  return Object.fromEntries([...byStatus].map(([status, slugs]) => [status, problemResponse(status, slugs, schema)]));
}

function problemResponse(status: number, slugs: readonly Slug[], schema: Schema): Response {
  const examples = slugs.map((slug) => [slug, { summary: PROBLEMS[slug].title.en, value: problemExample(slug) }]);
  return {
    description: slugs.map((slug) => `\`${slug}\`: ${PROBLEMS[slug].title.en}`).join('; '),
    headers: headersOf(status),
    content: { [PROBLEM_TYPE]: { schema, examples: Object.fromEntries(examples) } },
  };
}

function problemExample(slug: Slug): z.output<typeof ProblemAnswer> {
  const { status, title, detail } = PROBLEMS[slug];
  const errors = [{ field: 'citizen.email', detail: 'must be one e-mail address' }];
  const alternatives = [{ office_id: 'suap', start: '2027-03-30T09:30:00+02:00' }];
  return {
    type: `https://unione.example/problems/${slug}`,
    title: title.en,
    status,
    detail: detail.en,
    ...(slug === 'invalid' ? { errors } : {}),
    ...(slug === 'slot-taken' ? { alternatives } : {}),
    ...(slug === 'door-closed' ? { next_opening: '2027-03-30T09:00:00+02:00' } : {}),
    ...(slug === 'door-paused' ? { said: 'Torno alle 11:00' } : {}),
  };
}

function headersOf(status: number): Record<string, object> {
  const waits = status === 429 || status === 503;
  const names = Object.keys(ANSWER_HEADERS).filter((name) => name !== 'Retry-After' || waits);
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}
