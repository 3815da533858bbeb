// SPDX-License-Identifier: AGPL-3.0-or-later
import { z } from 'zod';
import type { Authority } from '../../offices/authority.ts';
import { MODES, type Mode, type Office, type Service } from '../../offices/definition.ts';

/** Any office that gives the service, the first free place. */
export const ANYWHERE = 'qualsiasi';

/** Longer than any answer may be, short enough for an address, a header and a row of the drafts. */
const LONGEST_TEXT = 1000;

/** A text of a query or a form as browsers and strangers send it: the last one when repeated, empty when it is none. */
export const text = z
  .union([z.string(), z.array(z.string()).transform((all) => all.at(-1) ?? '')])
  .transform((value) => value.trim().slice(0, LONGEST_TEXT).toWellFormed())
  .catch('');

/**
 * What has been chosen in the address: `servizio` and `ufficio` come from a link and restrict, `sede` and `modo` are
 * the citizen's own. Choosing is reading, so it leaves no trace but the address.
 */
const ChoiceQuery = z.object({
  servizio: text,
  service_id: text,
  ufficio: text,
  office_id: text,
  sede: text,
  modo: text,
});

export interface Choice {
  readonly servizio: string;
  readonly ufficio: string;
  readonly sede: string;
  readonly modo: string;
}

export function readChoice(query: unknown): Choice {
  const q = ChoiceQuery.parse(query ?? {});
  return { servizio: q.servizio || q.service_id, ufficio: q.ufficio || q.office_id, sede: q.sede, modo: q.modo };
}

/** The address of a page with these choices in it; empty ones are left out. */
export function addressOf(path: string, choice: Partial<Choice> & Record<string, string | undefined>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(choice)) if (value) query.set(name, value);
  return query.size ? `${path}?${query.toString()}` : path;
}

/** A service as citizens see it, with the offices that give it. */
export interface Given {
  readonly service: Service;
  readonly offices: readonly Office[];
}

/** What can be booked by the public, in the order of the file; at one office or one municipality when asked. */
export function bookable(authority: Authority, at: { officeId?: string; municipality?: string } = {}): Given[] {
  const given = new Map<string, { service: Service; offices: Office[] }>();
  for (const office of authority.offices) {
    if (at.officeId && office.id !== at.officeId) continue;
    if (at.municipality && office.municipality !== at.municipality) continue;
    for (const service of publicServices(office)) {
      const known = given.get(service.id);
      if (known) known.offices.push(office);
      else given.set(service.id, { service, offices: [office] });
    }
  }
  return [...given.values()];
}

export const publicServices = (office: Office): Service[] =>
  office.services.filter((s) => s.audience.includes('public'));

/** The ways in which some of these offices give the service, in our order. */
export const modesOf = (serviceId: string, offices: readonly Office[]): Mode[] =>
  MODES.filter((m) => offices.some((o) => givesBy(o, serviceId, m)));

export const givesBy = (office: Office, serviceId: string, mode: Mode): boolean =>
  publicServices(office).some((s) => s.id === serviceId && s.modes.includes(mode));

/** Where the time is looked for: the chosen office, or all that give the service in this way. Empty: choose again. */
export function placesOf(given: Given, sede: string, mode: Mode): Office[] {
  return given.offices.filter((o) => (sede === ANYWHERE || o.id === sede) && givesBy(o, given.service.id, mode));
}

export const modeNamed = (name: string): Mode | null => MODES.find((m) => m === name) ?? null;
