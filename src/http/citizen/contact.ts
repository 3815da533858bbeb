// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Authority } from '../../offices/authority.ts';
import type { Office } from '../../offices/definition.ts';

/** How a person is reached: by telephone, or else in writing. */
export interface Contact {
  readonly phone: string | null;
  readonly email: string;
}

/** Whom to turn to: the office when it has a telephone or an address of its own, else the authority. */
export function contactOf({ definition }: Authority, office?: Office): Contact {
  const reachable = office?.phone || office?.email ? office : definition;
  return { phone: reachable.phone ?? null, email: reachable.email ?? definition.email };
}
