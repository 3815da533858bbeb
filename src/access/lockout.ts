// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Millis } from '../time/clock.ts';

/** So many wrong passwords cost nothing. */
const FREE = 4;
const MINUTE: Millis = 60_000;
const LONGEST: Millis = 60 * MINUTE;

/** How long an account answers nobody after so many wrong passwords in a row: from the fifth 1, 2, 4… minutes, at most an hour. */
export const lockFor = (failures: number): Millis =>
  failures <= FREE ? 0 : Math.min(LONGEST, MINUTE * 2 ** Math.min(failures - FREE - 1, 6));
