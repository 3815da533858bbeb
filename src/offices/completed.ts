// SPDX-License-Identifier: AGPL-3.0-or-later
import type { AuthorityDefinition, Counter, GoogleCalendar, Office } from './definition.ts';

/** What was not asked of an office before there was an agenda, and a virtual door. */
const OF_OFFICES: Pick<Office, 'answerWithin' | 'calendarDeletion' | 'calendarShows' | 'receptionPatience'> = {
  answerWithin: { days: 3, minutes: 0 },
  calendarDeletion: 'ask',
  calendarShows: 'reference',
  receptionPatience: 5,
};

/** A definition as an earlier version may have kept it. */
type Earlier = Omit<AuthorityDefinition, 'offices' | 'counters' | 'staff'> & {
  readonly offices: readonly (Omit<Office, keyof typeof OF_OFFICES> & Partial<typeof OF_OFFICES>)[];
  readonly counters: readonly (Omit<Counter, 'googleCalendar'> & {
    readonly googleCalendar: GoogleCalendar | string | null;
  })[];
  readonly staff?: AuthorityDefinition['staff'];
};

/** A kept definition, whichever version wrote it, with all that is asked today. */
export const completed = (kept: Earlier): AuthorityDefinition => ({
  ...kept,
  offices: kept.offices.map((office) => ({ ...office, ...withDefaults(office) })),
  counters: kept.counters.map((counter) => ({ ...counter, googleCalendar: calendarOf(counter.googleCalendar) })),
  staff: kept.staff ?? [],
});

const withDefaults = (office: Partial<typeof OF_OFFICES>): typeof OF_OFFICES => ({
  answerWithin: office.answerWithin ?? OF_OFFICES.answerWithin,
  calendarDeletion: office.calendarDeletion ?? OF_OFFICES.calendarDeletion,
  calendarShows: office.calendarShows ?? OF_OFFICES.calendarShows,
  receptionPatience: office.receptionPatience ?? OF_OFFICES.receptionPatience,
});

const calendarOf = (kept: GoogleCalendar | string | null): GoogleCalendar | null =>
  typeof kept === 'string' ? { id: kept, access: 'service_account' } : kept;
