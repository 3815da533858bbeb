// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Authority } from '../../offices/authority.ts';
import type { Office, Service, WeeklyHours } from '../../offices/definition.ts';
import { formatDuration } from '../../time/duration.ts';
import { formatTime } from '../../time/day.ts';
import type { Minute } from '../../time/interval.ts';
import { rfc3339 } from '../../time/zone.ts';
import type { DoorState } from '../../waiting-room/door.ts';
import type { DoorAnswer, OfficeAnswer } from './answers.ts';

/** An office as a caller reads it, in the words of the authority file. */
export function sayOffice(
  authority: Authority,
  office: Office,
  hours: { openNow: boolean; nextOpening: Minute | null },
  door: DoorState,
): OfficeAnswer {
  const instant = instantIn(authority.zone);
  return {
    id: office.id,
    name: office.name,
    municipality: office.municipality,
    municipality_name: authority.municipality(office.municipality)?.name ?? office.municipality,
    address: office.address,
    email: office.email,
    phone: office.phone,
    time_zone: authority.zone,
    slot_step: sayMinutes(office.slotStep),
    opening_hours: office.openingHours.map(sayHours),
    reception_hours: (office.receptionHours ?? office.openingHours).map(sayHours),
    services: office.services.map(sayService),
    open_now: hours.openNow,
    next_opening: instant(hours.nextOpening),
    door: sayDoor(door, authority.zone),
  };
}

/** A virtual door as a caller reads it. */
function sayDoor({ state, waiting, until, next, sentence }: DoorState, zone: string): DoorAnswer {
  const instant = instantIn(zone);
  return { state, waiting, until: instant(until), next_opening: instant(next), sentence };
}

const instantIn =
  (zone: string) =>
  (minute: Minute | null): string | null =>
    minute === null ? null : rfc3339(minute, zone);

const sayService = (s: Service): OfficeAnswer['services'][number] => ({
  id: s.id,
  name: s.name,
  description: s.description,
  duration: sayMinutes(s.duration),
  modes: [...s.modes],
  notice: sayMinutes(s.notice),
  horizon: sayMinutes(s.horizon),
  buffer_after: sayMinutes(s.bufferAfter),
  needs: [...s.needs],
  opening_hours: s.openingHours.length ? s.openingHours.map(sayHours) : undefined,
  audience: [...s.audience],
  fields: s.fields.map((f) => ({
    id: f.id,
    label: f.label,
    type: f.type,
    required: f.required,
    options: f.type === 'choice' ? [...f.options] : undefined,
  })),
  limits: s.limits && { per_person: s.limits.perPerson, per: formatDuration(s.limits.per) },
  confirmation: s.confirmation,
  cancel_until: formatDuration(s.cancelUntil),
});

const sayHours = (h: WeeklyHours): OfficeAnswer['opening_hours'][number] => ({
  days: [...h.days],
  opens: formatTime(h.opens),
  closes: formatTime(h.closes),
  valid_from: h.validFrom,
  valid_through: h.validThrough,
  audience: h.audience && [...h.audience],
});

/** Elapsed minutes: whole days of them, 24 hours each, read better as days. */
const sayMinutes = (minutes: number): string =>
  formatDuration(minutes % 1440 ? { days: 0, minutes } : { days: minutes / 1440, minutes: 0 });
