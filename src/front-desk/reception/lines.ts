// SPDX-License-Identifier: AGPL-3.0-or-later
import { isOneLine, lengthOf } from '../../bookings/contact.ts';
import { invalid } from '../../bookings/refusal.ts';

/** Characters of a line between citizen and staff, of a reason and of the sentence on a door. */
export const LONGEST_LINE = 200;

/** What nobody sees, and what turns a line around; but not the joiners of names and of pictures. */
const UNSEEN = /(?![\u200C\u200D])\p{Cf}/gu;
const JOINERS = /[\u200C\u200D]/g;

/** A line as somebody wrote it, without what is not seen and the blanks around it. @throws Refusal `invalid` naming the field */
export function lineOf(field: string, text: string, most = LONGEST_LINE): string {
  const line = text.replace(UNSEEN, '').trim();
  if (!line.replace(JOINERS, '') || lengthOf(line) > most) throw invalid(field, `must be 1 to ${most} characters long`);
  if (!isOneLine(line)) throw invalid(field, 'must be one line');
  return line;
}
