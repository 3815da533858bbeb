// SPDX-License-Identifier: AGPL-3.0-or-later
import { carryRetired } from '../../authority-file/changes.ts';
import { Authority } from '../../offices/authority.ts';
import type { AuthorityDefinition } from '../../offices/definition.ts';

/**
 * An authority as it would be with another definition, before that is saved: what is left out is retired, as an import
 * has it. A new counter has no key yet, and stands under one that nobody can have claimed.
 */
export function proposedAuthority(was: Authority, definition: AuthorityDefinition): Authority {
  const next = carryRetired(was.definition, definition);
  const keys = new Map([...was.counters, ...was.extras].map(({ id, key }) => [id, key]));
  for (const [i, { id }] of next.counters.entries()) if (!keys.has(id)) keys.set(id, -1 - i);
  return new Authority(next, was.revision, keys);
}
