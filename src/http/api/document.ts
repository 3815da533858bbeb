// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Components, Schema } from './json-schema.ts';

/** OpenAPI 3.1, as much of it as we write. */
export interface ApiDocument {
  readonly openapi: string;
  readonly info: ApiInfo;
  readonly servers: readonly { url: string; description: string; 'x-sandbox'?: boolean }[];
  readonly tags: readonly { name: string; description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, ApiOperation>>>>;
  readonly components: { readonly schemas: Components } & Readonly<Record<string, object>>;
}

interface ApiInfo {
  readonly title: string;
  readonly description?: string;
  readonly version: string;
  readonly contact?: { name?: string; url?: string; email?: string };
  readonly termsOfService?: string;
}

export interface ApiOperation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, Response>>;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
}

export interface Parameter {
  readonly in: string;
  readonly name: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema?: Schema;
}

export interface Response {
  readonly description: string;
  readonly headers: Readonly<Record<string, object>>;
  readonly content?: Content;
}

export type Content = Readonly<Record<string, Media>>;

interface Media {
  readonly schema: Schema;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { summary: string; value: unknown }>>;
}
