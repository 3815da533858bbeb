// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Language } from '../../bookings/booking.ts';
import type { Place } from '../../bookings/refusal.ts';
import type { Timetable } from '../../front-desk/timetable.ts';
import type { Authority } from '../../offices/authority.ts';
import type { Mode, Office, WeeklyHours } from '../../offices/definition.ts';
import { addDays, type Day } from '../../time/day.ts';
import type { Minute } from '../../time/interval.ts';
import { sayDate, sayDay, sayTime } from '../../time/say.ts';
import { dayOf } from '../../time/zone.ts';
import { addressOf, ANYWHERE, givesBy, modesOf, type Choice, type Given } from './choice.ts';
import { contactOf } from './contact.ts';
import { sayHours } from './hours.ts';
import { whereOf } from '../../offices/office-address.ts';
import { placeOf } from './picker.ts';

/** With whose eyes, and when, the free times are looked at. */
export interface Look {
  readonly timetable: Timetable;
  readonly authority: Authority;
  readonly language: Language;
  readonly now: Minute;
}

/** Step 1 with the service known: the offices that give it, the soonest time of each, and the ways it is given. */
export async function placeStepOf(look: Look, given: Given, choice: Choice) {
  const { service, offices } = given;
  const modes = modesOf(service.id, offices);
  const restricting = offices.find((o) => o.id === choice.ufficio)?.id ?? '';
  const chosen = offices.find((o) => o.id === choice.sede) ?? (offices.length === 1 ? offices[0] : undefined);
  return {
    service,
    modes,
    offices: await Promise.all(offices.map((office) => officeCard(look, given, office))),
    first: await firstFree(look, given, offices),
    chosen: { sede: chosen?.id ?? ANYWHERE, modo: modes.find((m) => m === choice.modo) ?? modes[0] },
    ufficio: restricting,
    others: addressOf('/prenota', { ufficio: restricting }),
  };
}

async function officeCard(look: Look, given: Given, office: Office) {
  const service = office.services.find((s) => s.id === given.service.id)!;
  const weekly = service.openingHours.length ? service.openingHours : office.openingHours;
  return {
    office,
    where: whereOf(look.authority, office),
    hours: sayHours(weekly, 'public', look.language, dayOf(look.now, look.authority.zone)),
    first: await firstFree(look, given, [office]),
    modes: modesOf(service.id, [office]),
  };
}

async function firstFree(look: Look, given: Given, offices: readonly Office[]) {
  const free = await nextFree(look, given, offices);
  return (
    free && {
      day: sayDay(free.start, look.authority.zone, look.language, look.now),
      time: sayTime(free.start, look.authority.zone, look.language),
      office: look.authority.office(free.officeId)?.name ?? '',
    }
  );
}

/** Nothing free where it was looked for: the first place elsewhere, the other ways, or when to look again. */
export async function elsewhereOf(look: Look, given: Given, tried: readonly Office[], mode: Mode) {
  const { authority, language, now } = look;
  const { service, offices } = given;
  const others = offices.filter((o) => !tried.includes(o) && givesBy(o, service.id, mode));
  const place = await nextFree(look, given, others, mode);
  const otherModes = modesOf(service.id, tried).filter((m) => m !== mode);
  const free = await Promise.all(otherModes.map((m) => nextFree(look, given, tried, m)));
  const today = dayOf(now, authority.zone);
  return {
    several: tried.length > 1,
    until: sayDate(addDays(today, Math.floor(service.horizon / 1440)), language, today),
    place: place && placeOf({ ...place, end: place.start + lengthAt(look, place, given) }, authority, language, now),
    modes: otherModes.filter((_, i) => free[i]),
    goesOn: tried.some((o) => goesOn(authority, o, service.id, today)),
    contact: contactOf(authority, tried.find((o) => o.phone) ?? tried[0]),
  };
}

/** Whether there is someone to give the service there, and hours in which it will be given again and again. */
function goesOn(authority: Authority, office: Office, serviceId: string, today: Day): boolean {
  const given = authority.service(office.id, serviceId);
  const lasting = (h: WeeklyHours) =>
    (!h.audience || h.audience.includes('public')) && (!h.validThrough || today <= h.validThrough);
  const weekly = given?.openingHours.length ? given.openingHours : office.openingHours;
  return weekly.some(lasting) && authority.countersFor(office.id, serviceId).length > 0;
}

async function nextFree(look: Look, given: Given, offices: readonly Office[], mode?: Mode): Promise<Place | null> {
  if (!offices.length) return null;
  const wanted = { serviceId: given.service.id, officeIds: offices.map((o) => o.id), mode };
  return look.timetable.nextFree(look.authority, wanted);
}

const lengthAt = ({ authority }: Look, { officeId }: Place, { service }: Given): number =>
  authority.service(officeId, service.id)?.duration ?? service.duration;
