// SPDX-License-Identifier: AGPL-3.0-or-later
import { Injectable, type INestApplication } from '@nestjs/common';
import type { OpenAPIObject, OperationObject } from '@nestjs/swagger';
import type { z } from 'zod';
import { LONGEST_FIELD } from '../../bookings/fields.ts';
import type { Authority } from '../../offices/authority.ts';
import type { Field, Office, Service } from '../../offices/definition.ts';
import type { ApiDocument, ApiOperation } from './document.ts';
import { ANSWER_HEADERS, dress } from './dress.ts';
import { converted, type Components, type Schema } from './json-schema.ts';
import { TAGS } from './operations.ts';

const BASE = '/api/v1';
const ITSELF = `${BASE}/openapi.json`;
const VERSION = '1.0.0';
const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** The API as OpenAPI 3.1: routes and requests as the controllers declare them, answers from the same schemas. */
@Injectable()
export class ApiDescription {
  #app: INestApplication | undefined;
  #document: Promise<Omit<ApiDocument, 'servers'>> | undefined;

  /** The application to describe, once its controllers are there. */
  of(app: INestApplication): void {
    this.#app = app;
  }

  /** @param base the public address, without a slash at the end. */
  async read(authority: Authority, base: string): Promise<ApiDocument> {
    this.#document ??= describe(this.#app!);
    const { info, components, ...document } = await this.#document;
    const contact = { name: authority.name, url: `${base}/`, email: authority.definition.email };
    const sandbox = base.startsWith('https:') ? {} : { 'x-sandbox': true };
    return {
      ...document,
      info: { ...info, contact, termsOfService: `${base}/note-legali` },
      servers: [{ url: `${base}${BASE}`, description: authority.name, ...sandbox }],
      components: { ...components, schemas: withFields(components.schemas, authority) },
    };
  }
}

async function describe(app: INestApplication): Promise<Omit<ApiDocument, 'servers'>> {
  // Loading it takes most of a second, which no start should wait for.
  const { DocumentBuilder, SwaggerModule } = await import('@nestjs/swagger');
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Sportello')
    .setDescription(
      'Appointments with public offices: free times, bookings, moves, cancellations; knocks at virtual doors.',
    )
    .setVersion(VERSION)
    .addExtension('x-summary', 'Appointments with public offices', 'info')
    .addExtension('x-api-id', 'sportello', 'info')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'The `manage_token` of a booking.' }, 'manage_token')
    .addApiKey(
      { type: 'apiKey', in: 'header', name: 'Hold-Secret', description: 'The `secret` of a hold.' },
      'hold_secret',
    )
    .build();
  const scanned = SwaggerModule.createDocument(app, config, {
    operationIdFactory: (_, method) => method.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`),
    autoTagControllers: false,
    standardSchemaConverter: (schema, { schemaType }) => converted(schema as z.ZodType, schemaType),
  });
  return dressed(scanned);
}

/** The paths under `/api/v1`, each operation with its words, answers and refusals. */
function dressed({ openapi, info, paths, components }: OpenAPIObject): Omit<ApiDocument, 'servers'> {
  let schemas: Components = components?.schemas ?? {};
  const own = Object.entries(paths).filter(([path]) => path.startsWith(`${BASE}/`) && path !== ITSELF);
  const all = own.map(([path, item]) => {
    const operations: Record<string, ApiOperation> = {};
    for (const [method, declared] of METHODS.flatMap((m): [string, OperationObject][] =>
      item[m] ? [[m, item[m]]] : [],
    )) {
      const { operation, added } = dress(declared, schemas);
      operations[method] = operation;
      schemas = { ...schemas, ...added };
    }
    return [path.slice(BASE.length), operations] as const;
  });
  const rest = { securitySchemes: components?.securitySchemes ?? {}, headers: ANSWER_HEADERS };
  return { openapi, info, tags: TAGS, paths: Object.fromEntries(all), components: { schemas, ...rest } };
}

/** The questions this authority's services ask of their own, named where they are answered. */
function withFields(schemas: Components, { offices }: Authority): Components {
  const asked = offices.flatMap((o) =>
    o.services.flatMap((s) => s.fields.map((f) => [f.id, fieldSchema(o, s, f)] as const)),
  );
  const { BookingRequest } = schemas;
  const { fields, ...properties } = BookingRequest!.properties!;
  const named = { ...properties, fields: { ...fields, properties: Object.fromEntries(asked) } };
  return { ...schemas, BookingRequest: { ...BookingRequest, properties: named } };
}

/** As in the schema of a request: a number may be written as one. */
const ANSWER: Schema = {
  anyOf: [
    { type: 'string', maxLength: LONGEST_FIELD },
    { type: 'number', format: 'double' },
  ],
};

const fieldSchema = (office: Office, service: Service, { label, required }: Field): Schema => ({
  ...ANSWER,
  description: `${label} (${office.id}, ${service.id}${required ? ', required' : ''})`,
});
