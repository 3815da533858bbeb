// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Language } from '../bookings/booking.ts';
import english from '../../templates/letters/en.json' with { type: 'json' };
import italian from '../../templates/letters/it.json' with { type: 'json' };

/** What the letters and invites say; the compiler holds both languages to the same keys. */
export type Words = typeof italian;

export const WORDS: Readonly<Record<Language, Words>> = { it: italian, en: english };

/** Puts values in the `{places}` of a sentence. @throws Error when one has no value. */
export function fill(sentence: string, values: Readonly<Record<string, string | number>>): string {
  return sentence.replace(/\{(\w+)\}/g, (_, place: string) => {
    const value = values[place];
    if (value === undefined) throw new Error(`nothing to put in {${place}} of: ${sentence}`);
    return String(value);
  });
}
