// SPDX-License-Identifier: AGPL-3.0-or-later
import type { KeyedCounter } from '../offices/authority.ts';
import type { CalendarAccess } from '../offices/definition.ts';

/** How one calendar is reached. */
export interface Link {
  /** Key of the counter whose calendar it is. */
  readonly counter: number;
  readonly calendarId: string;
  readonly access: CalendarAccess;
  /** The person for whom the service account acts. */
  readonly as?: string;
  /** Of `oauth`; sealed, and opened in this room only. */
  readonly refreshToken?: string;
}

/** The link of a counter, if it has a calendar. @param refreshToken sealed, as it is kept. */
export function linkOf({ key, googleCalendar }: KeyedCounter, refreshToken: string | null): Link | null {
  if (!googleCalendar) return null;
  const { id: calendarId, access, as } = googleCalendar;
  return { counter: key, calendarId, access, as, refreshToken: refreshToken ?? undefined };
}
