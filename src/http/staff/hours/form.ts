// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Data, Keys } from '../../../authority-file/file-data.ts';
import type { Say } from '../../page.ts';
import { readEntry, showEntry } from './entry.ts';
import { entriesOf, isRows, type Entry, type Rows, type Blank } from './blank.ts';

/** What stands in the fields of a form, by name: `opening_hours.0.days`. */
export type Typed = Readonly<Record<string, string | readonly string[]>>;

/** The fields as the file has them. */
export function typedOf(blank: Blank, data: Keys, t: Say): Typed {
  const typed: Record<string, string | readonly string[]> = {};
  const show = (entries: readonly Entry[], from: Data | undefined, before: string) => {
    for (const entry of entries) typed[before + entry.key] = showEntry(entry, at(from, entry.key), t);
  };
  for (const part of entriesOf(blank)) {
    if (!isRows(part)) show([part], data, '');
    else listAt(data, part.rows).forEach((row, i) => show(part.entries, row, `${part.rows}.${i}.`));
  }
  return typed;
}

/** The part of the file that the fields say, where it said something `before`. */
export function keysOf(blank: Blank, typed: Typed, before: Keys): Keys {
  const keys: Record<string, Data | undefined> = {};
  for (const part of entriesOf(blank)) {
    if (isRows(part))
      keys[part.rows] = rowsIn(typed, part).map((i) => rowAt(part, typed, i, listAt(before, part.rows)[i]));
    else put(keys, part.key, readEntry(part, typed[part.key], at(before, part.key)));
  }
  return keys;
}

const rowAt = (part: Rows, typed: Typed, i: number, before: Data | undefined): Keys => {
  const row: Record<string, Data | undefined> = {};
  for (const entry of part.entries)
    put(row, entry.key, readEntry(entry, typed[`${part.rows}.${i}.${entry.key}`], at(before, entry.key)));
  return row;
};

/** The fields of a form that was sent, with its rows counted anew from 0 and those left empty gone. */
export function tidied(blank: Blank, sent: Typed): Typed {
  const typed: Record<string, string | readonly string[]> = {};
  for (const part of entriesOf(blank)) {
    if (!isRows(part)) typed[part.key] = sent[part.key] ?? '';
    else
      rowsIn(sent, part)
        .filter((i) => isFilled(part, sent, i))
        .forEach((i, to) => {
          for (const { key } of part.entries)
            typed[`${part.rows}.${to}.${key}`] = sent[`${part.rows}.${i}.${key}`] ?? '';
        });
  }
  return typed;
}

/** One more row, empty but for what is usual. */
export function withRow(typed: Typed, part: Rows, t: Say): Typed {
  const next = Math.max(-1, ...rowsIn(typed, part)) + 1;
  const fresh = part.entries.map((entry): [string, string | readonly string[]] => [
    `${part.rows}.${next}.${entry.key}`,
    showEntry(entry, undefined, t),
  ]);
  return { ...typed, ...Object.fromEntries(fresh) };
}

export const withoutRow = (typed: Typed, rows: string, i: number): Typed =>
  Object.fromEntries(Object.entries(typed).filter(([name]) => !name.startsWith(`${rows}.${i}.`)));

/** The numbers of the rows there are. */
export function rowsIn(typed: Typed, { rows }: Pick<Rows, 'rows'>): number[] {
  const numbers = Object.keys(typed).flatMap((name) => {
    const [, i] = name.startsWith(`${rows}.`) ? (/^\.(\d{1,3})\./.exec(name.slice(rows.length)) ?? []) : [];
    return i === undefined ? [] : [Number(i)];
  });
  return [...new Set(numbers)].sort((a, b) => a - b);
}

/** What a person wrote or chose; what is chosen to begin with is no sign of a wish. */
function isFilled(part: Rows, typed: Typed, i: number): boolean {
  return part.entries.some(({ key, kind, usual }) => {
    const value = typed[`${part.rows}.${i}.${key}`] ?? '';
    return usual === undefined && kind !== 'flag' && value.length > 0;
  });
}

/** The value under a dotted key. */
function at(data: Data | undefined, key: string): Data | undefined {
  return key.split('.').reduce<Data | undefined>((value, step) => (isKeys(value) ? value[step] : undefined), data);
}

const listAt = (data: Keys, key: string): readonly Data[] => {
  const value = data[key];
  return isList(value) ? value : [];
};

function put(keys: Record<string, Data | undefined>, key: string, value: Data | undefined): void {
  const [first = '', second] = key.split('.');
  if (second === undefined) keys[first] = value;
  else if (value !== undefined) keys[first] = { ...keysIn(keys[first]), [second]: value };
  else keys[first] ??= undefined;
}

const keysIn = (value: Data | undefined): Keys => (isKeys(value) ? value : {});
export const isList = (value: Data | undefined): value is readonly Data[] => Array.isArray(value);
export const isKeys = (value: Data | undefined): value is Keys =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
