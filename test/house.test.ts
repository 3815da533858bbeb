// SPDX-License-Identifier: AGPL-3.0-or-later
import { expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { parse } from 'yaml';
import { z } from 'zod';

const ROOT = join(import.meta.dirname, '..');
const text = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const found = (...patterns: string[]): string[] => globSync(patterns, { cwd: ROOT }).sort();
const sources = (): string[] => found('{src,test,bench,scripts}/**/*.{ts,mjs}', 'ormconfig.ts');

// ── licence ──

const SPDX = 'SPDX-License-Identifier: AGPL-3.0-or-later';

test('Every source file names its licence at the top', () => {
  const files = [...sources(), ...found('public/**/*.{css,js}', '.ci/*')];
  expect(files.length).toBeGreaterThan(20);
  const isNamed = (path: string): boolean =>
    text(path)
      .replace(/^#!.*\n/, '')
      .split('\n', 1)[0]
      ?.includes(SPDX) ?? false;
  expect(files.filter((path) => !isNamed(path))).toEqual([]);
});

test('LICENSE is the AGPL, version 3, whole', () => {
  const hash = createHash('sha256').update(text('LICENSE')).digest('hex');
  expect(hash).toBe('8486a10c4393cee1c25392769ddd3b2d6c242d6ec7928e1414efff7dfb2f07ef');
});

/** Those that let their work go into one under the AGPL, as the names stand in package-lock.json. */
const COMPATIBLE = new Set([
  '(ISC AND CC-BY-3.0)', // date-holidays: the code and the list of days
  '(MIT OR EUPL-1.1+)',
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD', // url-template: the text is that of BSD-3-Clause
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
  'MIT-0',
  'MPL-2.0', // its section 3.3 lets a larger work be under the AGPL
  'Python-2.0',
  'Unlicense',
]);

/** Needed to build only, and yet sent to browsers. */
const SENT = ['bootstrap-italia', 'socket.io-client', 'engine.io-client'].map((name) => `node_modules/${name}`);

test('What we ship with is under licences that allow it', () => {
  const lock = z.object({
    packages: z.record(z.string(), z.object({ license: z.string().optional(), dev: z.boolean().optional() })),
  });
  const shipped = Object.entries(lock.parse(JSON.parse(text('package-lock.json'))).packages).filter(
    ([path, { dev }]) => path !== '' && (!dev || SENT.includes(path)),
  );
  expect(shipped.length).toBeGreaterThan(50);
  expect(shipped.map(([path]) => path)).toEqual(expect.arrayContaining(SENT));
  expect(shipped.filter(([, { license = 'none' }]) => !COMPATIBLE.has(license))).toEqual([]);
});

// ── publiccode.yml ──

const Description = z.strictObject({
  shortDescription: z.string().min(1).max(150),
  longDescription: z.string().min(150).max(10_000),
  features: z.array(z.string().min(1).max(100)).min(5).max(20),
  documentation: z.url().optional(),
  apiDocumentation: z.url().optional(),
  screenshots: z.array(z.string()).optional(),
});

const Contact = z.object({ name: z.string().min(1), email: z.email().optional() });

/** publiccode.yml 0.7: what is mandatory, and what of the optional we use (docs.italia.it, publiccode.yml standard). */
const Publiccode = z.strictObject({
  publiccodeYmlVersion: z.enum(['0', '0.7']),
  name: z.string().min(1),
  url: z.url({ protocol: /^https$/ }),
  landingURL: z.url().optional(),
  softwareVersion: z.string(),
  releaseDate: z.iso.date().optional(),
  platforms: z.array(z.enum(['web', 'windows', 'mac', 'linux', 'ios', 'android'])).min(1),
  categories: z.array(z.enum(['appointment-scheduling', 'online-booking', 'workflow-management'])).min(1),
  developmentStatus: z.enum(['concept', 'development', 'beta', 'stable', 'obsolete']),
  softwareType: z.literal('standalone/web'),
  intendedAudience: z.strictObject({
    countries: z.array(z.string().regex(/^[A-Z]{2}$/)),
    scope: z.array(z.enum(['local-authorities', 'government'])),
  }),
  description: z.strictObject({ it: Description, en: Description }),
  legal: z.strictObject({ license: z.string() }),
  maintenance: z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('none') }),
    z.strictObject({ type: z.enum(['internal', 'community']), contacts: z.array(Contact).min(1) }),
    z.strictObject({ type: z.literal('contract'), contractors: z.array(z.object({ name: z.string() })).min(1) }),
  ]),
  localisation: z.strictObject({ localisationReady: z.boolean(), availableLanguages: z.array(z.string()).min(1) }),
  dependsOn: z.strictObject({
    open: z.array(z.strictObject({ name: z.string(), versionMin: z.string(), optional: z.boolean().optional() })),
  }),
  supports: z.array(z.strictObject({ id: z.templateLiteral(['alias:', z.enum(['gdpr', 'spid', 'cie', 'io'])]) })),
});

test('publiccode.yml is whole and agrees with package.json', () => {
  const card = Publiccode.parse(parse(text('publiccode.yml')));
  const manifest = z.object({ version: z.string(), license: z.string() }).parse(JSON.parse(text('package.json')));
  expect(card.softwareVersion).toBe(manifest.version);
  expect(card.legal.license).toBe(manifest.license);
  for (const { screenshots = [] } of Object.values(card.description)) {
    expect(screenshots.filter((path) => found(path).length === 0)).toEqual([]);
  }
});

test('A card without a licence, or with too few features, is refused', () => {
  const card = Publiccode.parse(parse(text('publiccode.yml')));
  expect(Publiccode.safeParse({ ...card, legal: {} }).success).toBe(false);
  const { it, en } = card.description;
  const meagre = { ...card, description: { en, it: { ...it, features: it.features.slice(0, 4) } } };
  expect(Publiccode.safeParse(meagre).success).toBe(false);
});

// ── time, chance and network stand behind ports ──

const PORTS = ['src/time/clock.ts', 'src/bookings/chance.ts', 'src/video/network.ts', 'src/live/web-push.ts'];
const FORBIDDEN_MEMBERS = ['Date.now', 'Math.random', 'Temporal.Now', 'crypto.randomUUID', 'crypto.getRandomValues'];
const FORBIDDEN_CALLS = ['setTimeout', 'setInterval', 'setImmediate', 'fetch', 'Date'];
const FORBIDDEN_IMPORTS = /^(node:)?(timers|timers\/promises|http|https|http2)$/;
const FORBIDDEN_NAMES = /^(randomBytes|randomUUID|randomInt|randomFill|randomFillSync|webcrypto)$/;

const withoutGlobal = (code: string): string => code.replace(/^globalThis\./, '');

function importedPastThePorts(node: ts.ImportDeclaration): string[] {
  const from = ts.isStringLiteral(node.moduleSpecifier) ? node.moduleSpecifier.text : '';
  if (node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword) return [];
  if (FORBIDDEN_IMPORTS.test(from)) return [from];
  if (!/^(node:)?crypto$/.test(from)) return [];
  const names = node.importClause?.namedBindings;
  if (!names || ts.isNamespaceImport(names)) return [from];
  return names.elements
    .map(({ propertyName, name }) => (propertyName ?? name).text)
    .filter((n) => FORBIDDEN_NAMES.test(n));
}

function pastThePorts(node: ts.Node): string[] {
  if (ts.isImportDeclaration(node)) return importedPastThePorts(node);
  if (ts.isPropertyAccessExpression(node)) {
    const code = withoutGlobal(node.getText());
    return FORBIDDEN_MEMBERS.includes(code) ? [code] : [];
  }
  if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && !node.arguments?.length)
    return ['new Date()'];
  if (!ts.isCallExpression(node)) return [];
  const code = withoutGlobal(node.expression.getText());
  return FORBIDDEN_CALLS.includes(code) ? [code] : [];
}

const FORCED = /(oxlint|eslint|biome)-disable|@ts-(ignore|nocheck|expect-error)|prettier-ignore/;

/** A check that was silenced, or a type forced through another: what the linter cannot forbid of itself. */
function forced(node: ts.Node): string[] {
  const isDouble = ts.isAsExpression(node) && ts.isAsExpression(node.expression) && node.type.getText() !== 'const';
  return isDouble ? [node.getText()] : [];
}

/** What `rule` finds in the whole of a source text, each with its line. */
function findings(code: string, rule: (node: ts.Node) => string[]): string[] {
  const file = ts.createSourceFile('x.ts', code, ts.ScriptTarget.Latest, true);
  const seen: string[] = [];
  const visit = (node: ts.Node): void => {
    const line = file.getLineAndCharacterOfPosition(node.getStart()).line + 1;
    seen.push(...rule(node).map((what) => `${line}: ${what}`));
    ts.forEachChild(node, visit);
  };
  visit(file);
  return seen;
}

test('Nothing but the ports reads a clock, draws chance, sets a timer or calls out', () => {
  const files = found('src/**/*.ts').filter((path) => !PORTS.includes(path));
  expect(files.flatMap((path) => findings(text(path), pastThePorts).map((what) => `${path}:${what}`))).toEqual([]);
});

test.each([
  'const a = Date.now();',
  'const a = globalThis.Date.now();',
  'const a = items.map(Date.now);',
  'const a = new Date();',
  'const a = new Date;',
  'const a = Date();',
  'const a = Math.random();',
  'const a = Temporal.Now.instant();',
  'setTimeout(() => 1, 5);',
  'globalThis.setInterval(() => 1, 5);',
  "await fetch('https://a.example');",
  "import { setTimeout as wait } from 'node:timers/promises';",
  "import { request } from 'node:https';",
  "import { createHmac, randomBytes as bytes } from 'node:crypto';",
  "import * as crypto from 'node:crypto';",
  'const a = crypto.randomUUID();',
])('A planted «%s» is found', (code) => {
  expect(findings(code, pastThePorts)).toHaveLength(1);
});

test.each([
  'const a = new Date(5).toISOString();',
  "const a = Date.parse('2027-03-30');",
  'const a = Math.max(1, 2);',
  'this.clock.now();',
  'desk.fetch();',
  "import { createHash, timingSafeEqual } from 'node:crypto';",
  "import type { IncomingMessage } from 'node:http';",
  '// Date.now() in a comment',
  "const a = 'Date.now()';",
])('«%s» is none of it', (code) => {
  expect(findings(code, pastThePorts)).toEqual([]);
});

test('No check is silenced and no type is forced', () => {
  const files = sources().filter((path) => path !== 'test/house.test.ts');
  expect(files.filter((path) => FORCED.test(text(path)))).toEqual([]);
  expect(files.flatMap((path) => findings(text(path), forced).map((what) => `${path}:${what}`))).toEqual([]);
  expect(findings('const a = b as unknown as C;', forced)).toEqual(['1: b as unknown as C']);
});
