// SPDX-License-Identifier: AGPL-3.0-or-later
import type { AuthorityDefinition } from '../offices/definition.ts';
import { checkAuthority } from './check.ts';
import { AuthorityFileError, type Problem } from './problem.ts';
import { YamlText } from './yaml-text.ts';

/**
 * An authority as its YAML file describes it (docs/authority-file.md), what is absent filled in.
 * @throws AuthorityFileError naming the line and the field of every fault.
 */
export function readAuthorityFile(text: string): AuthorityDefinition {
  const yaml = new YamlText(text);
  const checked = checkAuthority(yaml.data);
  if ('definition' in checked) return checked.definition;
  const problems = checked.problems.map(({ path, detail, isKey }) =>
    isKey ? yaml.problemAtKey(path, detail) : yaml.problemAt(path, detail),
  );
  throw new AuthorityFileError(inOrder(problems));
}

const inOrder = (problems: readonly Problem[]): Problem[] =>
  problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
