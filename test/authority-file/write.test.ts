// SPDX-License-Identifier: AGPL-3.0-or-later
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Arbitrary } from 'fast-check';
import { carryRetired, changesBetween } from '../../src/authority-file/changes.ts';
import { readAuthorityFile } from '../../src/authority-file/read.ts';
import { writeAuthorityFile } from '../../src/authority-file/write.ts';
import * as offices from '../../src/offices/definition.ts';
import type { AuthorityDefinition } from '../../src/offices/definition.ts';
import { addDays, WEEKDAYS } from '../../src/time/day.ts';

const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
const stored = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

const some = <T>(one: Arbitrary<T>, most = 3): Arbitrary<T[]> => fc.array(one, { maxLength: most });
const perhaps = <T>(one: Arbitrary<T>): Arbitrary<T | undefined> => fc.option(one, { nil: undefined });
const among = <T>(all: readonly T[], least = 0): Arbitrary<T[]> => fc.subarray([...all], { minLength: least });

/** Texts that YAML could take for something else, among ordinary ones. */
const TRICKY = [
  'no',
  'null',
  '09:00',
  '2027-01-01',
  '0x1F',
  '1e3',
  '- a',
  'a: b',
  '# x',
  "d'Asti",
  '"x"',
  '{a}',
  '@b',
  '~',
  '%',
  '*',
  '&x',
  '!t',
  '|',
  '>',
  'a #b',
  'à',
  '12',
  '.5',
  '=',
  '<<',
  '`',
];
const line = fc.oneof(
  fc.constantFrom(...TRICKY),
  fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
    .filter((t) => t.trim() === t && t !== '' && !/[\p{Cc}\p{Cs}\u2028\u2029\uFFFD]/u.test(t)),
);
const prose = fc.array(line, { minLength: 1, maxLength: 4 }).map((lines) => lines.join('\n'));
const email = fc.constantFrom('suap@unione.example', 'a.b+c@x.example', '0@unione.example');
const day = fc.integer({ min: 0, max: 3000 }).map((n) => addDays('2026-01-01', n));
const days = fc.tuple(day, day).map((pair) => pair.toSorted());
const ticks = (least: number, most: number): Arbitrary<number> =>
  fc.integer({ min: least / 5, max: most / 5 }).map((n) => n * 5);
const times = fc
  .uniqueArray(ticks(0, 1440), { minLength: 2, maxLength: 2 })
  .map((pair) => pair.toSorted((a, b) => a - b))
  .map(([opens, closes]) => ({ opens: opens!, closes: closes! }));
const span = fc.record({ days: fc.integer({ min: 0, max: 300 }), minutes: fc.integer({ min: 1, max: 3000 }) });
const audience = perhaps(among(offices.AUDIENCES, 1));
const closure = fc.tuple(days, line).map(([[from, through], reason]) => ({ from: from!, through: through!, reason }));
const opening = fc.tuple(day, times, audience).map(([date, time, a]) => ({ date, ...time, audience: a }));
const weekly = fc
  .tuple(among(WEEKDAYS), times, perhaps(days), audience)
  .map(([d, time, valid, a]) => ({ days: d, ...time, validFrom: valid?.[0], validThrough: valid?.[1], audience: a }));

const ids = (most: number): Arbitrary<string[]> =>
  fc.uniqueArray(fc.stringMatching(/^[a-z0-9-]{1,12}$/), { maxLength: most });
const fieldId = fc.stringMatching(/^[a-z][a-z0-9_-]{0,8}$/).filter((id) => id !== 'constructor');

const field = fc
  .record({
    id: fieldId,
    label: line,
    required: fc.boolean(),
    type: fc.constantFrom('text', 'number', 'choice'),
    words: fc.uniqueArray(line, { minLength: 1, maxLength: 3 }),
  })
  .map(({ words, ...f }): offices.Field => ({ ...f, options: f.type === 'choice' ? words : [] }));

const serviceNamed = (id: string): Arbitrary<offices.Service> =>
  fc
    .record({
      name: line,
      description: perhaps(prose),
      duration: ticks(5, 700),
      modes: among(offices.MODES, 1),
      notice: fc.integer({ min: 0, max: 1000 }),
      horizon: fc.oneof(fc.constant(90 * 1440), fc.integer({ min: 1001, max: 500_000 })),
      bufferAfter: ticks(0, 700),
      needs: fc.uniqueArray(line, { maxLength: 3 }),
      openingHours: some(weekly),
      audience: fc.oneof(fc.constant([...offices.AUDIENCES]), among(offices.AUDIENCES, 1)),
      fields: fc.uniqueArray(field, { maxLength: 3, selector: (f) => f.id }),
      limits: perhaps(fc.record({ perPerson: fc.integer({ min: 1, max: 1000 }), per: span })),
      confirmation: fc.constantFrom<'automatic' | 'staff'>('automatic', 'staff'),
      cancelUntil: fc.oneof(fc.constant({ days: 0, minutes: 0 }), span),
      reminders: fc.uniqueArray(span, { maxLength: 3, selector: (d) => JSON.stringify(d) }),
    })
    .chain((s) => video.map((v) => ({ id, ...s, ...v })));

const video: Arbitrary<Pick<offices.Service, 'video' | 'videoUrl'>> = fc.oneof(
  fc.constantFrom(...offices.VIDEO_PROVIDERS.filter((p) => p !== 'url')).map((v) => ({ video: v })),
  fc.nat().map((n) => ({ video: 'url' as const, videoUrl: `https://video.example/${n}` })),
);

const officeNamed = (id: string, towns: readonly string[]): Arbitrary<offices.Office> =>
  ids(3)
    .chain((services) => fc.tuple(...services.map(serviceNamed)))
    .chain((services) =>
      fc
        .record({
          name: line,
          municipality: fc.constantFrom(...towns),
          address: line,
          email: perhaps(email),
          phone: perhaps(line),
          slotStep: ticks(5, 1440),
          openingHours: some(weekly),
          receptionHours: perhaps(some(weekly)),
          openings: some(opening),
          closures: some(closure),
          receptionPatience: fc.oneof(fc.constant(5), ticks(5, 1440)),
          answerWithin: fc.oneof(fc.constant({ days: 3, minutes: 0 }), span),
          calendarDeletion: fc.constantFrom(...offices.CALENDAR_DELETIONS),
          calendarShows: fc.constantFrom(...offices.CALENDAR_SHOWS),
        })
        .map((o) => ({ id, ...o, services })),
    );

const seatAt = (all: readonly offices.Office[]): Arbitrary<offices.Seat> =>
  fc.constantFrom(...all).chain((office) =>
    fc.record({
      office: fc.constant(office.id),
      services: among(office.services.map(({ id }) => id)),
      days: perhaps(among(WEEKDAYS, 1)),
    }),
  );

const calendar: Arbitrary<offices.GoogleCalendar> = fc.oneof(
  fc.record({ id: line, access: fc.constant('service_account' as const), as: perhaps(email) }),
  fc.record({ id: line, access: fc.constant('oauth' as const) }),
);

const counterNamed = (id: string, all: readonly offices.Office[]): Arbitrary<offices.Counter> =>
  fc.record({
    id: fc.constant(id),
    name: line,
    serves: all.length ? some(seatAt(all)) : fc.constant([]),
    googleCalendar: fc.option(calendar),
    staff: perhaps(email),
  });

const grantIn = (all: readonly string[]): Arbitrary<offices.Grant> =>
  fc
    .tuple(fc.boolean(), email, line, fc.constantFrom(...offices.ROLES), all.length ? among(all, 1) : fc.constant([]))
    .map(([byGroup, address, group, role, these]) => {
      const local = role === 'operator' || role === 'head';
      const who = byGroup ? { group } : { email: address };
      return { ...who, role: local && !all.length ? 'privacy' : role, offices: local ? these : [] };
    });

const towns: Arbitrary<offices.Municipality[]> = fc.uniqueArray(
  fc.record({
    id: fc.stringMatching(/^[a-z0-9-]{1,12}$/),
    name: line,
    patronSaint: perhaps(fc.record({ date: fc.constantFrom('05-03', '02-29', 'easter+50'), name: line })),
    hosts: fc.constant([]),
    publicUrl: perhaps(fc.constant('https://prenota.vinchio.example')),
  }),
  { minLength: 1, maxLength: 3, selector: (m) => m.id },
);

const authorities: Arbitrary<AuthorityDefinition> = towns.chain((municipalities) =>
  ids(3)
    .chain((names) =>
      fc.tuple(
        ...names.map((id) =>
          officeNamed(
            id,
            municipalities.map((m) => m.id),
          ),
        ),
      ),
    )
    .chain((all) =>
      ids(3).chain((names) =>
        fc.record({
          id: fc.stringMatching(/^[a-z0-9-]{1,20}$/),
          name: line,
          timeZone: fc.constantFrom('Europe/Rome', 'Atlantic/Azores'),
          hosts: fc.constantFrom([], ['prenota.unione.example', '127.0.0.1']),
          email,
          publicUrl: perhaps(fc.constant('https://prenota.unione.example/base')),
          phone: perhaps(line),
          pec: perhaps(email),
          privacy: perhaps(
            fc.record({ controller: line, dpo: line, keepDays: perhaps(fc.integer({ min: 7, max: 365 })) }),
          ),
          accessibilityUrl: perhaps(fc.constant('https://form.agid.gov.it/view/x')),
          repositoryUrl: perhaps(fc.constant('https://github.com/x/y')),
          closures: some(closure),
          municipalities: fc.constant(municipalities),
          offices: fc.constant(all),
          counters: fc.tuple(...names.map((id) => counterNamed(id, all))),
          staff: fc.uniqueArray(grantIn(all.map(({ id }) => id)), { maxLength: 3, selector: (g) => JSON.stringify(g) }),
        }),
      ),
    ),
);

test('What is written is read again as the same authority, whatever it is', () => {
  fc.assert(
    fc.property(authorities, (definition) => {
      expect(stored(readAuthorityFile(writeAuthorityFile(definition)))).toEqual(stored(definition));
    }),
    { numRuns: 50 },
  );
});

test.each(['examples/unione.yaml', 'test/authority-file/contract.yaml'])(
  'The export of %s, imported, changes nothing',
  (file) => {
    const definition = readAuthorityFile(read(file));
    const again = readAuthorityFile(writeAuthorityFile(definition));
    expect(again).toEqual(definition);
    expect(changesBetween(definition, carryRetired(definition, again))).toEqual(['nothing changed']);
  },
);

test('What is retired is not written', () => {
  const definition = readAuthorityFile(read('examples/unione.yaml'));
  const [first, ...rest] = definition.offices;
  const retired = {
    ...definition,
    offices: [...rest, { ...first!, retired: true }],
    counters: definition.counters.map((c) => ({ ...c, retired: c.serves.some((s) => s.office === first!.id) })),
  };
  const again = readAuthorityFile(writeAuthorityFile(retired));
  expect(again.offices.map(({ id }) => id)).toEqual(rest.map(({ id }) => id));
  expect(again.counters).not.toHaveLength(definition.counters.length);
});

test('A person can read it: hours in a row, lengths in ISO 8601, nothing that goes without saying', () => {
  const text = writeAuthorityFile(readAuthorityFile(read('examples/unione.yaml')));
  expect(text).toContain("      - { days: [ mon, tue, wed, thu, fri ], opens: '09:00', closes: '13:00' }\n");
  expect(text).toContain('    slot_step: PT30M\n');
  expect(text).toContain('        notice: P1D\n');
  expect(text).not.toMatch(/horizon: P90D|confirmation: automatic|retired|google_calendar: null/);
});
