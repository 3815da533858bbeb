// SPDX-License-Identifier: AGPL-3.0-or-later
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { z } from 'zod';
import { AuthorityFileError } from '../../src/authority-file/problem.ts';
import { readAuthorityFile } from '../../src/authority-file/read.ts';
import { authorityFile } from '../../src/authority-file/schema.ts';
import { Authority } from '../../src/offices/authority.ts';
import type { Service } from '../../src/offices/definition.ts';

const fileAt = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const contract = fileAt('contract.yaml');
const example = fileAt('../../examples/unione.yaml');

/** A whole small file, each line of which a test may replace. */
const small = `authority:
  id: unione
  name: Unione
  time_zone: Europe/Rome
  hosts: [localhost]
  email: protocollo@unione.example
municipalities:
  - id: vinchio
    name: Vinchio
    patron_saint: { date: '01-22', name: San Vincenzo }
    hosts: [vinchio.example]
offices:
  - id: suap
    name: SUAP
    municipality: vinchio
    address: Piazza 1
    slot_step: PT30M
    opening_hours:
      - { days: [mon], opens: '09:00', closes: '13:00' }
    openings:
      - { date: 2027-04-24, opens: '09:00', closes: '12:00' }
    closures:
      - { from: 2027-08-09, through: 2027-08-20, reason: Ferie }
    services:
      - id: consulenza
        name: Consulenza
        duration: PT30M
        buffer_after: PT0M
        fields:
          - { id: foglio, label: Foglio, type: text }
      - id: altro
        name: Altro
        duration: PT30M
counters:
  - id: uno
    name: Uno
    serves:
      - { office: suap, services: [consulenza], days: [mon] }
`;

function problemsOf(text: string): readonly { line: number; field: string; detail: string }[] {
  try {
    readAuthorityFile(text);
  } catch (fault) {
    if (fault instanceof AuthorityFileError) return fault.problems;
    throw fault;
  }
  return [];
}

const lineOf = (part: string, text = small): number => text.slice(0, text.indexOf(part)).split('\n').length;

describe('A good file', () => {
  test('An hour may be written without its zero', () => {
    expect(readAuthorityFile(small.replace("opens: '09:00'", "opens: '9:00'"))).toEqual(readAuthorityFile(small));
  });

  test("Whose a counter is, is an address in lower case; several may be one person's, and nobody's is not said", () => {
    const file = small.replace(
      '  - id: uno\n',
      '  - { id: due, name: Due, staff: Geo@x.example, serves: [] }\n  - id: uno\n',
    );
    const staffOf = (text: string) => readAuthorityFile(text).counters.map(({ staff }) => staff);
    expect(staffOf(file)).toEqual(['geo@x.example', undefined]);
    expect(staffOf(file.replace('  - id: uno\n', '  - id: uno\n    staff: geo@X.example\n'))).toEqual([
      'geo@x.example',
      'geo@x.example',
    ]);
    expect(staffOf(file.replace('staff: Geo@x.example', 'staff: null'))).toEqual([undefined, undefined]);
  });

  test('Who carries the call is a provider by name, or a room that is always the same', () => {
    const videoOf = (written: string) => {
      const [{ video, videoUrl }] = readAuthorityFile(small.replace('buffer_after: PT0M', written)).offices[0]!
        .services as [Service];
      return { video, videoUrl };
    };
    for (const video of ['builtin', 'meet', 'jitsi', 'whereby', 'goto'])
      expect(videoOf(`video: ${video}`)).toEqual({ video });
    expect(videoOf('video: { url: https://stanza.example/suap?x=1 }')).toEqual({
      video: 'url',
      videoUrl: 'https://stanza.example/suap?x=1',
    });
    expect(videoOf('video: null')).toEqual({ video: 'builtin' });
  });

  test("The contract's example is read as it says", () => {
    const definition = readAuthorityFile(contract);
    expect(definition).toMatchObject({
      id: 'unione-valtiglione',
      timeZone: 'Europe/Rome',
      hosts: ['localhost', '127.0.0.1'],
      closures: [],
      municipalities: [{ patronSaint: { date: '05-03', name: 'Santa Croce' }, hosts: [] }],
      counters: [{ googleCalendar: null, serves: [{ office: 'suap', services: ['consulenza'] }] }],
    });
    const [suap] = definition.offices;
    expect(suap).toMatchObject({
      slotStep: 30,
      openingHours: [
        { days: ['mon', 'tue', 'wed', 'thu', 'fri'], opens: 540, closes: 780 },
        { opens: 900, closes: 1020, validFrom: '2027-01-01', validThrough: '2027-06-30' },
      ],
      openings: [{ date: '2027-04-24', opens: 540, closes: 720 }],
      closures: [{ from: '2027-08-09', through: '2027-08-20', reason: 'Chiusura estiva' }],
    });
    expect(suap?.receptionHours).toBeUndefined();
    expect(suap?.services[0]).toEqual({
      id: 'consulenza',
      name: 'Consulenza SUAP',
      duration: 30,
      modes: ['in_person', 'video', 'phone'],
      notice: 120,
      horizon: 90 * 1440,
      bufferAfter: 0,
      needs: ['Documento di identità'],
      video: 'builtin',
      openingHours: [],
      audience: ['public', 'professionals'],
      fields: [{ id: 'foglio_particella', label: 'Foglio e particella', type: 'text', required: false, options: [] }],
      limits: { perPerson: 1, per: { days: 7, minutes: 0 } },
      confirmation: 'automatic',
      cancelUntil: { days: 0, minutes: 0 },
      reminders: [
        { days: 3, minutes: 0 },
        { days: 0, minutes: 120 },
      ],
    });
  });

  test('What a service leaves out takes the default of the contract', () => {
    const [, altro] = readAuthorityFile(small).offices.flatMap((o) => o.services);
    expect(altro).toEqual({
      id: 'altro',
      name: 'Altro',
      duration: 30,
      modes: ['in_person'],
      notice: 0,
      horizon: 90 * 1440,
      bufferAfter: 0,
      needs: [],
      video: 'builtin',
      openingHours: [],
      audience: ['public', 'professionals'],
      fields: [],
      confirmation: 'automatic',
      cancelUntil: { days: 0, minutes: 0 },
      reminders: [
        { days: 3, minutes: 0 },
        { days: 0, minutes: 120 },
      ],
    });
  });

  test('Dates and times are read alike with and without quotes, even in a file that says YAML 1.1', () => {
    const plain = small.replaceAll(/'(\d\d[:-]\d\d)'/g, '$1');
    expect(plain).not.toEqual(small);
    expect(readAuthorityFile(plain)).toEqual(readAuthorityFile(small));
    expect(readAuthorityFile(`%YAML 1.1\n---\n${plain}`)).toEqual(readAuthorityFile(small));
  });

  test('A key with nothing behind it, and an empty list, are as if they were absent', () => {
    const emptied = small
      .replace('buffer_after: PT0M', 'modes: []\n        audience: []\n        opening_hours:\n        limits:')
      .replace("patron_saint: { date: '01-22', name: San Vincenzo }", 'patron_saint:');
    const definition = readAuthorityFile(emptied);
    const given = { modes: ['in_person'], openingHours: [], audience: ['public', 'professionals'] };
    expect(definition.offices).toMatchObject([{ services: [given, {}] }]);
    expect(definition.municipalities.map((m) => m.patronSaint)).toEqual([undefined]);
  });

  test('No reminders and a virtual door that never opens can be asked for', () => {
    const asked = small
      .replace('buffer_after: PT0M', 'reminders: []')
      .replace('slot_step: PT30M', 'slot_step: PT30M\n    reception_hours: []');
    const [office] = readAuthorityFile(asked).offices;
    expect(office).toMatchObject({ receptionHours: [], services: [{ reminders: [] }, {}] });
  });

  test('Lists may be empty', () => {
    const { offices, counters, municipalities } = readAuthorityFile(
      `${small.slice(0, small.indexOf('municipalities:'))}municipalities: []\noffices: []\ncounters: []\n`,
    );
    expect([offices, counters, municipalities]).toEqual([[], [], []]);
  });

  test('The whole day until midnight, a closure of everyone and an alias of hours are understood', () => {
    const text = small
      .replace("opens: '09:00', closes: '13:00' }", "opens: '00:00', closes: '24:00' }")
      .replace('  email:', '  closures: [{ from: 2027-12-24, through: 2027-12-24, reason: Vigilia }]\n  email:')
      .replace('opening_hours:', 'opening_hours: &orario')
      .replace('    openings:', '    reception_hours: *orario\n    openings:');
    const definition = readAuthorityFile(text);
    expect(definition.closures).toEqual([{ from: '2027-12-24', through: '2027-12-24', reason: 'Vigilia' }]);
    const wholeMonday = [{ days: ['mon'], opens: 0, closes: 1440 }];
    expect(definition.offices).toMatchObject([{ openingHours: wholeMonday, receptionHours: wholeMonday }]);
  });

  test('Hosts are kept in small letters and public_url without its last slash', () => {
    const text = small
      .replace('vinchio.example', 'Prenota.VINCHIO.example')
      .replace('  hosts: [localhost]', '  hosts: [localhost]\n  public_url: https://unione.example/sportello/');
    const definition = readAuthorityFile(text);
    expect(definition.municipalities).toMatchObject([{ hosts: ['prenota.vinchio.example'] }]);
    expect(definition.publicUrl).toBe('https://unione.example/sportello');
  });
});

describe('The example', () => {
  const definition = readAuthorityFile(example);
  const authority = new Authority(definition, 1, new Map(definition.counters.map((c, i) => [c.id, i + 1])));

  test('It is the Union of nine municipalities, each with its patron saint', () => {
    expect(definition.municipalities.map((m) => m.name)).toEqual([
      'Mombercelli',
      'Montaldo Scarampi',
      'Agliano Terme',
      "Azzano d'Asti",
      "Rocca d'Arazzo",
      'Castelnuovo Calcea',
      'San Marzano Oliveto',
      "Vigliano d'Asti",
      'Vinchio',
    ]);
    expect(definition.municipalities.every((m) => m.patronSaint)).toBe(true);
    expect(authority.office('sindaco')!.openingHours).toEqual([{ days: ['tue', 'thu'], opens: 660, closes: 780 }]);
  });

  test('Whenever a service has hours, someone is there to give it', () => {
    const deserted = authority.offices.flatMap((office) =>
      office.services.flatMap((service) => {
        const seats = authority.countersFor(office.id, service.id).flatMap((c) => c.serves);
        const here = seats.filter((s) => s.office === office.id && s.services.includes(service.id));
        const days = office.openingHours.flatMap((h) => h.days);
        return days.filter((d) => !here.some((s) => !s.days || s.days.includes(d))).map((d) => [service.id, d]);
      }),
    );
    expect(deserted).toEqual([]);
  });

  test('The technical office receives in three municipalities with two technicians, each in one place a day', () => {
    const technicians = definition.counters.filter((c) => c.id.startsWith('tecnico-'));
    expect(technicians).toHaveLength(2);
    for (const { serves } of technicians) {
      const days = serves.flatMap((s) => s.days!);
      expect(new Set(days).size).toBe(days.length);
    }
    const offices = technicians.flatMap((c) => c.serves.map((s) => s.office));
    expect(new Set(offices.map((id) => authority.office(id)!.municipality)).size).toBe(3);
  });
});

/** What is written, instead of what, what is then wrong, in which words; and where, if not in the last line written. */
const REFUSED: [written: string, instead: string, field: string, detail: RegExp, where?: string][] = [
  ['  id: Unione X', '  id: unione', 'authority.id', /small letters, digits and hyphens, not "Unione X"/],
  ['  name: 12', '  name: Unione', 'authority.name', /text, in quotes/],
  ['  time_zone: Europe/Rom', '  time_zone: Europe/Rome', 'authority.time_zone', /time zone/],
  ['  time_zone: +01:00', '  time_zone: Europe/Rome', 'authority.time_zone', /IANA/],
  ['  hosts: ["a.example:80"]', '  hosts: [localhost]', 'authority.hosts[0]', /bare host name/],
  ['  hosts: [Vinchio.example]', '  hosts: [localhost]', 'municipalities[0].hosts[0]', /twice/, '[vinchio.example]'],
  ['  email: "a@b.example\\r\\nBcc: c@d.example"', '  email: protocollo@unione.example', 'authority.email', /e-mail/],
  ['  email:', '  email: protocollo@unione.example', 'authority.email', /empty: write text/],
  [
    '  email: a@b.it\n  telefono: x',
    '  email: protocollo@unione.example',
    'authority.telefono',
    /"telefono" is not known/,
  ],
  ['  email: a@b.it\n  phone: 0141000000', '  email: protocollo@unione.example', 'authority.phone', /in quotes/],
  ['  email: a@b.it\n  public_url: ftp://x', '  email: protocollo@unione.example', 'authority.public_url', /https/],
  ['  email: a@b.it\n  public_url: https://x/?a', '  email: protocollo@unione.example', 'authority.public_url', /\?/],
  [
    '  email: a@b.it\n  repository_url: javascript:x',
    '  email: protocollo@unione.example',
    'authority.repository_url',
    /web/,
  ],
  [
    '  email: a@b.it\n  privacy: { controller: X }',
    '  email: protocollo@unione.example',
    'authority.privacy.dpo',
    /missing/,
  ],
  ...['P6D', 'P366D', 'P7DT1H', '90'].map((keep): [string, string, string, RegExp] => [
    `  email: a@b.it\n  privacy: { controller: X, dpo: Y, keep: ${keep} }`,
    '  email: protocollo@unione.example',
    'authority.privacy.keep',
    keep === '90' ? /text/ : /P7D to P365D/,
  ]),
  ["date: '02-30'", "date: '01-22'", 'municipalities[0].patron_saint.date', /"MM-DD"/],
  ['date: easter+999', "date: '01-22'", 'municipalities[0].patron_saint.date', /Easter/],
  ['    municipality: vinchi', '    municipality: vinchio', 'offices[0].municipality', /No municipality/],
  ['    address: "a\\nb"', '    address: Piazza 1', 'offices[0].address', /one line/],
  ['    slot_step: PT0M', '    slot_step: PT30M', 'offices[0].slot_step', /5 minutes/],
  ['    slot_step: 30', '    slot_step: PT30M', 'offices[0].slot_step', /text/],
  ['days: [lun], opens', 'days: [mon], opens', 'offices[0].opening_hours[0].days[0]', /mon or tue.*not "lun"/],
  ["closes: '09:00'", "closes: '13:00'", 'offices[0].opening_hours[0].closes', /after the opening/],
  ["closes: '24:05'", "closes: '13:00'", 'offices[0].opening_hours[0].closes', /24:00/],
  ["closes: '13:03'", "closes: '13:00'", 'offices[0].opening_hours[0].closes', /five minutes/],
  [
    "closes: '13:00', valid_from: 2027-02-01, valid_through: 2027-01-01",
    "closes: '13:00'",
    'offices[0].opening_hours[0].valid_through',
    /not before/,
  ],
  [
    "closes: '13:00', audience: [tecnici]",
    "closes: '13:00'",
    'offices[0].opening_hours[0].audience[0]',
    /public or prof/,
  ],
  ['date: 2027-02-30', 'date: 2027-04-24', 'offices[0].openings[0].date', /calendar/],
  ['date: 24/04/2027', 'date: 2027-04-24', 'offices[0].openings[0].date', /YYYY-MM-DD/],
  ['through: 2027-08-01', 'through: 2027-08-20', 'offices[0].closures[0].through', /not before/],
  [
    'duration: PT7M',
    'duration: PT30M\n        buffer_after: PT0M',
    'offices[0].services[0].duration',
    /5 minutes.*"PT7M"/,
  ],
  [
    'duration: mezzora',
    'duration: PT30M\n        buffer_after: PT0M',
    'offices[0].services[0].duration',
    /such as PT30M/,
  ],
  ['buffer_after: PT24H', 'buffer_after: PT0M', 'offices[0].services[0].buffer_after', /24 hours/],
  ['horizon: P1Y', 'buffer_after: PT0M', 'offices[0].services[0].horizon', /P90D/],
  ['notice: P90D', 'buffer_after: PT0M', 'offices[0].services[0].notice', /horizon/],
  ['modes: [video, video]', 'buffer_after: PT0M', 'offices[0].services[0].modes[1]', /twice/],
  ['video: zoom', 'buffer_after: PT0M', 'offices[0].services[0].video', /builtin, meet, jitsi.*url/],
  ['video: url', 'buffer_after: PT0M', 'offices[0].services[0].video', /url: https/],
  ['video: { url: http://a.example }', 'buffer_after: PT0M', 'offices[0].services[0].video.url', /https/],
  ['video: {}', 'buffer_after: PT0M', 'offices[0].services[0].video.url', /missing/],
  ['video: [jitsi]', 'buffer_after: PT0M', 'offices[0].services[0].video', /keys/],
  ['video: { url: https://a.example, key: x }', 'buffer_after: PT0M', 'offices[0].services[0].video.key', /not known/],
  [
    'limits: { per_person: 0, per: P7D }',
    'buffer_after: PT0M',
    'offices[0].services[0].limits.per_person',
    /1 or more/,
  ],
  ['limits: { per_person: 1.5, per: P7D }', 'buffer_after: PT0M', 'offices[0].services[0].limits.per_person', /whole/],
  ['limits: { per_person: 1 }', 'buffer_after: PT0M', 'offices[0].services[0].limits.per', /missing/],
  ['reminders: [PT0M]', 'buffer_after: PT0M', 'offices[0].services[0].reminders[0]', /one minute/],
  ['audience: public', 'buffer_after: PT0M', 'offices[0].services[0].audience', /list/],
  ['type: choice', 'type: text', 'offices[0].services[0].fields[0].options', /List the options/],
  ['type: text, options: [a]', 'type: text', 'offices[0].services[0].fields[0].options', /Only a field/],
  ['type: text, required: sì', 'type: text', 'offices[0].services[0].fields[0].required', /true or false/],
  ['id: __proto__', 'id: foglio', 'offices[0].services[0].fields[0].id', /letter first/],
  [
    '      - id: consulenza',
    '      - id: altro',
    'offices[0].services[1].id',
    /already taken/,
    'consulenza\n        name: Altro',
  ],
  ['office: sue', 'office: suap', 'counters[0].serves[0].office', /No office/],
  ['services: [perizia]', 'services: [consulenza]', 'counters[0].serves[0].services[0]', /no service/],
  ['  - id: uno\n    staff: Mario Rossi', '  - id: uno', 'counters[0].staff', /e-mail address/],
  ['  - id: uno\n    staff: [a@b.example]', '  - id: uno', 'counters[0].staff', /Write text/],
  ['days: [mer] }', 'days: [mon] }', 'counters[0].serves[0].days[0]', /wed/],
];

describe('A bad file', () => {
  test.each(REFUSED)('%j is refused by line and field', (written, instead, field, detail, where = '') => {
    expect(small.split(instead)).toHaveLength(2);
    const text = small.replace(instead, written);
    const line = lineOf(where || written.split('\n').at(-1)!, text);
    expect(problemsOf(text)).toEqual([
      { line, column: expect.any(Number), field, detail: expect.stringMatching(detail) },
    ]);
    for (const problem of problemsOf(text)) expect(problem.detail).toMatch(/^[A-Z].*\.$/);
  });

  test('Everything wrong is said at once, in the order of the file', () => {
    const bad = small
      .replace('  id: unione', '  id: U N')
      .replace('name: SUAP', 'nome: SUAP')
      .replace('[consulenza]', '[x]');
    expect(problemsOf(bad).map(({ line, field }) => [line, field])).toEqual([
      [2, 'authority.id'],
      [lineOf('- id: suap'), 'offices[0].name'],
      [lineOf('name: SUAP'), 'offices[0].nome'],
      [lineOf('office: suap'), 'counters[0].serves[0].services[0]'],
    ]);
    expect(() => readAuthorityFile(bad)).toThrow(/line 2, column 7, authority\.id: Write/);
  });

  test.each([
    ['', 1, /empty/],
    ['# solo un commento\n', 1, /empty/],
    ['- una lista\n', 1, /keys with their values/],
    ['authority:\n\tid: x\n', 2, /spaces, not with tabs/],
    ['a: 1\n---\nb: 2\n', 2, /more than one document/],
    ['a: [1,\nb: 2\n', 2, /YAML/],
    ['a: !!timestamp 2027-04-24\n', 1, /YAML/],
    ['a: 1\nb: *orario\n', 2, /No anchor &orario/],
    ['a: 1\nb: caff\uFFFD\n', 2, /UTF-8/],
    ['\0a: 1\n', 1, /UTF-8/],
    ['['.repeat(50_000), 1, /nested too deeply/],
    [`${'a: {'.repeat(3_000)}${'}'.repeat(3_000)}`, 1, /YAML|nested/],
    [' '.repeat(1_000_001), 1, /longer/],
  ])('Text that is no YAML of ours is refused: %#', (text, line, detail) => {
    const [problem] = problemsOf(text);
    expect(problem).toMatchObject({ line, field: 'the file', detail: expect.stringMatching(detail) });
  });

  test('A key written twice is named', () => {
    const twice = small.replace('        name: Altro', '        name: Altro\n        name: Altro');
    expect(problemsOf(twice)).toEqual([
      {
        line: lineOf('name: Altro') + 1,
        column: 9,
        field: 'offices[0].services[1].name',
        detail: 'This key is written twice; keep one.',
      },
    ]);
  });

  test('Aliases of aliases do not fill the memory', () => {
    const tenfold = Array.from({ length: 9 }, (_, i) => `x${i + 1}: &x${i + 1} [${`*x${i}, `.repeat(10)}]`);
    expect(problemsOf(`x0: &x0 [ciao]\n${tenfold.join('\n')}\n`)[0]).toMatchObject({
      field: 'the file',
      detail: expect.stringMatching(/aliases/),
    });
    expect(problemsOf('authority: &a { id: *a }\n').map((p) => p.field)).toContain('authority.id');
  });

  test('Whatever the text, it is read or refused, never a fault', () => {
    const lines = small.split('\n');
    const scrap = fc.oneof(
      fc.constantFrom(...lines, '  - ', 'x: &a [*a]', '? [a]', '!!set {a}', 'null', '- ~', '{', '"', '|', '%YAML 1.1'),
      fc.string({ unit: 'binary', maxLength: 20 }),
    );
    fc.assert(
      fc.property(fc.array(scrap, { maxLength: 30 }), (scraps) => {
        for (const p of problemsOf(scraps.join('\n'))) expect(p.line).toBeGreaterThan(0);
      }),
      { numRuns: 300 },
    );
  });

  test('Whatever stands in the place of a value, it is read or refused, never a fault', () => {
    const places = [...small.matchAll(/(?<=[:[,] )[^\s{}[\],][^{}[\],\n]*/g)];
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.json(), ({ 0: value, index }, json) => {
        const text = `${small.slice(0, index)}${json}${small.slice(index + value.length)}`;
        for (const p of problemsOf(text)) expect(p.line).toBeGreaterThan(0);
      }),
      { numRuns: 300 },
    );
  });
});

test('The documentation names every key', () => {
  const words = fileAt('../../docs/authority-file.md');
  const keys = new Set<string>();
  JSON.stringify(z.toJSONSchema(authorityFile, { io: 'input', unrepresentable: 'any' }), (key, value: unknown) => {
    if (key === 'properties') Object.keys(value as object).forEach((name) => keys.add(name));
    return value;
  });
  expect(keys).toContain('reception_patience');
  expect([...keys].filter((key) => !new RegExp(`\\b${key}\\b`).test(words))).toEqual([]);
});
