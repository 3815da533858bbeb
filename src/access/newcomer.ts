// SPDX-License-Identifier: AGPL-3.0-or-later
import { ROLES, type Role } from '../offices/definition.ts';

/** Somebody to be let in, as a form or a command names them. */
export interface Newcomer {
  readonly name: string;
  readonly email: string;
  readonly role: string;
  readonly offices: readonly string[];
}

/** What is wrong with a role: none of ours, an office missing where one is needed, or one that is not there. */
export type RoleFault = 'role' | 'no-office' | 'unknown-office';

/** An operator and a head are of given offices; the other roles are of the whole authority. */
export const isOfOffices = (role: string): boolean => role === 'operator' || role === 'head';

const isRole = (role: string): role is Role => ROLES.some((known) => known === role);

/** @param known the ids of the authority's offices */
export function faultOfRole(
  { role, offices }: Pick<Newcomer, 'role' | 'offices'>,
  known: readonly string[],
): RoleFault | null {
  if (!isRole(role)) return 'role';
  if (!isOfOffices(role)) return null;
  if (!offices.length) return 'no-office';
  return offices.every((id) => known.includes(id)) ? null : 'unknown-office';
}
