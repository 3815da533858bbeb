// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Day } from '../../../time/day.ts';
import { rowsIn, type Typed } from './form.ts';
import { entriesOf, isRows, type Entry, type Rows, type Blank } from './blank.ts';

type SayDay = (day: Day) => string;

/** One field or list that becomes another; a list tells only the rows that go and the rows that come. */
export interface FieldChange {
  readonly label: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** What an edit changes, in the words of its form. @param sayDay how a day is said */
export function changesIn(blank: Blank, before: Typed, after: Typed, sayDay: SayDay): FieldChange[] {
  return entriesOf(blank).flatMap((part) => {
    const [old, now] = isRows(part)
      ? rowChange(part, before, after, sayDay)
      : [[saidOf(part, before, '', sayDay)], [saidOf(part, after, '', sayDay)]];
    const label = isRows(part) ? part.title : part.label;
    return old.join('\n') === now.join('\n')
      ? []
      : [{ label, before: old.filter(Boolean), after: now.filter(Boolean) }];
  });
}

function rowChange(part: Rows, before: Typed, after: Typed, sayDay: SayDay): [string[], string[]] {
  const [old, now] = [before, after].map((typed) => rowsIn(typed, part).map((i) => rowSaid(part, typed, i, sayDay)));
  return [old!.filter((row) => !now!.includes(row)), now!.filter((row) => !old!.includes(row))];
}

/** `lun, mar · 09:00–13:00`. */
const rowSaid = (part: Rows, typed: Typed, i: number, sayDay: SayDay): string =>
  part.entries
    .filter(({ kind }) => kind !== 'hidden')
    .map((entry) => ({ said: saidOf(entry, typed, `${part.rows}.${i}.`, sayDay), key: entry.key }))
    .filter(({ said }) => said)
    .map(({ said, key }, n) => (n === 0 ? said : `${key === 'closes' ? '–' : ' · '}${said}`))
    .join('');

function saidOf({ key, kind, label, options, usual }: Entry, typed: Typed, before: string, sayDay: SayDay): string {
  const value = typed[before + key] ?? '';
  const values = typeof value === 'string' ? [value] : value;
  // Hours for everyone need not say so.
  if (before && kind === 'many' && usual !== undefined && values.length === usual.length) return '';
  if (kind === 'day') return values[0] ? sayDay(values[0]) : '';
  if (kind === 'flag') return value === 'yes' ? label : '';
  return values.map((one) => options?.find((o) => o.value === one)?.text ?? one).join(', ');
}
