// SPDX-License-Identifier: AGPL-3.0-or-later
import { readAuthorityFile } from '../src/authority-file/read.ts';
import type { AuthorityDefinition } from '../src/offices/definition.ts';

/** A Monday: the clock of every app that is measured starts here. */
export const START = '2027-03-01T07:00:00+01:00';
export const FIRST_DAY = '2027-03-01';

/** What the benchmarks ask for: each service is given at the office of the same name, at counters of its own. */
export const SERVICES = { agenda: 'agenda', open: 'open', rush: 'rush' } as const;

const ALL_WEEK = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const WORKING_DAYS = ALL_WEEK.slice(0, 5);
const COUNTERS = { agenda: 8, open: 8, rush: 5 };

/** An ordinary week: some three hundred half hours in thirty days. */
const agenda = [
  { days: WORKING_DAYS, opens: '09:00', closes: '13:00' },
  { days: WORKING_DAYS, opens: '14:00', closes: '17:00' },
];
/** Never shut, so that every booking of a run can have a start of its own. */
const open = [{ days: ALL_WEEK, opens: '00:00', closes: '24:00' }];
/** Five days of twelve half hours at five counters: 300 places. */
const week = { valid_from: '2027-03-08', valid_through: '2027-03-12' };
const rush = [{ days: WORKING_DAYS, opens: '08:00', closes: '14:00', ...week }];

const officeOf = (id: string, hours: object[]) => ({
  id,
  name: id,
  municipality: 'comune',
  address: 'Piazza 1',
  slot_step: 'PT30M',
  opening_hours: hours,
  openings: [],
  closures: [],
  services: [{ id, name: id, duration: 'PT30M', horizon: 'P365D' }],
});

const countersOf = (id: keyof typeof COUNTERS) =>
  Array.from({ length: COUNTERS[id] }, (_, i) => ({
    id: `${id}-${i + 1}`,
    name: `${id} ${i + 1}`,
    serves: [{ office: id, services: [id] }],
  }));

/** As a file: JSON is YAML too. */
export const authorityFile = (): string =>
  JSON.stringify({
    authority: {
      id: 'bench',
      name: 'Bench',
      time_zone: 'Europe/Rome',
      hosts: ['localhost'],
      email: 'bench@unione.example',
    },
    municipalities: [{ id: 'comune', name: 'Comune' }],
    offices: [officeOf('agenda', agenda), officeOf('open', open), officeOf('rush', rush)],
    counters: [...countersOf('agenda'), ...countersOf('open'), ...countersOf('rush')],
  });

export const definition = (): AuthorityDefinition => readAuthorityFile(authorityFile());
