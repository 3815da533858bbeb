// SPDX-License-Identifier: AGPL-3.0-or-later
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Answer, Ask, RunningApp } from '../../kit/app.ts';

export interface Operation {
  operationId: string;
  summary: string;
  description: string;
  tags: string[];
  security: Record<string, string[]>[];
  parameters?: { in: string; name: string; required: boolean; schema: Schema; description?: string }[];
  requestBody?: { required: boolean; content: Record<string, { schema: Schema; example: unknown }> };
  responses: Record<
    string,
    {
      description: string;
      headers: Record<string, { $ref: string }>;
      content?: Record<string, { schema: Schema; example?: unknown; examples?: Record<string, { value: unknown }> }>;
    }
  >;
}

export type Schema = { [key: string]: unknown; $ref?: string; type?: string; format?: string };

export interface Description {
  openapi: string;
  info: Record<string, unknown> & { contact: Record<string, string> };
  servers: { url: string; description: string; 'x-sandbox'?: boolean }[];
  tags: { name: string; description: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema>; headers: Record<string, unknown>; securitySchemes: object };
}

const FORMATS = ['date', 'date-time', 'duration', 'email', 'uri', 'int32', 'double'];

/** The published description, and a validator that is not ours to hold answers against it. */
export class Conformity {
  readonly #ajv = new Ajv2020({ strict: true, strictTypes: false, allErrors: true, formats: formats() });
  readonly #validators = new Map<Schema, ValidateFunction>();

  constructor(readonly description: Description) {
    this.#ajv.addVocabulary(['example']);
    this.#ajv.addSchema({ $id: 'api:', $defs: absolute(description.components.schemas) as Record<string, Schema> });
  }

  static async of(app: RunningApp): Promise<Conformity> {
    return new Conformity((await app.ask('/api/v1/openapi.json')).json<never>());
  }

  /** Faults of a value under a schema of the description. */
  faults(schema: Schema, value: unknown): string[] {
    let validate = this.#validators.get(schema);
    if (!validate) this.#validators.set(schema, (validate = this.#ajv.compile(absolute(schema) as Schema)));
    return validate(value) ? [] : (validate.errors ?? []).map((e) => `${e.instancePath} ${e.message}`);
  }

  /** @throws Error when an answer of `/api/v1` is not one the description promises. */
  check(path: string, method: string, answer: Answer): void {
    const { pathname } = new URL(path, 'http://api');
    const operation = this.#operation(
      pathname.slice('/api/v1'.length),
      method === 'HEAD' ? 'get' : method.toLowerCase(),
    );
    const response = operation?.responses[answer.status];
    if (operation && !response) throw new Error(`${method} ${path}: ${answer.status} is not described`);
    const media = String(answer.headers['content-type'] ?? '').split(';')[0]!;
    const schema = response ? response.content?.[media]?.schema : { $ref: '#/components/schemas/Problem' };
    if (answer.text === '') return;
    if (!schema) throw new Error(`${method} ${path}: ${answer.status} ${media} is not described`);
    if (!media.endsWith('json')) return;
    const faults = this.faults(schema, answer.json());
    if (faults.length) throw new Error(`${method} ${path}: ${faults.join('; ')}\n${answer.text}`);
  }

  #operation(path: string, method: string): Operation | undefined {
    const template = Object.keys(this.description.paths).find((t) =>
      new RegExp(`^${t.replace(/\{\w+\}/g, '[^/]+').replaceAll('.', '\\.')}$`).test(path),
    );
    return template === undefined ? undefined : this.description.paths[template]![method];
  }
}

/** Asks, and holds what the API answers against its description. */
export async function conforming(app: RunningApp): Promise<(path: string, ask?: Ask) => Promise<Answer>> {
  const conformity = await Conformity.of(app);
  return async (path, ask = {}) => {
    const answer = await app.ask(path, ask);
    const method = ask.method ?? (ask.body === undefined ? 'GET' : 'POST');
    if (path.startsWith('/api/v1/') && path !== '/api/v1/openapi.json') conformity.check(path, method, answer);
    return answer;
  };
}

const formats = (): Record<string, true> => Object.fromEntries(FORMATS.map((name) => [name, true]));

const absolute = (schema: Schema): unknown =>
  JSON.parse(JSON.stringify(schema).replaceAll('"#/components/schemas/', '"api:#/$defs/'));
