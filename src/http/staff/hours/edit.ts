// SPDX-License-Identifier: AGPL-3.0-or-later
import type {
  AuthorityData,
  CounterData,
  Data,
  Keys,
  OfficeData,
  Part,
  SeatData,
} from '../../../authority-file/file-data.ts';
import type { Day } from '../../../time/day.ts';
import { isKeys, isList } from './form.ts';
import { freshId } from './fresh-id.ts';
import type { Target } from './target.ts';

/** A whole authority with one part of it edited, and where in it that part now is. */
export interface Edited {
  readonly data: AuthorityData;
  readonly path: readonly (string | number)[];
}

/** @param keys what its form says; the keys that the form does not ask for stay as they are */
export function edited(data: AuthorityData, target: Target, keys: Keys): Edited {
  switch (target.kind) {
    case 'office':
      return withOffice(data, target.office, (office) => ({ ...office, ...officeKeys(keys) }));
    case 'service':
      return withService(data, target, keys);
    case 'counter':
      return withCounter(data, target.id, keys);
    case 'authority':
      return withAuthority(data, keys);
    default:
      return closed(data, keys);
  }
}

/** The same without a service, which no counter then gives, or without a counter. */
export function without(data: AuthorityData, target: Target): AuthorityData {
  if (target.kind === 'counter') return { ...data, counters: data.counters.filter(({ id }) => id !== target.id) };
  if (target.kind !== 'service') return data;
  const isGiven = (seat: SeatData, id: string) => seat.office !== target.office || id !== target.id;
  const counters = data.counters.map((counter) => ({
    ...counter,
    serves: counter.serves
      .map((seat) => ({ ...seat, services: seat.services.filter((id) => isGiven(seat, id)) }))
      .filter((seat) => seat.services.length > 0),
  }));
  const removed = (office: OfficeData) => ({
    ...office,
    services: office.services.filter(({ id }) => id !== target.id),
  });
  return { ...withOffice(data, target.office, removed).data, counters };
}

function officeKeys({ reception, reception_hours, ...keys }: Keys): Keys {
  return { ...keys, reception_hours: reception === 'own' ? reception_hours : undefined };
}

function withOffice(data: AuthorityData, id: string, edit: (office: OfficeData) => OfficeData): Edited {
  const at = data.offices.findIndex((office) => office.id === id);
  return { data: { ...data, offices: data.offices.map((o, i) => (i === at ? edit(o) : o)) }, path: ['offices', at] };
}

function withService(data: AuthorityData, target: Extract<Target, { kind: 'service' }>, keys: Keys): Edited {
  const office = data.offices.find(({ id }) => id === target.office);
  const { list, at } = put(office?.services ?? [], target.id, serviceKeys(keys));
  const { data: next, path } = withOffice(data, target.office, (o) => ({ ...o, services: list }));
  return { data: next, path: [...path, 'services', at] };
}

/** An address counts for a fixed room only. */
const serviceKeys = ({ video, video_url: url = '', ...keys }: Keys): Keys => ({
  ...keys,
  video: video === 'url' ? { url } : video,
  fields: questions(keys['fields']),
});

/** A new question is named after its label. */
function questions(rows: Data | undefined): Keys[] {
  const named: Part[] = [];
  for (const row of rowsOf(rows)) {
    const id = textOf(row['id']) || freshId(textOf(row['label']), named, '_');
    named.push({ ...row, id, options: row['type'] === 'choice' ? row['options'] : undefined });
  }
  return named;
}

function withCounter(data: AuthorityData, id: string | null, keys: Keys): Edited {
  const serves = rowsOf(keys['serves']).flatMap(seatsOf);
  const { list, at } = put<CounterData>(data.counters, id, { ...keys, serves });
  return { data: { ...data, counters: list }, path: ['counters', at] };
}

/** A row names services of several offices: the file has a seat for each. */
function seatsOf({ services, days }: Keys): SeatData[] {
  const pairs = listOf(services).map((value) => textOf(value).split('/'));
  const offices = [...new Set(pairs.map(([office = '']) => office))];
  return offices.map((office) => ({
    office,
    services: pairs.filter(([at]) => at === office).map(([, service = '']) => service),
    days,
  }));
}

/** Replaced where it is, or added at the end under an id made of its name. */
function put<P extends Part>(list: readonly P[], id: string | null, keys: Omit<P, 'id'> | Keys) {
  const at = list.findIndex((one) => one.id === id);
  if (at >= 0) return { list: list.map((one, i): P => (i === at ? { ...one, ...keys } : one)), at };
  const added = { ...keys, id: freshId(textOf(keys['name']), list, '-') } as P;
  return { list: [...list, added], at: list.length };
}

function withAuthority(data: AuthorityData, keys: Keys): Edited {
  const towns = rowsOf(keys['municipalities']);
  const municipalities = data.municipalities.map((town) => ({ ...town, ...towns.find(({ id }) => id === town.id) }));
  return { data: { ...data, authority: { ...data.authority, closures: keys['closures'] }, municipalities }, path: [] };
}

/** Everywhere; an id of an office cannot be this. */
export const EVERYWHERE = '*';

/** A closure gives way to an extraordinary opening, so those of its days go with it. */
function closed(data: AuthorityData, keys: Keys): Edited {
  const from = textOf(keys['from']);
  const through = textOf(keys['through']) || from;
  const closure = { from: keys['from'], through, reason: keys['reason'] };
  const shut = (office: OfficeData): OfficeData => ({
    ...office,
    openings: rowsOf(office['openings']).filter(({ date }) => !isWithin(textOf(date), from, through)),
  });
  const office = textOf(keys['office']);
  if (office === EVERYWHERE) return closedEverywhere({ ...data, offices: data.offices.map(shut) }, closure);
  const before = rowsOf(data.offices.find(({ id }) => id === office)?.['closures']);
  const next = withOffice(data, office, (o) => ({ ...shut(o), closures: [...before, closure] }));
  return { data: next.data, path: [...next.path, 'closures', before.length] };
}

function closedEverywhere(data: AuthorityData, closure: Keys): Edited {
  const before = rowsOf(data.authority['closures']);
  const authority = { ...data.authority, closures: [...before, closure] };
  return { data: { ...data, authority }, path: ['authority', 'closures', before.length] };
}

const isWithin = (day: Day, from: Day, through: Day): boolean => from <= day && day <= through;
const listOf = (value: Data | undefined): readonly Data[] => (isList(value) ? value : []);
const rowsOf = (value: Data | undefined): Keys[] => listOf(value).filter(isKeys);
const textOf = (value: Data | undefined): string => (typeof value === 'string' ? value : '');
