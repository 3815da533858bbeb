// SPDX-License-Identifier: AGPL-3.0-or-later
import { mayDo, type Action } from '../../../access/permissions.ts';
import type { Staff } from '../../../access/staff.ts';
import { Refusal } from '../../../bookings/refusal.ts';
import type { Authority, KeyedCounter } from '../../../offices/authority.ts';

/** The counters whose calendars somebody may link. */
export const countersOf = (staff: Staff, authority: Authority): KeyedCounter[] =>
  authority.counters.filter((counter) => !counter.retired && (isManaged(staff, counter) || isOwn(staff, counter)));

/** Whether there is anything for somebody on the page of the calendars. */
export const hasCalendars = (staff: Staff, authority: Authority): boolean =>
  mayDo(staff, 'link-calendars') || countersOf(staff, authority).length > 0;

/** Whether somebody says how a counter's calendar is entered, as head of its offices. */
export const isManaged = (staff: Staff, counter: KeyedCounter): boolean => mayAt(staff, 'link-calendars', counter);

/** Whose counter it is may let us into their own calendar, and no other way. */
const isOwn = (staff: Staff, counter: KeyedCounter): boolean =>
  counter.staff === staff.email && mayAt(staff, 'link-own-calendar', counter);

/** A calendar shows all appointments of its counter, so all its offices must be theirs. */
const mayAt = (staff: Staff, action: Action, { serves }: KeyedCounter): boolean =>
  serves.length > 0 && serves.every(({ office }) => mayDo(staff, action, office));

/** Whether somebody decides about the calendar that a counter has: what a head has linked is the head's. */
export const mayDecide = (staff: Staff, counter: KeyedCounter): boolean =>
  isManaged(staff, counter) || counter.googleCalendar?.access !== 'service_account';

/** @throws Refusal `not-found` for one that is not there, or not theirs. */
export function counterOf(staff: Staff, authority: Authority, id: string): KeyedCounter {
  const counter = countersOf(staff, authority).find((c) => c.id === id);
  if (!counter) throw new Refusal('not-found');
  return counter;
}

/** @throws Refusal `not-found` also for one whose calendar is for a head to decide about. */
export function decidedBy(staff: Staff, authority: Authority, id: string): KeyedCounter {
  const counter = counterOf(staff, authority, id);
  if (!mayDecide(staff, counter)) throw new Refusal('not-found');
  return counter;
}

export const pageOf = (counter: string, more = ''): string =>
  `/operatore/calendari/${encodeURIComponent(counter)}${more}`;
