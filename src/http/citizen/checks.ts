// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Language } from '../../bookings/booking.ts';
import {
  isEmail,
  isOneLine,
  isPhone,
  isText,
  lengthOf,
  LONGEST_CASE_NUMBER,
  LONGEST_NAME,
  LONGEST_REASON,
} from '../../bookings/contact.ts';
import { checkFields } from '../../bookings/fields.ts';
import type { Service } from '../../offices/definition.ts';
import type { Say } from '../page.ts';
import type { Answers } from './draft.ts';

/** What is wrong with an answer, under the id of its input. */
export interface Problem {
  readonly id: string;
  readonly text: string;
}

type Details = Pick<Answers, 'fields' | 'reason' | 'caseNumber'>;
type Name = Pick<Answers, 'givenName' | 'familyName'>;

/** Step 3: what is asked about the appointment. */
export function problemsInDetails(a: Details, service: Service, t: Say, language: Language): Problem[] {
  const problems: Problem[] = checkFields(service, asked(a.fields, service), language).map(({ field, detail }) => {
    const id = field.replace('fields.', '');
    return { id: `campo-${id}`, text: `${service.fields.find((f) => f.id === id)?.label ?? id}: ${detail}` };
  });
  if (lengthOf(a.reason) > LONGEST_REASON) problems.push({ id: 'reason', text: t('problem.reason-long') });
  else if (!isText(a.reason)) problems.push({ id: 'reason', text: t('problem.characters') });
  if (lengthOf(a.caseNumber) > LONGEST_CASE_NUMBER || !isOneLine(a.caseNumber))
    problems.push({ id: 'case_number', text: t('problem.case-number') });
  return problems;
}

/** Step 4: who comes. */
export function problemsInApplicant(a: Answers, t: Say): Problem[] {
  const problems: (Problem | false)[] = [
    !isEmail(a.email) && { id: 'email', text: t(a.email ? 'problem.email' : 'problem.email-missing') },
    a.mode === 'phone' &&
      !isPhone(a.phone) && {
        id: 'phone',
        text: t(a.phone ? 'problem.phone' : 'problem.phone-missing'),
      },
  ];
  return [...problemsInName(a, t), ...problems.filter((p) => p !== false)];
}

/** How a missing name is asked for: of the person themselves, unless it is somebody else who writes it down. */
const ASKED = { given: 'problem.given-name', family: 'problem.family-name' };

export function problemsInName({ givenName, familyName }: Name, t: Say, ask = ASKED): Problem[] {
  const isName = (name: string) => name !== '' && lengthOf(name) <= LONGEST_NAME && isOneLine(name);
  const problems: (Problem | false)[] = [
    !isName(givenName) && { id: 'given_name', text: t(givenName ? 'problem.name' : ask.given) },
    !isName(familyName) && { id: 'family_name', text: t(familyName ? 'problem.name' : ask.family) },
  ];
  return problems.filter((p) => p !== false);
}

/** The answers to this service's own questions, empty ones left out. */
export const asked = (fields: Record<string, string>, service: Service): Record<string, string> =>
  Object.fromEntries(service.fields.flatMap(({ id }) => (fields[id] ? [[id, fields[id]]] : [])));
