// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Chance } from './chance.ts';

/** Digits and capitals that cannot be mistaken for each other when read aloud: no 0/O, no 1/I. 32 of them. */
const ALPHABET = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';
const LENGTH = 7;

/** Random: 32^7 are 34 thousand million, and knowing one opens nothing without its token. */
export const newReference = (chance: Chance): string =>
  Array.from(chance.bytes(LENGTH), (byte) => ALPHABET[byte % ALPHABET.length]).join('');

/** As it is shown: `7K4 M9QX`. */
export const spaced = (reference: string): string => `${reference.slice(0, 3)} ${reference.slice(3)}`;

/** As it was typed by a person: any case, spaces and hyphens. */
export const normalised = (typed: string): string => typed.replace(/[\s-]/g, '').toUpperCase();
