// SPDX-License-Identifier: AGPL-3.0-or-later
import { checkAuthority, type DataProblem } from '../../../authority-file/check.ts';
import { dataOf, type AuthorityData } from '../../../authority-file/file-data.ts';
import type { AuthorityDefinition } from '../../../offices/definition.ts';
import { edited, without } from './edit.ts';
import { keysOf, rowsIn, type Typed } from './form.ts';
import { entriesOf, isRows, type Blank } from './blank.ts';
import { keysNow, type Target } from './target.ts';

/** What is wrong with one field, under its name; an empty name stands for the whole form. */
export interface FieldProblem {
  readonly name: string;
  /** In the English of the authority file. */
  readonly detail: string;
}

export type Attempt = { readonly definition: AuthorityDefinition } | { readonly problems: readonly FieldProblem[] };

/** What a form would make of the authority, judged by the schema of the authority file itself. */
export function attempted(
  definition: AuthorityDefinition,
  target: Target,
  blank: Blank,
  typed: Typed,
  removing = false,
): Attempt {
  const data = dataOf(definition);
  if (removing) return judged(without(data, target), [], typed);
  const missing = missingIn(blank, typed, target);
  if (missing.length) return { problems: missing };
  const { data: next, path } = edited(data, target, keysOf(blank, typed, keysNow(data, target) ?? {}));
  return judged(next, path, typed);
}

function judged(data: AuthorityData, path: readonly (string | number)[], typed: Typed): Attempt {
  const checked = checkAuthority(asRead(data));
  if ('definition' in checked) return checked;
  const seen = new Set<string>();
  const problems = checked.problems
    .map((problem) => fieldProblem(problem, path, typed))
    .filter(({ name }) => !seen.has(name) && Boolean(seen.add(name)));
  return { problems };
}

/** As a file has it: a key without a value is no key. */
const asRead = (data: object): unknown => JSON.parse(JSON.stringify(data));

/** Fields that stand otherwise in the form than in the file. */
const IN_THE_FORM: Readonly<Record<string, string>> = { 'video.url': 'video_url' };

/** The field whose name goes furthest along the problem's path. */
function fieldProblem({ path, detail }: DataProblem, root: readonly (string | number)[], typed: Typed): FieldProblem {
  const isWithin = root.every((step, i) => path[i] === step);
  const steps = isWithin ? path.slice(root.length) : [];
  for (let length = steps.length; length > 0; length--) {
    const inTheFile = steps.slice(0, length).join('.');
    const name = IN_THE_FORM[inTheFile] ?? inTheFile;
    if (name in typed) return { name, detail };
  }
  const group = `${steps.join('.')}.`;
  const first = steps.length ? Object.keys(typed).find((name) => name.startsWith(group)) : undefined;
  return { name: first ?? '', detail };
}

/** Choices of which at least one is needed: to the file an empty list is a list. */
function missingIn(blank: Blank, typed: Typed, target: Target): FieldProblem[] {
  const lists = entriesOf(blank).filter(isRows);
  const empty = lists.flatMap((part) =>
    rowsIn(typed, part).flatMap((i) =>
      part.entries
        .filter(({ kind, required, key }) => kind === 'many' && required && !typed[`${part.rows}.${i}.${key}`]?.length)
        .map(({ key }) => `${part.rows}.${i}.${key}`),
    ),
  );
  const unchosen = entriesOf(blank).filter(
    (part) => !isRows(part) && part.required && part.options && !part.options.some((o) => o.value === typed[part.key]),
  );
  const seatless = target.kind === 'counter' && !rowsIn(typed, { rows: 'serves' }).length ? ['serves.0.services'] : [];
  const names = [...unchosen.flatMap((part) => (isRows(part) ? [] : part.key)), ...empty, ...seatless];
  return names.map((name) => ({ name, detail: 'This is missing.' }));
}
