// SPDX-License-Identifier: AGPL-3.0-or-later
import { mayDo } from '../../../access/permissions.ts';
import type { Staff } from '../../../access/staff.ts';
import type { Authority } from '../../../offices/authority.ts';
import { AUDIENCES, type Audience, type Mode, type Office, type Service } from '../../../offices/definition.ts';
import { readStart } from '../../../time/zone.ts';
import { addressOf, text } from '../../citizen/choice.ts';
import { mayOr404 } from '../entrance/signed-in.ts';

/** What the address of the first page says. `servizio` may name the office too: `suap/consulenza`. */
const ASKED = ['ufficio', 'servizio', 'modo', 'pubblico', 'giorno', 'start', 'sportello', 'modulo'] as const;
export type Asked = Record<(typeof ASKED)[number], string>;

/** Where, what, how and for whom. */
export interface Chosen {
  readonly office: Office;
  readonly service: Service;
  readonly mode: Mode;
  readonly audience: Audience;
}

/** @param said a query or a form */
export function readAsked(said: unknown): Asked {
  const given = (said ?? {}) as Record<string, unknown>;
  const asked = Object.fromEntries(ASKED.map((name) => [name, text.parse(given[name])])) as Asked;
  const [officeId = '', serviceId] = asked.servizio.split('/');
  return serviceId === undefined ? asked : { ...asked, ufficio: officeId, servizio: serviceId };
}

/**
 * What was chosen, the only or the first possibility where nothing was; null until there is a service.
 * @throws Refusal `not-found` for an office that is not theirs
 */
export function chosenOf(authority: Authority, staff: Staff, asked: Asked): Chosen | null {
  if (asked.ufficio) mayOr404(staff, 'change-bookings', asked.ufficio);
  const [onlyOffice, ...others] = officesOf(authority, staff);
  const office = others.length || asked.ufficio ? authority.office(asked.ufficio) : onlyOffice;
  if (!office) return null;
  const [onlyService] = office.services.length === 1 ? office.services : [];
  const service = office.services.find((s) => s.id === asked.servizio) ?? onlyService;
  if (!service) return null;
  return {
    office,
    service,
    mode: service.modes.find((m) => m === asked.modo) ?? service.modes[0]!,
    audience: service.audience.find((a) => a === asked.pubblico) ?? service.audience[0]!,
  };
}

/** Offices in which somebody books for others. */
export const officesOf = (authority: Authority, staff: Staff): Office[] =>
  authority.offices.filter((office) => mayDo(staff, 'change-bookings', office.id));

/** The first page with these things chosen. */
export const choiceAddress = (asked: Partial<Asked> & Record<string, string | undefined>): string =>
  addressOf('/operatore/nuovo', asked);

/** Whether it makes a difference for whom it is: hours of their own, for professionals or for everyone else. */
export function audiencesOf({ office, service }: Chosen): readonly Audience[] {
  const hours = [...office.openingHours, ...office.openings, ...service.openingHours];
  const differ = hours.some((h) => h.audience && h.audience.length < AUDIENCES.length);
  return differ && service.audience.length > 1 ? service.audience : [];
}

/** The start and the counter that the agenda pointed at. */
export function pointedAt({ zone, counters }: Authority, { start, sportello }: Asked) {
  const read = readStart(start, zone);
  return {
    start: 'minute' in read ? read.minute : null,
    counter: counters.find((c) => c.id === sportello)?.key,
  };
}
