// SPDX-License-Identifier: AGPL-3.0-or-later
import { z } from 'zod';
import { mayDo } from '../../../access/permissions.ts';
import type { Staff } from '../../../access/staff.ts';
import { Refusal } from '../../../bookings/refusal.ts';
import type { Authority } from '../../../offices/authority.ts';
import type { Office } from '../../../offices/definition.ts';
import { addDays, WEEKDAYS, weekdayOf, type Day } from '../../../time/day.ts';
import { addressOf, text } from '../../citizen/choice.ts';

const AgendaQuery = z.object({
  ufficio: text,
  giorno: z.iso.date().catch(''),
  vista: z.enum(['giorno', 'settimana']).catch('giorno'),
  sportello: text,
});

/** What of the agenda is looked at; `sportello` is the id of a counter, empty for all. */
export interface AgendaChoice {
  readonly offices: readonly Office[];
  /** None for who has no office. */
  readonly office: Office | null;
  readonly day: Day;
  readonly view: 'giorno' | 'settimana';
  readonly sportello: string;
}

/** Days farther from today than this are not looked at: nothing is booked there. */
const FARTHEST_DAYS = 3660;

/** @throws Refusal `not-found` for an office that is not there, or not theirs. */
export function readAgendaChoice(query: unknown, authority: Authority, staff: Staff, today: Day): AgendaChoice {
  const { ufficio, giorno, vista, sportello } = AgendaQuery.parse(query ?? {});
  const offices = officesSeenBy(staff, authority);
  const office = ufficio ? offices.find((o) => o.id === ufficio) : offices[0];
  if (ufficio && !office) throw new Refusal('not-found');
  const isNear = giorno > addDays(today, -FARTHEST_DAYS) && giorno < addDays(today, FARTHEST_DAYS);
  return { offices, office: office ?? null, day: isNear ? giorno : today, view: vista, sportello };
}

/** The offices whose agenda somebody may open; closed ones last, for what was booked there. */
export const officesSeenBy = (staff: Staff, { offices, definition }: Authority): Office[] =>
  [...offices, ...definition.offices.filter((o) => o.retired)].filter((o) => mayDo(staff, 'see-agenda', o.id));

/** The same agenda with something else chosen. */
export const agendaAddress = (
  { office, day, view, sportello }: AgendaChoice,
  other: { day?: Day; view?: AgendaChoice['view']; sportello?: string } = {},
): string =>
  addressOf('/operatore/agenda', {
    ufficio: office?.id,
    giorno: other.day ?? day,
    vista: (other.view ?? view) === 'giorno' ? '' : 'settimana',
    sportello: other.sportello ?? sportello,
  });

export const mondayOf = (day: Day): Day => addDays(day, -WEEKDAYS.indexOf(weekdayOf(day)));
