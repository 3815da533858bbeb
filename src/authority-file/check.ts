// SPDX-License-Identifier: AGPL-3.0-or-later
import type { z } from 'zod';
import type { AuthorityDefinition } from '../offices/definition.ts';
import { checkNames } from './names.ts';
import type { Path } from './problem.ts';
import { authorityFile } from './schema.ts';
import { sentenceFor } from './sentences.ts';

/** What is wrong at one place of the data of an authority file. */
export interface DataProblem {
  readonly path: Path;
  /** An English sentence for the person who wrote it. */
  readonly detail: string;
  /** The key itself is wrong, not its value. */
  readonly isKey?: true;
}

export type Checked = { readonly definition: AuthorityDefinition } | { readonly problems: readonly DataProblem[] };

/** The data of an authority file as a definition, what is absent filled in, or everything that is wrong with it. */
export function checkAuthority(data: unknown): Checked {
  const result = authorityFile.safeParse(data, { error: sentenceFor });
  const problems = (result.error?.issues ?? []).flatMap(problemsOf);
  checkNames(data, (path, detail) => problems.push({ path, detail }));
  return result.success && !problems.length ? { definition: result.data } : { problems };
}

function problemsOf(issue: z.core.$ZodIssue): DataProblem[] {
  const path: Path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  if (issue.code !== 'unrecognized_keys') return [{ path, detail: issue.message }];
  return issue.keys.map((key) => ({
    path: [...path, key],
    detail: `The key "${key.slice(0, 80)}" is not known here.`,
    isKey: true,
  }));
}
