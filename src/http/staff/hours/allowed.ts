// SPDX-License-Identifier: AGPL-3.0-or-later
import { isDeepStrictEqual } from 'node:util';
import { mayDo } from '../../../access/permissions.ts';
import type { Staff } from '../../../access/staff.ts';
import { differencesBetween, type Difference } from '../../../authority-file/changes.ts';
import type { Authority } from '../../../offices/authority.ts';
import type { AuthorityDefinition, Seat } from '../../../offices/definition.ts';
import type { Target } from './target.ts';

/** Whether somebody may open the form of this. */
export function mayEdit(staff: Staff, authority: Authority, target: Target): boolean {
  if (target.kind === 'authority') return mayDo(staff, 'edit-authority');
  if ('office' in target) return mayDo(staff, 'edit-hours', target.office);
  if (target.kind === 'closing' || target.id === null) return mayDo(staff, 'edit-hours');
  const seats = authority.counters.find(({ id }) => id === target.id)?.serves ?? [];
  if (!seats.length) return mayDo(staff, 'edit-authority');
  return seats.every(({ office }) => mayDo(staff, 'edit-hours', office));
}

/** Whether somebody may make all the changes that lie between two definitions. */
export function mayChange(staff: Staff, authority: Authority, now: AuthorityDefinition): boolean {
  const was = living(authority);
  return differencesBetween(was, now).every((difference) => mayMake(staff, difference, was, now));
}

function mayMake(staff: Staff, difference: Difference, was: AuthorityDefinition, now: AuthorityDefinition): boolean {
  if (mayDo(staff, 'edit-authority')) return true;
  const { kind, id } = difference;
  if (kind === 'office' || kind === 'service') return id !== '' && mayDo(staff, 'edit-hours', id.split('/')[0]);
  if (kind !== 'counter') return false;
  const offices = officesTouched(difference, was, now);
  return offices.length > 0 && offices.every((office) => mayDo(staff, 'edit-hours', office));
}

/** The offices of a counter whose part in it changes; its name and its calendar are everyone's. */
function officesTouched({ id, key }: Difference, was: AuthorityDefinition, now: AuthorityDefinition): string[] {
  const [before, after] = [was, now].map(({ counters }) => counters.find((c) => c.id === id)?.serves ?? []);
  const isIn = (seats: readonly Seat[], seat: Seat) => seats.some((s) => isDeepStrictEqual(plain(s), plain(seat)));
  const alike = (seat: Seat) => key === 'serves' && isIn(before!, seat) && isIn(after!, seat);
  return [...before!, ...after!].filter((seat) => !alike(seat)).map(({ office }) => office);
}

/** An authority's definition as an edit of it comes out: without what is retired. */
const living = ({ definition, offices }: Authority) => ({
  ...definition,
  offices,
  counters: definition.counters.filter(({ retired }) => !retired),
});

/** As it comes back from the database, where a key without a value is no key. */
const plain = (seat: Seat): unknown => JSON.parse(JSON.stringify(seat));
