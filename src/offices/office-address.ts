// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Authority } from './authority.ts';
import type { Office } from './definition.ts';

/** Street and municipality, the latter once: many offices write it in their address already. */
export function whereOf(authority: Authority, office: Office): string {
  const municipality = authority.municipality(office.municipality)?.name ?? '';
  return office.address.includes(municipality) ? office.address : `${office.address}, ${municipality}`;
}
