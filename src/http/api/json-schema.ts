// SPDX-License-Identifier: AGPL-3.0-or-later
import { z } from 'zod';

/** As much of JSON Schema as is looked at here. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly examples?: unknown;
  readonly example?: unknown;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

export type Components = Readonly<Record<string, Schema>>;

/** A schema of ours as JSON Schema 2020-12, which is what OpenAPI 3.1 speaks; named ones go among the components. */
export function converted(schema: z.ZodType, io: 'input' | 'output'): { schema: Schema; components: Components } {
  const { $defs, $schema: _, ...own } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return pointingToComponents({ schema: own as Schema, components: ($defs ?? {}) as Components });
}

const pointingToComponents = <T>(value: T): T =>
  JSON.parse(JSON.stringify(value).replaceAll('"#/$defs/', '"#/components/schemas/')) as T;

/** An example of a schema, made of those of its parts; what has none is left out. */
export function exampleOf(schema: Schema, components: Components): unknown {
  if (schema.$ref) return exampleOf(components[schema.$ref.split('/').at(-1)!] ?? {}, components);
  if (schema.example !== undefined) return schema.example;
  if (Array.isArray(schema.examples)) return schema.examples[0];
  if (schema.enum) return schema.enum[0];
  if (schema.anyOf) return exampleOf(schema.anyOf[0]!, components);
  if (schema.items) return [exampleOf(schema.items, components)].filter((item) => item !== undefined);
  if (schema.type === 'boolean') return true;
  if (!schema.properties) return schema.type === 'object' ? {} : undefined;
  const parts = Object.entries(schema.properties).map(([name, part]) => [name, exampleOf(part, components)] as const);
  return Object.fromEntries(parts.filter(([, value]) => value !== undefined));
}
