// SPDX-License-Identifier: AGPL-3.0-or-later
import { expect, test } from '@jest/globals';
import { globSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import ts from 'typescript';

const SRC = join(import.meta.dirname, '../src');

/** The floor of each room, as shared/DESIGN.md draws the house. */
const FLOORS: Record<string, number> = {
  time: 0,
  offices: 1,
  availability: 2,
  bookings: 3,
  calendars: 3,
  'waiting-room': 3,
  cases: 3,
  access: 3,
  database: 4,
  mail: 4,
  google: 4,
  video: 4,
  live: 4,
  'authority-file': 4,
  config: 4,
  'front-desk': 5,
  courier: 5,
  http: 6,
};

/** Files that stand in no room: the start stands above everything. */
const START: Record<string, number> = {
  'app.desks.ts': 7,
  'app.google.ts': 7,
  'app.live.ts': 7,
  'app.made.ts': 7,
  'app.module.ts': 7,
  'app.rings.ts': 7,
  'app.rounds.ts': 7,
  'app.video.ts': 7,
  'app.ts': 7,
  'main.ts': 7,
  'import.ts': 7,
  'staff.ts': 7,
};

const GROUND = 3;
const GROUND_PACKAGES = ['temporal-polyfill', 'date-holidays'];

/** The technologies that one craft alone knows; the composition root may put them together. */
const CRAFTS: Record<string, string[]> = {
  typeorm: ['database'],
  '@nestjs/typeorm': ['database'],
  mysql2: ['database'],
  'better-sqlite3': ['database'],
  nodemailer: ['mail'],
  'ical-generator': ['mail'],
  eta: ['mail', 'http'],
  imapflow: ['mail'],
  'postal-mime': ['mail'],
  'ical.js': ['mail'],
  '@googleapis/calendar': ['google'],
  'google-auth-library': ['google'],
  jose: ['google', 'video'],
  'openid-client': ['http'],
  uqr: ['http'],
  'socket.io': ['live'],
  '@socket.io/redis-adapter': ['live'],
  ioredis: ['live'],
  'web-push': ['live'],
  yaml: ['authority-file'],
  fastify: ['http'],
  '@nestjs/swagger': ['http'],
};

interface SourceFile {
  /** Below src, with `/`. */
  path: string;
  /** As written in the import. */
  imports: string[];
}

/** The door of the room where the environment is read, beside the crafts. */
const CONFIG = 'config.ts';
const roomOf = (path: string): string =>
  path.includes('/') ? path.slice(0, path.indexOf('/')) : path === CONFIG ? 'config' : path;
const floorOf = (room: string): number | undefined => FLOORS[room] ?? START[room];
const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

function breachOfImport({ path }: SourceFile, floor: number, specifier: string): string | undefined {
  const room = roomOf(path);
  if (specifier.startsWith('node:')) return undefined;
  if (!specifier.startsWith('.')) {
    const name = packageOf(specifier);
    if (floor <= GROUND && !GROUND_PACKAGES.includes(name)) return `${path} is on the ground and imports ${name}`;
    const owners = CRAFTS[name];
    if (owners && floor < 7 && !owners.includes(room)) return `${path} imports ${name}, the craft of ${owners.join()}`;
    return undefined;
  }
  const target = posix.join(posix.dirname(path), specifier);
  if (target.startsWith('../templates/') && floor > GROUND) return undefined; // its words
  if (target.startsWith('..')) return `${path} imports ${target} from outside src`;
  const other = roomOf(target);
  const otherFloor = floorOf(other);
  if (otherFloor === undefined) return `${path} imports from ${other}, a room that the house does not have`;
  if (other === room || otherFloor < floor || floor === 7) return undefined;
  return `${path} (floor ${floor}) imports ${target} (floor ${otherFloor})`;
}

/** What is against the plan of the house, one sentence each. */
function breaches(files: SourceFile[]): string[] {
  return files.flatMap((file) => {
    const floor = floorOf(roomOf(file.path));
    if (floor === undefined) return [`${file.path} stands in a room that the house does not have`];
    return file.imports.flatMap((specifier) => breachOfImport(file, floor, specifier) ?? []);
  });
}

const importsOf = (text: string): string[] =>
  ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);

/** Files that lead in a circle, or into one: what is left when all that import nothing of what is left are taken away. */
function circles(files: SourceFile[]): string[] {
  const left = new Map(
    files.map(({ path, imports }) => [path, imports.map((i) => posix.join(posix.dirname(path), i))]),
  );
  for (;;) {
    const free = [...left].filter(([, targets]) => !targets.some((target) => left.has(target)));
    if (!free.length) return [...left.keys()];
    for (const [path] of free) left.delete(path);
  }
}

const house = (): SourceFile[] =>
  globSync('**/*.ts', { cwd: SRC })
    .map((path) => path.replaceAll('\\', '/'))
    .map((path) => ({ path, imports: importsOf(readFileSync(join(SRC, path), 'utf8')) }));

test('Every room imports only itself and the floors below', () => {
  expect(house().length).toBeGreaterThan(10);
  expect(breaches(house())).toEqual([]);
});

test('The people at work know the port of the calendars, and not who stands behind it', () => {
  const atWork = house().filter(({ path }) => floorOf(roomOf(path)) === FLOORS['courier']);
  const used = (file: string) => atWork.filter(({ imports }) => imports.some((i) => i.includes(file))).length;
  expect(used('/calendars/calendars.ts')).toBeGreaterThan(2);
  expect(used('/google/')).toBe(0);
});

test('No files import each other in a circle', () => {
  expect(circles(house())).toEqual([]);
  const planted = [
    { path: 'mail/letter.ts', imports: ['./mailbox.ts', 'eta'] },
    { path: 'mail/mailbox.ts', imports: ['./mailer.ts', '../time/zone.ts'] },
    { path: 'mail/mailer.ts', imports: ['./letter.ts'] },
    { path: 'time/zone.ts', imports: [] },
  ];
  expect(circles(planted)).toEqual(['mail/letter.ts', 'mail/mailbox.ts', 'mail/mailer.ts']);
});

test('An import that goes up, sideways or out, a foreign package and an unknown room are told', () => {
  const plan = (path: string, ...imports: string[]): string[] => breaches([{ path, imports }]);

  expect(plan('time/zone.ts', '../offices/authority.ts')).toEqual([
    'time/zone.ts (floor 0) imports offices/authority.ts (floor 1)',
  ]);
  expect(plan('bookings/booking.ts', '../cases/case.ts')).toEqual([
    'bookings/booking.ts (floor 3) imports cases/case.ts (floor 3)',
  ]);
  expect(plan('mail/letter.ts', '../config.ts')).toHaveLength(1);
  expect(plan('front-desk/booking-desk.ts', '../http/api/bookings.controller.ts')).toHaveLength(1);
  expect(plan('http/page.ts', '../app.module.ts')).toHaveLength(1);
  expect(plan('http/page.ts', '../../test/kit/clock.ts')).toEqual([
    'http/page.ts imports ../test/kit/clock.ts from outside src',
  ]);
  expect(plan('availability/free-slots.ts', 'zod')).toEqual([
    'availability/free-slots.ts is on the ground and imports zod',
  ]);
  expect(plan('bookings/token.ts', 'typeorm/driver/x.js')).toHaveLength(1);
  expect(plan('http/api/slots.controller.ts', '@nestjs/typeorm/dist/x.js')).toEqual([
    'http/api/slots.controller.ts imports @nestjs/typeorm, the craft of database',
  ]);
  expect(plan('utils/dates.ts')).toEqual(['utils/dates.ts stands in a room that the house does not have']);
  expect(plan('common.ts')).toEqual(['common.ts stands in a room that the house does not have']);
  expect(plan('http/page.ts', '../helpers/x.ts')).toHaveLength(1);
});

test('What the plan allows is not told', () => {
  const files = [
    { path: 'time/zone.ts', imports: ['./day.ts', 'node:crypto', 'temporal-polyfill'] },
    { path: 'http/api/slots.controller.ts', imports: ['../problems.ts', '../../config.ts', '@nestjs/common', 'zod'] },
    { path: 'mail/words.ts', imports: ['../../templates/letters/it.json'] },
    { path: 'database/claims.ts', imports: ['../bookings/hold.ts', 'typeorm/driver/x.js'] },
    { path: 'app.module.ts', imports: ['./http/page.ts', './app.ts', '@nestjs/typeorm'] },
  ];
  expect(breaches(files)).toEqual([]);
});

test('Imports are read in every form they take', () => {
  const text = `
    import type { A } from './a.ts';
    import './b.ts';
    export { C } from './c.ts';
    export * from './d.ts';
    const e = await import('./e.ts');`;
  expect(importsOf(text)).toEqual(['./a.ts', './b.ts', './c.ts', './d.ts', './e.ts']);
});
