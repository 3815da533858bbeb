// SPDX-License-Identifier: AGPL-3.0-or-later
import { LONGEST_NOTE } from '../../../bookings/change.ts';
import type { Minute } from '../../../time/interval.ts';
import { TICK } from '../../../time/tick.ts';
import { readStart } from '../../../time/zone.ts';
import type { Problem } from '../../citizen/checks.ts';
import type { Say } from '../../page.ts';
import { isSentence, problemsInNote, type SheetForm } from './sheet-form.ts';

/** Where a booking is to go: a free time, or any other with the reason for it. */
type Wanted = { readonly start: Minute; readonly overrule?: string } | { readonly problems: readonly Problem[] };

/** `posto` is a free time of the picker; without it `data`, `ora` and `motivo` say any other. */
export function readMove(form: SheetForm, zone: string, t: Say): Wanted {
  const isFree = form.posto !== '';
  const read = readStart(isFree ? form.posto.split('@').at(-1)! : `${form.data}T${form.ora}`, zone);
  const start = 'minute' in read && read.minute % TICK === 0 ? read.minute : null;
  const problems = [
    ...(start === null ? [{ id: 'ora', text: t('staff.new.wrong.ora') }] : []),
    ...(isFree ? [] : problemsInReason(form, t)),
    ...problemsInNote('sposta', form, t),
  ];
  if (problems.length || start === null) return { problems };
  return isFree ? { start } : { start, overrule: form.motivo };
}

function problemsInReason({ motivo }: SheetForm, t: Say): Problem[] {
  if (!motivo) return [{ id: 'motivo', text: t('staff.new.problem.why') }];
  return isSentence(motivo) ? [] : [{ id: 'motivo', text: t('sheet.problem.long', { n: LONGEST_NOTE }) }];
}
