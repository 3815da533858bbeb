// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Grant, Role } from '../offices/definition.ts';

/** Who somebody is, as the OpenID provider says. */
export interface Credentials {
  /** Only an address that the provider has verified. */
  readonly email: string | null;
  readonly groups: readonly string[];
}

export interface Granted {
  readonly role: Role;
  readonly offices: readonly string[];
}

/** Of several grants the first in this order counts, at the offices of all that give it. */
const ORDER: readonly Role[] = ['administrator', 'head', 'operator', 'privacy'];

/** As what the authority file lets somebody in; null for who is not named in it. */
export function grantedTo({ email, groups }: Credentials, grants: readonly Grant[]): Granted | null {
  const theirs = grants.filter(
    (grant) =>
      (grant.email !== undefined && grant.email.toLowerCase() === email?.toLowerCase()) ||
      (grant.group !== undefined && groups.includes(grant.group)),
  );
  const role = ORDER.find((one) => theirs.some((grant) => grant.role === one));
  if (!role) return null;
  const offices = theirs.filter((grant) => grant.role === role).flatMap((grant) => grant.offices);
  return { role, offices: [...new Set(offices)] };
}
