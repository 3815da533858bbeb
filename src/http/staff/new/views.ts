// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Language } from '../../../bookings/booking.ts';
import type { Place } from '../../../bookings/refusal.ts';
import type { OfferedSlot } from '../../../front-desk/timetable.ts';
import type { Authority } from '../../../offices/authority.ts';
import type { Office } from '../../../offices/definition.ts';
import { toMinute, type Millis } from '../../../time/clock.ts';
import { formatTime } from '../../../time/day.ts';
import type { Minute } from '../../../time/interval.ts';
import { sayMoment, sayTime } from '../../../time/say.ts';
import { TICK } from '../../../time/tick.ts';
import { dayOf, rfc3339, timeOf } from '../../../time/zone.ts';
import { pickingOf, placeOf } from '../../citizen/picker.ts';
import type { Look } from '../agenda/booking-line.ts';
import { audiencesOf, choiceAddress, pointedAt, type Asked, type Chosen } from './choice.ts';
import type { InTheWay, NewBooking } from './new-booking-memory.ts';

/** Every service of these offices. */
export const servicesOf = (offices: readonly Office[], chosen: Chosen | null) =>
  offices.map((office) => ({
    office,
    services: office.services.map((service) => ({
      value: `${office.id}/${service.id}`,
      name: service.name,
      chosen: service.id === chosen?.service.id && office.id === chosen.office.id,
    })),
  }));

/** The first page once there is a service: the ways it is given, for whom, and its free times. */
export function timesOf(
  { authority, language, now }: Look,
  chosen: Chosen,
  slots: readonly OfferedSlot[],
  asked: Asked,
  query: Record<string, unknown>,
) {
  const { office, service, mode, audience } = chosen;
  const { start } = pointedAt(authority, asked);
  const pointed = slots.find((slot) => slot.start === start);
  const hidden = { ...asked, servizio: service.id, ufficio: office.id, modo: mode, pubblico: audience, start: '' };
  return {
    ...pickingOf({ authority, language, now }, slots, { dal: asked.giorno, ...query }),
    pointed: pointed ? placeOf(pointed, authority, language, now) : null,
    modes: service.modes.map((m) => ({ name: m, here: m === mode, href: choiceAddress({ ...hidden, modo: m }) })),
    audiences: audiencesOf(chosen).map((a) => ({
      name: a,
      here: a === audience,
      href: choiceAddress({ ...hidden, pubblico: a }),
    })),
    chosen,
    hidden,
    anywhere: false,
    here: (more: Record<string, string>) => choiceAddress({ ...hidden, ...more }),
    other: otherTimeOf(authority.zone, asked, start ?? now),
  };
}

/** The time and the counter that the agenda pointed at, said while the service is still to be chosen. */
export function pointedView({ authority, language, now }: Look, asked: Asked) {
  const { start, counter } = pointedAt(authority, asked);
  if (start === null) return null;
  const name = counter === undefined ? '' : (authority.counterByKey(counter)?.name ?? '');
  return { when: sayMoment(start, authority.zone, language, now), counter: name };
}

/** What the fields for any other time begin with. */
const otherTimeOf = (zone: string, { giorno }: Asked, start: Minute) => ({
  day: giorno || dayOf(start, zone),
  time: formatTime(timeOf(Math.ceil(start / TICK) * TICK, zone)),
});

/** The time of a form, and what stands in its way. */
export function placeAndTimeOf(
  { authority, language, now }: Look,
  a: NewBooking,
  inTheWay: readonly InTheWay[],
  nearest: readonly Place[],
) {
  const { officeId, start } = a;
  const office = authority.office(officeId)!;
  const { duration } = authority.service(officeId, a.serviceId)!;
  const view = (place: Place) => placeOf({ ...place, end: place.start + duration }, authority, language, now);
  return {
    place: view({ officeId, start }),
    counter: a.counter === undefined ? null : (authority.counterByKey(a.counter)?.name ?? null),
    closedFor: authority.days.reasonClosed(office, dayOf(start, authority.zone)),
    inTheWay,
    accepted: inTheWay.length > 0 && inTheWay.every((it) => a.overruled.includes(it)),
    nearest: nearest.map(view),
  };
}

/** Until when the time is held; null once it is no longer. */
export function heldUntil({ zone }: Authority, { hold }: NewBooking, language: Language, now: Millis): string | null {
  return hold && now < hold.expiresAt ? sayTime(toMinute(hold.expiresAt), zone, language) : null;
}

/** The first page for another time of a form on its way. */
export const otherTimeAddress = (a: NewBooking, name: string, zone: string): string =>
  choiceAddress({
    ufficio: a.officeId,
    servizio: a.serviceId,
    modo: a.mode,
    pubblico: a.audience,
    giorno: dayOf(a.start, zone),
    start: rfc3339(a.start, zone),
    modulo: name,
  });
