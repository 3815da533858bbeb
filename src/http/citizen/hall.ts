// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Language } from '../../bookings/booking.ts';
import type { Timetable } from '../../front-desk/timetable.ts';
import type { Authority } from '../../offices/authority.ts';
import type { Municipality, Office } from '../../offices/definition.ts';
import { addDays, eachDay, weekdayOf, type Day } from '../../time/day.ts';
import type { Minute } from '../../time/interval.ts';
import { sayDate, sayDay, sayTime } from '../../time/say.ts';
import { dayOf } from '../../time/zone.ts';
import type { DoorState } from '../../waiting-room/door.ts';
import { bookable, publicServices } from './choice.ts';
import { hoursOnlyFor, sayHours } from './hours.ts';
import type { Say } from '../page.ts';
import { doorViewOf, isOpen, type DoorView as VirtualDoor } from './reception/door-view.ts';

const CLOSURES_AHEAD_DAYS = 14;
const SERVICES_SHOWN = 3;

interface DoorView {
  readonly office: Office;
  readonly services: readonly string[];
  readonly otherServices: number;
  readonly hours: string;
  readonly professionals: string;
  readonly open: boolean;
  /** Until when it is open, or when it opens next; null when it does not open in the time we look ahead. */
  readonly until: { readonly day: string; readonly time: string; readonly today: boolean } | null;
  readonly bookable: boolean;
  /** Its virtual one; null where it receives at none. */
  readonly virtual: VirtualDoor | null;
  /** Without hours of its own it receives whoever has an appointment, if it gives any. */
  readonly byAppointment: boolean;
}

interface ClosureView {
  readonly from: string;
  readonly through: string | null;
  readonly reason: string;
  /** Names of the offices; null when it is all of them. */
  readonly offices: readonly string[] | null;
}

interface HallQuestion {
  readonly authority: Authority;
  readonly municipality?: Municipality;
  readonly serviceId: string;
  readonly language: Language;
  readonly now: Minute;
  readonly t: Say;
  /** How the virtual doors stand, by office. */
  readonly virtual: ReadonlyMap<string, DoorState>;
}

/** Every office with its hours, grouped by municipality: what the hall shows. */
export function hallOf(q: HallQuestion, timetable: Timetable) {
  const { authority, municipality, serviceId } = q;
  const mine = authority.offices.filter((o) => !municipality || o.municipality === municipality.id);
  const shown = mine.filter((o) => !serviceId || publicServices(o).some((s) => s.id === serviceId));
  const groups = authority.definition.municipalities
    .map(({ id, name }) => ({
      name,
      doors: shown.filter((o) => o.municipality === id).map((o) => doorOf(o, q, timetable)),
    }))
    .filter((group) => group.doors.length);
  const services = bookable(authority, { municipality: municipality?.id }).map(({ service }) => service);
  return {
    groups,
    services,
    serviceId,
    receiving: [...q.virtual.values()].filter(isOpen).length,
    openNow: groups.flatMap((g) => g.doors).filter((d) => d.open).length,
    closures: closuresOf(mine, q),
  };
}

function doorOf(office: Office, q: HallQuestion, timetable: Timetable): DoorView {
  const { authority, language, now } = q;
  const services = publicServices(office).map((s) => s.name);
  const open = timetable.openNow(authority, office);
  const at = open ? timetable.openUntil(authority, office) : timetable.nextOpening(authority, office);
  const today = dayOf(now, authority.zone);
  const restricted = hoursOnlyFor(office.openingHours, 'professionals');
  return {
    office,
    services: services.slice(0, SERVICES_SHOWN),
    otherServices: Math.max(0, services.length - SERVICES_SHOWN),
    hours: sayHours(office.openingHours, 'public', language, today),
    professionals: sayHours(restricted, 'professionals', language, today),
    open,
    until:
      at === null
        ? null
        : {
            day: sayDay(at, authority.zone, language, now),
            time: sayTime(at, authority.zone, language),
            today: dayOf(at, authority.zone) === today,
          },
    bookable: services.length > 0,
    virtual: virtualOf(office, q),
    byAppointment: office.services.length > 0,
  };
}

function virtualOf(office: Office, q: HallQuestion): VirtualDoor | null {
  const door = q.virtual.get(office.id);
  return door && door.state !== 'none' ? doorViewOf(office, door, q) : null;
}

/** Holidays, patron saints and closures of the next days on which the office would else be open. */
function closuresOf(offices: readonly Office[], { authority, language, now }: HallQuestion): ClosureView[] {
  const today = dayOf(now, authority.zone);
  const days = eachDay(today, addDays(today, CLOSURES_AHEAD_DAYS - 1));
  const spans = new Map<string, { days: Day[]; office: Office; reason: string }[]>();
  for (const office of offices) {
    for (const span of spansOf(office, days, authority)) {
      const key = `${span.days[0]}/${span.days.at(-1)}/${span.reason}`;
      spans.set(key, [...(spans.get(key) ?? []), span]);
    }
  }
  return [...spans]
    .filter(([, same]) => same.some(isMissed))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, same]) => {
      const { days: closed, reason } = same[0]!;
      return {
        from: sayDate(closed[0]!, language, today),
        through: closed.length > 1 ? sayDate(closed.at(-1)!, language, today) : null,
        reason,
        offices: same.length === offices.length ? null : same.map((s) => s.office.name),
      };
    });
}

/** A Sunday that is also a holiday is no news. */
const isMissed = ({ days, office }: { days: readonly Day[]; office: Office }): boolean =>
  days.some((day) => office.openingHours.some((h) => h.days.includes(weekdayOf(day))));

/** Days in a row with one reason, ordinary closed days between them not counting. */
function spansOf(office: Office, days: readonly Day[], authority: Authority) {
  const spans: { days: Day[]; office: Office; reason: string }[] = [];
  let previous: string | null = null;
  for (const day of days) {
    const reason = authority.days.forOffice(office, day).open.length ? null : authority.days.reasonClosed(office, day);
    if (reason && reason === previous) spans.at(-1)!.days.push(day);
    else if (reason) spans.push({ days: [day], office, reason });
    previous = reason;
  }
  return spans;
}
