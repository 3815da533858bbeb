// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Role } from '../offices/definition.ts';
import type { Staff } from './staff.ts';

/** What somebody may do who is signed in. */
export type Action =
  | 'see-agenda'
  | 'change-bookings'
  | 'receive'
  | 'edit-hours'
  | 'link-calendars'
  | 'link-own-calendar'
  | 'edit-authority'
  | 'manage-staff'
  | 'read-access-log';

/** Who may do what: the only place where it is written. The privacy officer sees who read the data, not the data. */
const MAY: Record<Action, readonly Role[]> = {
  'see-agenda': ['operator', 'head', 'administrator'],
  'change-bookings': ['operator', 'head', 'administrator'],
  receive: ['operator', 'head', 'administrator'],
  'edit-hours': ['head', 'administrator'],
  'link-calendars': ['head', 'administrator'],
  'link-own-calendar': ['operator', 'head', 'administrator'],
  'edit-authority': ['administrator'],
  'manage-staff': ['administrator'],
  'read-access-log': ['privacy'],
};

/** Roles whose office is the whole authority. */
const EVERYWHERE: readonly Role[] = ['administrator', 'privacy'];

type Somebody = Pick<Staff, 'role' | 'offices'>;

/** @param officeId where; without it, whether there is any office where they may. */
export function mayDo(staff: Somebody, action: Action, officeId?: string): boolean {
  if (!MAY[action].includes(staff.role)) return false;
  return officeId === undefined ? true : isOfTheirs(staff, officeId);
}

const isOfTheirs = ({ role, offices }: Somebody, officeId: string): boolean =>
  EVERYWHERE.includes(role) || offices.includes(officeId);
