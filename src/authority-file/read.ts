// SPDX-License-Identifier: AGPL-3.0-or-later
import type { z } from 'zod';
import type { AuthorityDefinition } from '../offices/definition.ts';
import { checkNames } from './names.ts';
import { AuthorityFileError, type Path, type Problem } from './problem.ts';
import { authorityFile } from './schema.ts';
import { sentenceFor } from './sentences.ts';
import { YamlText } from './yaml-text.ts';

/**
 * An authority as its YAML file describes it (docs/authority-file.md), what is absent filled in.
 * @throws AuthorityFileError naming the line and the field of every fault.
 */
export function readAuthorityFile(text: string): AuthorityDefinition {
  const yaml = new YamlText(text);
  const result = authorityFile.safeParse(yaml.data, { error: sentenceFor });
  const problems = (result.error?.issues ?? []).flatMap((issue) => problemsOf(issue, yaml));
  checkNames(yaml.data, (path, detail) => problems.push(yaml.problemAt(path, detail)));
  if (!result.success || problems.length) throw new AuthorityFileError(inOrder(problems));
  return result.data;
}

function problemsOf(issue: z.core.$ZodIssue, yaml: YamlText): Problem[] {
  const path: Path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  if (issue.code !== 'unrecognized_keys') return [yaml.problemAt(path, issue.message)];
  return issue.keys.map((key) => yaml.problemAtKey([...path, key], `The key "${key.slice(0, 80)}" is not known here.`));
}

const inOrder = (problems: readonly Problem[]): Problem[] =>
  problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
