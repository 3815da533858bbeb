// SPDX-License-Identifier: AGPL-3.0-or-later
import { mayDo } from '../../../access/permissions.ts';
import type { Staff } from '../../../access/staff.ts';
import { Refusal } from '../../../bookings/refusal.ts';
import type { Authority, KeyedCounter } from '../../../offices/authority.ts';

/** The counters whose calendars somebody may link: one shows all appointments of its counter, so all its offices must be theirs. */
export const countersOf = (staff: Staff, authority: Authority): KeyedCounter[] =>
  authority.counters.filter((counter) => !counter.retired && mayLink(staff, counter));

const mayLink = (staff: Staff, { serves }: KeyedCounter): boolean =>
  serves.length > 0 && serves.every(({ office }) => mayDo(staff, 'link-calendars', office));

/** @throws Refusal `not-found` for one that is not there, or not theirs. */
export function counterOf(staff: Staff, authority: Authority, id: string): KeyedCounter {
  const counter = countersOf(staff, authority).find((c) => c.id === id);
  if (!counter) throw new Refusal('not-found');
  return counter;
}

export const pageOf = (counter: string, more = ''): string =>
  `/operatore/calendari/${encodeURIComponent(counter)}${more}`;
