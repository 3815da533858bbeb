// SPDX-License-Identifier: AGPL-3.0-or-later
import { z } from 'zod';
import { CALENDAR_ACCESS, type GoogleCalendar } from '../../../offices/definition.ts';
import { text } from '../../citizen/choice.ts';

const LONGEST_ID = 254;
/** `primary` is another calendar for each who asks, so a calendar is named by its address. */
const ADDRESS = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

const Form = z.object({ calendario: text, accesso: z.enum(CALENDAR_ACCESS).catch('service_account'), conto: text });

/** What was typed, as it was typed. */
export type CalendarTyped = z.infer<typeof Form>;

export const NOTHING_TYPED: CalendarTyped = { calendario: '', accesso: 'service_account', conto: '' };

export const typedIn = (body: unknown): CalendarTyped => Form.parse(body ?? {});

/** What was typed, as the wish of who links a calendar of their own: they go in themselves. */
export const ownOf = ({ calendario }: CalendarTyped): CalendarTyped => ({ calendario, accesso: 'oauth', conto: '' });

/** The calendar that is meant, or the input that is wrong. */
export function calendarIn({ calendario, accesso, conto }: CalendarTyped): GoogleCalendar | 'calendario' | 'conto' {
  const [id, as] = [calendario.trim(), conto.trim()];
  if (!ADDRESS.test(id) || id.length > LONGEST_ID) return 'calendario';
  if (accesso === 'oauth' || !as) return { id, access: accesso };
  return ADDRESS.test(as) && as.length <= LONGEST_ID ? { id, access: accesso, as } : 'conto';
}
