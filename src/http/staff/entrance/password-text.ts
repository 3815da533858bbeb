// SPDX-License-Identifier: AGPL-3.0-or-later
import { z } from 'zod';

/** Longer than any password we take, and short enough to be hashed. */
const LONGEST = 1000;

/** A password as it was typed, blanks and all; empty when there is none. */
export const password = z
  .string()
  .max(LONGEST)
  .transform((typed) => typed.toWellFormed())
  .catch('');
