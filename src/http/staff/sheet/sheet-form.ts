// SPDX-License-Identifier: AGPL-3.0-or-later
import { z } from 'zod';
import type { Staff } from '../../../access/staff.ts';
import { LONGEST_NOTE, type Change } from '../../../bookings/change.ts';
import { isText, lengthOf } from '../../../bookings/contact.ts';
import { MARKS, type Mark } from '../../../bookings/status.ts';
import { text } from '../../citizen/choice.ts';
import type { Problem } from '../../citizen/checks.ts';
import type { Say } from '../../page.ts';

const Form = z.object({
  versione: text,
  nota: text,
  stato: text,
  sportello: text,
  posto: text,
  data: text,
  ora: text,
  motivo: text,
});

/** What a form of the sheet sends: `nota` is for the citizen, `motivo` for the history. */
export type SheetForm = z.infer<typeof Form>;

/** Each act of the sheet, as its address has it. */
export type Act = 'conferma' | 'rifiuta' | 'stato' | 'annulla' | 'sportello' | 'sposta';

export const readForm = (body: unknown): SheetForm => Form.parse(body ?? {});

/** Whoever takes an appointment away from a citizen says why. */
const NEEDS_NOTE: readonly Act[] = ['rifiuta', 'annulla'];

/** What is wrong with the sentence to the citizen, under the id of its field. */
export function problemsInNote(act: Act, { nota }: SheetForm, t: Say): Problem[] {
  const id = `nota-${act}`;
  if (!nota && NEEDS_NOTE.includes(act)) return [{ id, text: t('sheet.problem.note') }];
  return isSentence(nota) ? [] : [{ id, text: t('sheet.problem.long', { n: LONGEST_NOTE }) }];
}

export const isSentence = (said: string): boolean => lengthOf(said) <= LONGEST_NOTE && isText(said);

/** The change a form asks for, of the booking as its page showed it. */
export function changeOf({ id, name }: Staff, { nota, versione }: SheetForm): Change {
  // What is no number is no version that anybody saw.
  const version = /^\d{1,9}$/.test(versione) ? Number(versione) : -1;
  return { by: { kind: 'staff', id, name }, note: nota || undefined, version };
}

export const markOf = ({ stato }: SheetForm): Mark | null => MARKS.find((mark) => mark === stato) ?? null;
