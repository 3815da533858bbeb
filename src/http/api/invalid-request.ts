// SPDX-License-Identifier: AGPL-3.0-or-later
import { StandardSchemaValidationPipe } from '@nestjs/common';
import { Refusal, type FieldError } from '../../bookings/refusal.ts';

/** An issue as zod reports it: `keys` names the fields a strict object does not know. */
interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[];
  readonly keys?: readonly string[];
}

const MOST_ERRORS = 50;
const LONGEST_FIELD_NAME = 500;

/** Checks each parameter against the schema in its decorator; a mismatch is a refusal that names every field. */
export const requestPipe = (): StandardSchemaValidationPipe =>
  new StandardSchemaValidationPipe({
    exceptionFactory: (issues) => new Refusal('invalid', { errors: issues.flatMap(errorsOf).slice(0, MOST_ERRORS) }),
  });

function errorsOf(issue: Issue): FieldError[] {
  const path = (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part));
  const unknown = issue.keys ?? [];
  if (unknown.length) return unknown.map((key) => ({ field: fieldAt([...path, key]), detail: 'is not a known field' }));
  return [{ field: fieldAt(path), detail: detailOf(issue) }];
}

/** A dotted path; a stranger's own keys may be as long as his request. */
const fieldAt = (path: readonly string[]): string => path.join('.').slice(0, LONGEST_FIELD_NAME).toWellFormed();

/** What is missing is called so, whatever else was expected of it. */
const detailOf = ({ message }: Issue): string => (message.endsWith('received undefined') ? 'is required' : message);
