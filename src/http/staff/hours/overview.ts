// SPDX-License-Identifier: AGPL-3.0-or-later
import { mayDo } from '../../../access/permissions.ts';
import type { Staff } from '../../../access/staff.ts';
import type { Language } from '../../../bookings/booking.ts';
import type { Authority } from '../../../offices/authority.ts';
import type { Closure, Office } from '../../../offices/definition.ts';
import { addDays, type Day } from '../../../time/day.ts';
import { sayDate } from '../../../time/say.ts';
import { sayHours } from '../../citizen/hours.ts';
import { mayEdit } from './allowed.ts';
import { pathOf } from './target.ts';

const SOON_DAYS = 60;

/** Every office somebody heads, with its week at a glance and the ways into its forms. */
export function overviewOf(authority: Authority, staff: Staff, language: Language, today: Day) {
  const own = authority.offices.filter(({ id }) => mayDo(staff, 'edit-hours', id));
  const isWhole = mayDo(staff, 'edit-authority');
  return {
    whole: isWhole ? pathOf({ kind: 'authority' }) : null,
    closing: pathOf({ kind: 'closing' }),
    newCounter: pathOf({ kind: 'counter', id: null }),
    closures: closuresAhead(authority.definition.closures, language, today),
    offices: own.map((office) => ({
      ...officeView(authority, office, language, today),
      counters: countersAt(authority, staff, office),
    })),
    // A counter that serves nobody stands at no office.
    idle: isWhole
      ? authority.counters.filter(({ retired, serves }) => !retired && !serves.length).map((c) => link(c))
      : [],
  };
}

function officeView(authority: Authority, office: Office, language: Language, today: Day) {
  return {
    id: office.id,
    name: office.name,
    href: pathOf({ kind: 'office', office: office.id }),
    closing: `${pathOf({ kind: 'closing' })}?ufficio=${office.id}`,
    week: sayHours(office.openingHours, 'public', language, today),
    professionals: sayHours(office.openingHours, 'professionals', language, today),
    closures: closuresAhead(office.closures, language, today),
    newService: pathOf({ kind: 'service', office: office.id, id: null }),
    services: office.services.map(({ id, name, duration }) => ({
      name,
      minutes: duration,
      href: pathOf({ kind: 'service', office: office.id, id }),
      nobody: authority.countersFor(office.id, id).length === 0,
    })),
  };
}

function countersAt(authority: Authority, staff: Staff, office: Office) {
  return authority.counters
    .filter(({ retired, serves }) => !retired && serves.some((seat) => seat.office === office.id))
    .map((counter) => ({ ...link(counter), editable: mayEdit(staff, authority, { kind: 'counter', id: counter.id }) }));
}

const link = ({ id, name }: { id: string; name: string }) => ({ name, href: pathOf({ kind: 'counter', id }) });

const closuresAhead = (closures: readonly Closure[], language: Language, today: Day) =>
  closures
    .filter(({ from, through }) => through >= today && from <= addDays(today, SOON_DAYS))
    .toSorted((a, b) => a.from.localeCompare(b.from))
    .map(({ from, through, reason }) => ({
      from: sayDate(from, language, today),
      through: from === through ? null : sayDate(through, language, today),
      reason,
    }));
