// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Model, Person } from './model.ts';

export function differences(written: ReadonlyMap<string, Person>, expected: Model['people']): string[] {
  return [...new Set([...written.keys(), ...expected.keys()])].flatMap((key) => {
    const [is, should] = [written.get(key), expected.get(key)].map((person) => JSON.stringify(sorted(person)));
    return is === should ? [] : [`${key} is written as ${is}\n  not as ${should}`];
  });
}

const sorted = (person?: Person): unknown =>
  person && Object.fromEntries(Object.entries(person).sort(([a], [b]) => (a < b ? -1 : 1)));

export function same(what: string, is: unknown, should: unknown): void {
  if (JSON.stringify(is) !== JSON.stringify(should))
    throw new Error(`${what} is ${JSON.stringify(is)}, not ${JSON.stringify(should)}`);
}

export function orders<T>(all: readonly T[]): T[][] {
  if (all.length < 2) return [[...all]];
  return all.flatMap((one, i) => orders(all.toSpliced(i, 1)).map((rest) => [one, ...rest]));
}
