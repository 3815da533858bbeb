// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Field, Service } from '../offices/definition.ts';
import type { Language } from './booking.ts';
import type { FieldError } from './refusal.ts';

export const LONGEST_FIELD = 500;

const SENTENCES = {
  it: {
    unknown: 'Questo servizio non chiede questo dato.',
    missing: 'Questo dato è obbligatorio.',
    long: `Scrivi al massimo ${LONGEST_FIELD} caratteri.`,
    number: 'Scrivi un numero.',
    choice: 'Scegli una delle risposte proposte.',
  },
  en: {
    unknown: 'This service does not ask for this.',
    missing: 'This is required.',
    long: `Write ${LONGEST_FIELD} characters at most.`,
    number: 'Write a number.',
    choice: 'Choose one of the answers offered.',
  },
} as const;

type Problem = keyof (typeof SENTENCES)['it'];

/** What is wrong with the answers to a service's own questions: `fields.<id>` and a sentence; none when all is well. */
export function checkFields(
  service: Service,
  values: Readonly<Record<string, string>>,
  language: Language = 'en',
): FieldError[] {
  const asked = new Set(service.fields.map((f) => f.id));
  const unknown = Object.keys(values)
    .filter((id) => !asked.has(id))
    .map((id) => [id, 'unknown'] as const);
  const wrong = service.fields.flatMap((field) => {
    const problem = problemOf(field, Object.hasOwn(values, field.id) ? values[field.id]!.trim() : '');
    return problem ? [[field.id, problem] as const] : [];
  });
  return [...unknown, ...wrong].map(([id, problem]) => ({
    field: `fields.${id}`,
    detail: SENTENCES[language][problem],
  }));
}

function problemOf({ type, required, options }: Field, value: string): Problem | null {
  if (!value) return required ? 'missing' : null;
  if (value.length > LONGEST_FIELD) return 'long';
  if (type === 'number' && !/^[+-]?\d+([.,]\d+)?$/.test(value)) return 'number';
  return type === 'choice' && !options.includes(value) ? 'choice' : null;
}
