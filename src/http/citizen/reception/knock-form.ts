// SPDX-License-Identifier: AGPL-3.0-or-later
import { z } from 'zod';
import { isOneLine, isPhone, lengthOf, LONGEST_NAME, LONGEST_REASON } from '../../../bookings/contact.ts';
import type { Say } from '../../page.ts';
import type { Problem } from '../checks.ts';
import { text } from '../choice.ts';

const KnockForm = z.object({ name: text, reason: text });

/** What somebody says who knocks. */
export type KnockSaid = z.infer<typeof KnockForm>;

export const NOTHING_SAID: KnockSaid = { name: '', reason: '' };

export const saidIn = (body: unknown): KnockSaid => KnockForm.parse(body ?? {});

export function problemsInKnock({ name, reason }: KnockSaid, t: Say): Problem[] {
  const problems: (Problem | false)[] = [
    !isLine(name, LONGEST_NAME) && { id: 'name', text: t(name ? 'knock.name-wrong' : 'knock.name-missing') },
    reason !== '' && !isLine(reason, LONGEST_REASON) && { id: 'reason', text: t('knock.reason-wrong') },
  ];
  return problems.filter((p) => p !== false);
}

/** A line to the staff. */
export const problemsInLine = (line: string, t: Say): Problem[] =>
  isLine(line, LONGEST_REASON) ? [] : [{ id: 'line', text: t(line ? 'meeting.line-wrong' : 'meeting.line-missing') }];

export const problemsInPhone = (phone: string, t: Say): Problem[] =>
  isPhone(phone) ? [] : [{ id: 'phone', text: t(phone ? 'problem.phone' : 'problem.phone-missing') }];

const isLine = (said: string, most: number): boolean => said !== '' && lengthOf(said) <= most && isOneLine(said);
