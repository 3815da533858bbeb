// SPDX-License-Identifier: AGPL-3.0-or-later
import { isDeepStrictEqual } from 'node:util';
import type { AuthorityDefinition, Counter, Office, Service } from '../offices/definition.ts';

const NOTHING_CHANGED = 'nothing changed';

interface Named {
  readonly id: string;
  readonly retired?: boolean;
}

type Kind = 'authority' | 'municipality' | 'office' | 'service' | 'counter';

/** One thing that is otherwise in a later definition; `id` is `office/service` for a service, empty for the authority. */
export interface Difference {
  readonly kind: Kind;
  readonly id: string;
  readonly what: 'changed' | 'added' | 'back' | 'removed' | 'order';
  /** The key that changed, as the file names it. */
  readonly key?: string;
}

/** What an import changes, one plain line a change; a single line says so when it changes nothing. */
export function changesBetween(old: AuthorityDefinition | null, now: AuthorityDefinition): string[] {
  if (!old) return [`authority ${now.id} added: ${countOf(now)}`];
  const changes = differencesBetween(old, now).map(say);
  return changes.length ? changes : [NOTHING_CHANGED];
}

/** What is otherwise in `now`; what is retired counts as removed. */
export function differencesBetween(old: AuthorityDefinition, now: AuthorityDefinition): Difference[] {
  const { municipalities: towns, offices: places, counters: desks, ...before } = old;
  const { municipalities, offices, counters, ...after } = now;
  return [
    ...keysChanged({ kind: 'authority', id: '' }, before, after),
    ...listChanges('municipality', '', towns, municipalities),
    ...listChanges('office', '', places, offices),
    ...offices.flatMap((office) => serviceChanges(living(places).find(sameId(office)), office)),
    ...listChanges('counter', '', desks, counters),
  ];
}

/**
 * The new definition with what vanished from the file kept at the end of its list, marked retired, so that bookings
 * already made keep their names. What comes back is no longer retired.
 */
export function carryRetired(old: AuthorityDefinition | null, now: AuthorityDefinition): AuthorityDefinition {
  if (!old) return now;
  const offices = now.offices.map((office): Office => {
    const before = old.offices.find(sameId(office));
    return { ...office, services: withVanished<Service>(before?.services ?? [], office.services) };
  });
  return {
    ...now,
    offices: withVanished<Office>(old.offices, offices),
    counters: withVanished<Counter>(old.counters, now.counters),
  };
}

function say({ kind, id, what, key }: Difference): string {
  if (kind === 'authority') return `authority: ${key} changed`;
  const gone = kind === 'municipality' ? 'removed' : 'removed (kept for its bookings)';
  const said = {
    changed: `: ${key} changed`,
    added: ' added',
    back: ' is back',
    removed: ` ${gone}`,
    order: ' order changed',
  };
  return `${kind}${id && ` ${id}`}${said[what]}`;
}

const sameId =
  ({ id }: Named) =>
  (other: Named): boolean =>
    other.id === id;

const living = <T extends Named>(things: readonly T[]): T[] => things.filter((t) => !t.retired);

const withVanished = <T extends Named>(old: readonly T[], now: readonly T[]): T[] => [
  ...now,
  ...old.filter((t) => !now.some(sameId(t))).map((t) => ({ ...t, retired: true })),
];

function serviceChanges(old: Office | undefined, now: Office): Difference[] {
  return old && !now.retired ? listChanges('service', `${now.id}/`, old.services, now.services) : [];
}

function listChanges(kind: Kind, within: string, all: readonly Named[], next: readonly Named[]): Difference[] {
  const [old, now] = [living(all), living(next)];
  const of = ({ id }: Named): Pick<Difference, 'kind' | 'id'> => ({ kind, id: within + id });
  const order = (things: Named[], others: Named[]) => things.filter((t) => others.some(sameId(t))).map(({ id }) => id);
  return [
    ...now.flatMap((t): Difference[] => {
      const before = old.find(sameId(t));
      return before ? keysChanged(of(t), before, t) : [{ ...of(t), what: all.some(sameId(t)) ? 'back' : 'added' }];
    }),
    ...old.filter((t) => !now.some(sameId(t))).map((t): Difference => ({ ...of(t), what: 'removed' })),
    ...(isDeepStrictEqual(order(old, now), order(now, old))
      ? []
      : [{ kind, id: within.slice(0, -1), what: 'order' } as const]),
  ];
}

/** A change of services is told service by service. */
function keysChanged(whose: Pick<Difference, 'kind' | 'id'>, old: object, now: object): Difference[] {
  const before = new Map(Object.entries(old));
  const after = new Map(Object.entries(now));
  const keys = [...new Set([...after.keys(), ...before.keys()])].filter((key) => key !== 'services');
  const changed = keys.filter((key) => !isDeepStrictEqual(plain(before.get(key)), plain(after.get(key))));
  return [...new Set(changed.map(inTheFile))].map((key) => ({ ...whose, what: 'changed', key }));
}

/** As it comes back from the database, where a key without a value is no key. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const given = Object.entries(value).filter(([, v]) => v !== undefined);
  return Object.fromEntries(given.map(([key, v]) => [key, plain(v)]));
}

/** The address of a room stands under `video`. */
const inTheFile = (key: string): string =>
  key === 'videoUrl' ? 'video' : key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const countOf = ({ municipalities, offices, counters }: AuthorityDefinition): string =>
  `${municipalities.length} municipalities, ${offices.length} offices, ` +
  `${offices.flatMap((o) => o.services).length} services, ${counters.length} counters`;
