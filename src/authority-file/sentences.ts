// SPDX-License-Identifier: AGPL-3.0-or-later
import type { z } from 'zod';

const KINDS: Readonly<Record<string, string>> = {
  string: 'text, in quotes if it is a number, true or false',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list, [] if there is nothing to list',
  object: 'keys with their values',
};

/** What the schema refuses, as a sentence for the person who wrote the file. */
export function sentenceFor(issue: z.core.$ZodRawIssue): string {
  const { code, input } = issue;
  if (input === undefined && code !== 'custom') return 'This is missing.';
  if (code === 'invalid_type')
    return `${input === null ? 'This is empty: write' : 'Write'} ${KINDS[issue.expected] ?? issue.expected}.`;
  if (code === 'invalid_value') return `Write ${issue.values.map(String).join(' or ')}${notThis(input)}.`;
  if (code === 'invalid_format') return 'Write an e-mail address, such as ufficio@comune.example.';
  if (code === 'too_small')
    return issue.origin === 'string' ? 'This is empty: write text.' : `Write ${issue.minimum} or more.`;
  if (code === 'too_big') return `Write at most ${issue.maximum}${issue.origin === 'string' ? ' characters' : ''}.`;
  return 'This cannot be read.';
}

const notThis = (input: unknown): string => (typeof input === 'string' ? `, not "${input.slice(0, 80)}"` : '');
