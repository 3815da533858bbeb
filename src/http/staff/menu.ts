// SPDX-License-Identifier: AGPL-3.0-or-later
import { mayDo, type Action } from '../../access/permissions.ts';
import type { Staff } from '../../access/staff.ts';
import type { Authority } from '../../offices/authority.ts';
import { hasCalendars } from './calendars/counter-of.ts';
import { WAITING_ROOM } from './reception/received.ts';

/** Every door of the staff's menu, in its order: where it leads, its words, and who may open it. */
const DOORS: readonly { readonly href: string; readonly words: string; readonly action: Action }[] = [
  { href: '/operatore/agenda', words: 'staff.menu.agenda', action: 'see-agenda' },
  { href: WAITING_ROOM, words: 'staff.menu.waiting', action: 'receive' },
  { href: '/operatore/decisioni', words: 'staff.menu.decisions', action: 'see-agenda' },
  { href: '/operatore/nuovo', words: 'staff.menu.new', action: 'change-bookings' },
  { href: '/operatore/orari', words: 'staff.menu.hours', action: 'edit-hours' },
  { href: '/operatore/calendari', words: 'staff.menu.calendars', action: 'link-calendars' },
  { href: '/operatore/persone', words: 'staff.menu.people', action: 'manage-staff' },
  { href: '/operatore/registro', words: 'staff.menu.log', action: 'read-access-log' },
];

export interface MenuItem {
  readonly href: string;
  readonly words: string;
  readonly here: boolean;
  /** How many wait there; 0 where nobody does. */
  readonly count: number;
}

/** What the menu shows to somebody: only what they may open. @param waiting before the doors of their offices */
export const menuOf = (staff: Staff, authority: Authority, path: string, waiting: number): MenuItem[] =>
  DOORS.filter(({ action }) => mayOpen(staff, authority, action)).map(({ href, words }) => ({
    href,
    words,
    here: path === href || path.startsWith(`${href}/`),
    count: href === WAITING_ROOM ? waiting : 0,
  }));

/** A counter of one's own opens the calendars to who manages no others. */
const mayOpen = (staff: Staff, authority: Authority, action: Action): boolean =>
  action === 'link-calendars' ? hasCalendars(staff, authority) : mayDo(staff, action);

/** Where somebody begins their day. */
export const homeOf = (staff: Staff): string =>
  DOORS.find(({ action }) => mayDo(staff, action))?.href ?? '/operatore/password';
