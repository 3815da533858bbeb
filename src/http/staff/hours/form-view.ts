// SPDX-License-Identifier: AGPL-3.0-or-later
import { rowsIn, type Typed } from './form.ts';
import { entriesOf, isRows, type Entry, type Rows, type Blank } from './blank.ts';

interface Told {
  readonly name: string;
  readonly text: string;
}

const idOf = (name: string): string => name.replaceAll('.', '-') || 'modulo';

const valueOf = ({ kind }: Entry, value: string | readonly string[]) =>
  kind === 'many' && typeof value === 'string' ? [value] : value;

/** What a field is called in the list of what is wrong. */
function labelOf(blank: Blank, name: string): string {
  for (const part of entriesOf(blank)) {
    if (!isRows(part) && part.key === name) return part.label;
    const entry =
      isRows(part) && part.entries.find(({ key }) => name.startsWith(`${part.rows}.`) && name.endsWith(`.${key}`));
    if (isRows(part) && entry) return `${part.title}, ${entry.label}`;
  }
  return '';
}

/** A form as its template shows it: every field with its value and what is wrong with it. */
export function formView(blank: Blank, typed: Typed, told: readonly Told[]) {
  const entry = (e: Entry, name: string) => ({
    ...e,
    name,
    id: idOf(name),
    value: valueOf(e, typed[name] ?? ''),
    wrong: told.find((p) => p.name === name)?.text ?? null,
  });
  const rows = (part: Rows) => ({
    ...part,
    items: rowsIn(typed, part).map((i) => ({
      name: `${part.rows}.${i}`,
      entries: part.entries.map((e) => entry(e, `${part.rows}.${i}.${e.key}`)),
    })),
  });
  return {
    sections: blank.map(({ title, parts }) => ({
      title,
      parts: parts.map((part) =>
        isRows(part) ? { ...rows(part), isRows: true } : { ...entry(part, part.key), isRows: false },
      ),
    })),
    problems: told.map(({ name, text }) => ({
      id: idOf(name),
      text: [labelOf(blank, name), text].filter(Boolean).join(': '),
    })),
  };
}
