// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Timetable } from '../../../front-desk/timetable.ts';
import type { Office, Service } from '../../../offices/definition.ts';
import { sayMoment } from '../../../time/say.ts';
import { dayOf } from '../../../time/zone.ts';
import { addressOf, publicServices } from '../choice.ts';
import type { DoorLook } from '../reception/door-view.ts';

const SHOWN = 3;

/** A free time, and where it is taken. */
export interface OtherTime {
  readonly service: string;
  readonly when: string;
  readonly href: string;
}

/**
 * The nearest free times of an office for who has waited in vain, by video where it gives them so: of the service they
 * came for, or the first of each.
 */
export async function otherTimes(
  timetable: Timetable,
  office: Office,
  serviceId: string | null,
  look: DoorLook,
): Promise<OtherTime[]> {
  const given = publicServices(office);
  const wanted = given.filter((s) => s.id === serviceId);
  const services = (wanted.length ? wanted : given).slice(0, SHOWN);
  const each = services.length === 1 ? SHOWN : 1;
  const found = await Promise.all(
    services.map(async (service) => {
      const { authority, now } = look;
      const question = { serviceId: service.id, mode: modeOf(service) };
      const places = await timetable.nearest(authority, question, { officeId: office.id, start: now }, each);
      return places.filter((p) => p.officeId === office.id).map(({ start }) => ({ service, start }));
    }),
  );
  return found
    .flat()
    .sort((a, b) => a.start - b.start)
    .map(({ service, start }) => timeOf(office, service, start, look));
}

function timeOf(office: Office, service: Service, start: number, { authority, language, now }: DoorLook): OtherTime {
  return {
    service: service.name,
    when: sayMoment(start, authority.zone, language, now),
    href: addressOf('/prenota/data', {
      servizio: service.id,
      sede: office.id,
      modo: modeOf(service),
      dal: dayOf(start, authority.zone),
    }),
  };
}

const modeOf = ({ modes }: Pick<Service, 'modes'>) => (modes.includes('video') ? 'video' : modes[0]!);
