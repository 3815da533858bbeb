// SPDX-License-Identifier: AGPL-3.0-or-later
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { carryRetired, changesBetween } from '../../src/authority-file/changes.ts';
import { readAuthorityFile } from '../../src/authority-file/read.ts';
import { Authority } from '../../src/offices/authority.ts';
import type { AuthorityDefinition } from '../../src/offices/definition.ts';

const text = readFileSync(new URL('../../examples/unione.yaml', import.meta.url), 'utf8');
const example = readAuthorityFile(text);

/** As the database gives it back. */
const stored = (definition: AuthorityDefinition): AuthorityDefinition => JSON.parse(JSON.stringify(definition));

const authorityOf = (definition: AuthorityDefinition): Authority =>
  new Authority(definition, 1, new Map(definition.counters.map((c, i) => [c.id, i + 1])));

const withoutOffice = (id: string): AuthorityDefinition => ({
  ...example,
  offices: example.offices.filter((o) => o.id !== id),
  counters: example.counters.filter((c) => !c.serves.some((s) => s.office === id)),
});

const withoutService = (id: string): AuthorityDefinition => ({
  ...example,
  offices: example.offices.map((o) => ({ ...o, services: o.services.filter((s) => s.id !== id) })),
});

test('A new authority is told in one line', () => {
  expect(changesBetween(null, example)).toEqual([
    'authority unione-valtiglione added: 9 municipalities, 10 offices, 20 services, 11 counters',
  ]);
  expect(carryRetired(null, example)).toBe(example);
});

test('The same file a second time changes nothing', () => {
  const again = carryRetired(stored(example), readAuthorityFile(text));
  expect(changesBetween(stored(example), again)).toEqual(['nothing changed']);
  expect(stored(again)).toEqual(stored(example));
});

test('Each change is one line in the words of the file', () => {
  const changed = readAuthorityFile(
    text
      .replace("opens: '11:00'", "opens: '10:30'")
      .replace('duration: PT45M', 'duration: PT1H')
      .replace('time_zone: Europe/Rome', 'time_zone: Europe/Vienna')
      .replace(
        '  - id: vinchio\n',
        "  - id: moasca\n    name: Moasca\n  - id: vinchio\n    hosts: ['vinchio.example']\n",
      )
      .replace('name: SUAP, postazione 1', 'name: SUAP, al piano terra')
      .replace("name: Geometra dell'Unione", "name: Geometra dell'Unione\n    staff: geometra@unione.example"),
  );
  expect(changesBetween(stored(example), changed)).toEqual([
    'authority: time_zone changed',
    'municipality moasca added',
    'municipality vinchio: hosts changed',
    'office sindaco: opening_hours changed',
    'service suap/avvio-attivita: duration changed',
    'counter suap-1: name changed',
    'counter tecnico-1: staff changed',
  ]);
});

test('Who carries the call, and at which address, is one key of the file', () => {
  const services = (video: string) =>
    readAuthorityFile(text.replace('duration: PT45M', `duration: PT45M\n        video: ${video}`));
  const [meet, room, other] = ['meet', '{ url: https://stanza.example/a }', '{ url: https://stanza.example/b }'].map(
    services,
  );
  const told = ['service suap/avvio-attivita: video changed'];
  expect(changesBetween(stored(meet!), room!)).toEqual(told);
  expect(changesBetween(stored(room!), other!)).toEqual(told);
  expect(changesBetween(stored(other!), example)).toEqual(told);
  expect(changesBetween(stored(room!), room!)).toEqual(['nothing changed']);
});

test('Another order on the page is a change too', () => {
  const turned = { ...example, offices: example.offices.toReversed() };
  expect(changesBetween(stored(example), turned)).toEqual(['office order changed']);
});

test('What leaves the file is kept for its bookings, told once, and may come back', () => {
  const without = withoutOffice('sindaco');
  const kept = stored(carryRetired(stored(example), without));
  expect(changesBetween(stored(example), kept)).toEqual([
    'office sindaco removed (kept for its bookings)',
    'counter sindaco removed (kept for its bookings)',
  ]);
  expect(changesBetween(kept, without)).toEqual(['nothing changed']);
  expect(stored(carryRetired(kept, without))).toEqual(kept);

  const authority = authorityOf(kept);
  expect(authority.office('sindaco')).toBeUndefined();
  expect(authority.offices.map((o) => o.id)).not.toContain('sindaco');
  expect(authority.service('sindaco', 'colloquio-sindaco')).toBeUndefined();
  expect(authority.officesGiving('colloquio-sindaco', 'public')).toEqual([]);
  expect(authority.countersFor('sindaco', 'colloquio-sindaco')).toEqual([]);
  expect(authority.anyOffice('sindaco')!.name).toBe('Sindaco di Mombercelli');
  expect(authority.anyService('sindaco', 'colloquio-sindaco')!.name).toBe('Colloquio con il Sindaco');
  expect(authority.counters.find((c) => c.id === 'sindaco')!.name).toBe('Sindaco');

  const back = carryRetired(kept, example);
  expect(changesBetween(kept, back)).toEqual(['office sindaco is back', 'counter sindaco is back']);
  expect(stored(back)).toEqual(stored(example));
});

test('A service that leaves its office is no longer offered, and still has a name', () => {
  const kept = stored(carryRetired(stored(example), withoutService('patrocini')));
  expect(changesBetween(stored(example), kept)).toEqual([
    'service assessore-cultura-turismo/patrocini removed (kept for its bookings)',
  ]);
  const authority = authorityOf(kept);
  expect(authority.office('assessore-cultura-turismo')!.services.map((s) => s.id)).toEqual([
    'colloquio-cultura-turismo',
  ]);
  expect(authority.service('assessore-cultura-turismo', 'patrocini')).toBeUndefined();
  expect(authority.officesGiving('patrocini', 'public')).toEqual([]);
  expect(authority.anyService('assessore-cultura-turismo', 'patrocini')!.name).toBe('Patrocini e manifestazioni');
  expect(changesBetween(kept, carryRetired(kept, example))).toEqual([
    'service assessore-cultura-turismo/patrocini is back',
  ]);
});
