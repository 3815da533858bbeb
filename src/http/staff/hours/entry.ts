// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Data } from '../../../authority-file/file-data.ts';
import type { Say } from '../../page.ts';
import { readLength, sayLength } from './lengths.ts';
import type { Entry } from './blank.ts';

type Field = string | readonly string[];

/** A value of the file as its field shows it. */
export function showEntry({ kind, usual }: Entry, value: Data | undefined, t: Say): Field {
  const there = value ?? usual ?? '';
  if (kind === 'many') return textsOf(there);
  if (kind === 'lines') return textsOf(there).join('\n');
  if (kind === 'lengths')
    return lengthsIn(there)
      .map((length) => sayLength(length, t))
      .join(', ');
  if (kind === 'length') return sayLength(oneOf(there), t);
  if (kind === 'yearly') return oneOf(there).replace(/^(\d\d)-(\d\d)$/, '$2/$1');
  if (kind === 'flag') return there === true ? 'yes' : '';
  return oneOf(there);
}

/**
 * What a field says as the file writes it; nothing for a field left empty.
 * @param before what the file said: the same choices stay in its order
 */
export function readEntry({ kind, usual }: Entry, field: Field | undefined, before?: Data): Data | undefined {
  if (kind === 'many') return chosenIn(field, usual, before);
  const text = oneOf(field ?? '')
    .replaceAll('\r\n', '\n')
    .trim();
  if (kind === 'flag') return text === 'yes';
  if (kind === 'lengths') return partsOf(text, /[,;\n]/).map(readLength);
  if (!text) return undefined;
  if (kind === 'lines') return partsOf(text, '\n');
  if (kind === 'length') return readLength(text);
  if (kind === 'time') return readTime(text);
  if (kind === 'yearly')
    return text.replace(/^(\d\d?)[/.](\d\d?)$/, (_, day: string, month: string) => inFile(month, day));
  if (kind === 'number') return /^\d{1,9}$/.test(text) ? Number(text) : text;
  return text;
}

/** What is usual goes without saying: hours for everyone name nobody. */
function chosenIn(field: Field | undefined, usual: Field | undefined, before?: Data): Data | undefined {
  const chosen = textsOf(field ?? []).filter(Boolean);
  if (isSame(chosen, before)) return before;
  return isSame(chosen, usual) ? undefined : chosen;
}

const isSame = (chosen: readonly string[], other: Data | undefined): boolean =>
  other !== undefined && chosen.toSorted().join() === textsOf(other).toSorted().join();

/** `9`, `9.30` and `0930` are what people write. */
const readTime = (text: string): string =>
  text
    .replace(/^(\d\d?)$/, '$1:00')
    .replace(/^(\d\d?)[.,h ]?(\d\d)$/, '$1:$2')
    .padStart(5, '0');

const inFile = (month: string, day: string): string => `${month.padStart(2, '0')}-${day.padStart(2, '0')}`;

const partsOf = (text: string, between: string | RegExp): string[] =>
  text
    .split(between)
    .map((part) => part.trim())
    .filter(Boolean);

/** A list of the file, or the usual one as it is written in one text. */
const lengthsIn = (value: Data | readonly string[]): string[] =>
  typeof value === 'string' ? partsOf(value, ',') : textsOf(value);

const textsOf = (value: Data | readonly string[]): string[] =>
  (Array.isArray(value) ? value : value === '' ? [] : [value]).map((one) => String(one));

const oneOf = (value: Data | readonly string[]): string => textsOf(value).at(-1) ?? '';
