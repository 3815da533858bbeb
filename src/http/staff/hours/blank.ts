// SPDX-License-Identifier: AGPL-3.0-or-later

/** What a field of a form asks for. `lines` has one thing a line, `length` and `lengths` are said in words. */
export type EntryKind =
  | 'text'
  | 'email'
  | 'area'
  | 'lines'
  | 'time'
  | 'day'
  | 'yearly'
  | 'length'
  | 'lengths'
  | 'number'
  | 'choice'
  | 'many'
  | 'flag'
  | 'hidden';

export interface Option {
  readonly value: string;
  /** Already in the visitor's language. */
  readonly text: string;
}

/** One field of a form, as a key of the authority file. */
export interface Entry {
  /** Dotted where the file nests: `limits.per_person`. */
  readonly key: string;
  readonly kind: EntryKind;
  readonly label: string;
  readonly hint?: string;
  readonly required?: boolean;
  readonly options?: readonly Option[];
  /** What an absent key means, as the form shows it. */
  readonly usual?: string | readonly string[];
}

/** A list of the file, a row each. */
export interface Rows {
  readonly rows: string;
  readonly title: string;
  readonly hint?: string;
  /** What adds a row; without it their number is fixed. */
  readonly add?: string;
  readonly entries: readonly Entry[];
}

export interface Section {
  readonly title: string;
  readonly hint?: string;
  readonly parts: readonly (Entry | Rows)[];
}

/** A form before it is filled in: it edits one part of an authority file. */
export type Blank = readonly Section[];

export const isRows = (part: Entry | Rows): part is Rows => 'rows' in part;
export const entriesOf = (blank: Blank): (Entry | Rows)[] => blank.flatMap((section) => section.parts);
