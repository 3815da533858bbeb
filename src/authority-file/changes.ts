// SPDX-License-Identifier: AGPL-3.0-or-later
import { isDeepStrictEqual } from 'node:util';
import type { AuthorityDefinition, Counter, Office, Service } from '../offices/definition.ts';

const NOTHING_CHANGED = 'nothing changed';

interface Named {
  readonly id: string;
  readonly retired?: boolean;
}

/** What an import changes, one plain line a change; a single line says so when it changes nothing. */
export function changesBetween(old: AuthorityDefinition | null, now: AuthorityDefinition): string[] {
  if (!old) return [`authority ${now.id} added: ${countOf(now)}`];
  const { municipalities: towns, offices: places, counters: desks, ...before } = old;
  const { municipalities, offices, counters, ...after } = now;
  const changes = [
    ...keysChanged('authority', before, after),
    ...listChanges('municipality', towns, municipalities, 'removed'),
    ...listChanges('office', places, offices, KEPT),
    ...offices.flatMap((office) => serviceChanges(living(places).find(sameId(office)), office)),
    ...listChanges('counter', desks, counters, KEPT),
  ];
  return changes.length ? changes : [NOTHING_CHANGED];
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

const KEPT = 'removed (kept for its bookings)';

const sameId =
  ({ id }: Named) =>
  (other: Named): boolean =>
    other.id === id;

const living = <T extends Named>(things: readonly T[]): T[] => things.filter((t) => !t.retired);

const withVanished = <T extends Named>(old: readonly T[], now: readonly T[]): T[] => [
  ...now,
  ...old.filter((t) => !now.some(sameId(t))).map((t) => ({ ...t, retired: true })),
];

function serviceChanges(old: Office | undefined, now: Office): string[] {
  return old && !now.retired ? listChanges(`service ${now.id}/`, old.services, now.services, KEPT) : [];
}

function listChanges(kind: string, all: readonly Named[], next: readonly Named[], gone: string): string[] {
  const [old, now] = [living(all), living(next)];
  const called = ({ id }: Named) => `${kind}${kind.endsWith('/') ? '' : ' '}${id}`;
  const order = (things: Named[], others: Named[]) => things.filter((t) => others.some(sameId(t))).map(({ id }) => id);
  return [
    ...now.flatMap((t) => {
      const before = old.find(sameId(t));
      return before ? keysChanged(called(t), before, t) : [`${called(t)} ${all.some(sameId(t)) ? 'is back' : 'added'}`];
    }),
    ...old.filter((t) => !now.some(sameId(t))).map((t) => `${called(t)} ${gone}`),
    ...(isDeepStrictEqual(order(old, now), order(now, old)) ? [] : [`${kind.replace('/', '')} order changed`]),
  ];
}

/** A change of services is told service by service. */
function keysChanged(whose: string, old: object, now: object): string[] {
  const before = new Map(Object.entries(old));
  const after = new Map(Object.entries(now));
  const keys = [...new Set([...after.keys(), ...before.keys()])].filter((key) => key !== 'services');
  return keys
    .filter((key) => !isDeepStrictEqual(plain(before.get(key)), plain(after.get(key))))
    .map((key) => `${whose}: ${inTheFile(key)} changed`);
}

/** As it comes back from the database, where a key without a value is no key. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const given = Object.entries(value).filter(([, v]) => v !== undefined);
  return Object.fromEntries(given.map(([key, v]) => [key, plain(v)]));
}

const inTheFile = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const countOf = ({ municipalities, offices, counters }: AuthorityDefinition): string =>
  `${municipalities.length} municipalities, ${offices.length} offices, ` +
  `${offices.flatMap((o) => o.services).length} services, ${counters.length} counters`;
