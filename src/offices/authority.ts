// SPDX-License-Identifier: AGPL-3.0-or-later
import { DayBook } from './day-book.ts';
import type { Audience, AuthorityDefinition, Counter, Municipality, Office, Service } from './definition.ts';

/** A counter with the integer key under which its ticks are claimed. */
export interface KeyedCounter extends Counter {
  readonly key: number;
}

/** A place in more at an office: never offered, only taken by staff who say why. */
export interface ExtraCounter extends KeyedCounter {
  readonly officeId: string;
  readonly number: number;
}

/** Days for which it is known whose an appointment was, where the authority file says nothing. */
const KEEP_DAYS = 90;

/** A slash is in no id of an authority file. */
export const extraCounterId = (officeId: string, number: number): string => `extra/${officeId}/${number}`;

function extraCounterOf(id: string, key: number): ExtraCounter | null {
  const [kind, officeId, number] = id.split('/');
  if (kind !== 'extra' || !officeId) return null;
  return {
    id,
    key,
    officeId,
    number: Number(number),
    name: `Posto in più ${number}`,
    serves: [],
    googleCalendar: null,
  };
}

/** One revision of an authority, with what can be computed once from it. */
export class Authority {
  readonly id: string;
  readonly name: string;
  readonly zone: string;
  /** Offices that still receive, in the order of the file, each with the services it still gives. */
  readonly offices: readonly Office[];
  /** Retired ones too. */
  readonly counters: readonly KeyedCounter[];
  /** Places made when staff took one appointment more than there are counters. */
  readonly extras: readonly ExtraCounter[];
  readonly days: DayBook;

  constructor(
    readonly definition: AuthorityDefinition,
    readonly revision: number,
    counterKeys: ReadonlyMap<string, number>,
  ) {
    this.id = definition.id;
    this.name = definition.name;
    this.zone = definition.timeZone;
    this.offices = definition.offices.filter(isLive).map((o) => ({ ...o, services: o.services.filter(isLive) }));
    this.counters = definition.counters.map((c) => ({ ...c, key: counterKeys.get(c.id)! }));
    this.extras = [...counterKeys].flatMap(([id, key]) => extraCounterOf(id, key) ?? []);
    this.days = new DayBook(definition);
  }

  /** Days after an appointment, or after it was cancelled, for which it is known whose it was. */
  get keepDays(): number {
    return this.definition.privacy?.keepDays ?? KEEP_DAYS;
  }

  /** An office that still receives. */
  office(id: string): Office | undefined {
    return this.offices.find((o) => o.id === id);
  }

  /** A service still given. */
  service(officeId: string, serviceId: string): Service | undefined {
    return this.office(officeId)?.services.find((s) => s.id === serviceId);
  }

  /** Retired ones too: for bookings already made. */
  anyOffice(id: string): Office | undefined {
    return this.definition.offices.find((o) => o.id === id);
  }

  /** Retired ones too: for bookings already made. */
  anyService(officeId: string, serviceId: string): Service | undefined {
    return this.anyOffice(officeId)?.services.find((s) => s.id === serviceId);
  }

  municipality(id: string): Municipality | undefined {
    return this.definition.municipalities.find((m) => m.id === id);
  }

  /** The offices that give a service to this audience, in the order of the file. */
  officesGiving(serviceId: string, audience: Audience): Office[] {
    return this.offices.filter((o) => o.services.some((s) => s.id === serviceId && s.audience.includes(audience)));
  }

  /** The counters that give a service at an office on some day, those that give the fewest services first. */
  countersFor(officeId: string, serviceId: string): KeyedCounter[] {
    return this.counters
      .filter((c) => isLive(c) && c.serves.some((s) => s.office === officeId && s.services.includes(serviceId)))
      .sort((a, b) => breadth(a) - breadth(b));
  }

  counterByKey(key: number): KeyedCounter | undefined {
    return this.counters.find((c) => c.key === key) ?? this.extras.find((c) => c.key === key);
  }

  /** Places in more than the counters of an office, the first first. */
  extrasOf(officeId: string): ExtraCounter[] {
    return this.extras.filter((c) => c.officeId === officeId).sort((a, b) => a.number - b.number);
  }
}

const isLive = (thing: { readonly retired?: boolean }): boolean => !thing.retired;

/** How many services a counter gives: the fewer, the sooner it is chosen. */
export const breadth = (c: Counter): number =>
  new Set(c.serves.flatMap((s) => s.services.map((id) => `${s.office}/${id}`))).size;
