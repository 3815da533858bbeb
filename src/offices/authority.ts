// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Day, MinuteOfDay, Weekday } from '../time/day.ts';
import type { Duration } from '../time/duration.ts';
import { DayBook } from './day-book.ts';

export const MODES = ['in_person', 'phone', 'video'] as const;
export type Mode = (typeof MODES)[number];

export const AUDIENCES = ['public', 'professionals'] as const;
export type Audience = (typeof AUDIENCES)[number];

/** Opening hours that come back every week, in wall-clock time of the authority's zone. */
export interface WeeklyHours {
  readonly days: readonly Weekday[];
  readonly opens: MinuteOfDay;
  readonly closes: MinuteOfDay;
  readonly validFrom?: Day;
  readonly validThrough?: Day;
  readonly audience?: readonly Audience[];
}

/** An extraordinary opening: it stands even on a holiday or in a closure. */
export interface ExtraOpening {
  readonly date: Day;
  readonly opens: MinuteOfDay;
  readonly closes: MinuteOfDay;
  readonly audience?: readonly Audience[];
}

export interface Closure {
  readonly from: Day;
  readonly through: Day;
  readonly reason: string;
}

/** The day of a municipality's patron saint: every year on `MM-DD`, or so many days after Easter Sunday. */
export interface PatronSaint {
  readonly date: string;
  readonly name: string;
}

export interface Municipality {
  readonly id: string;
  readonly name: string;
  readonly patronSaint?: PatronSaint;
  readonly hosts: readonly string[];
  readonly publicUrl?: string;
}

/** What a service asks beyond name and e-mail; erased with the citizen's data. */
export interface Field {
  readonly id: string;
  readonly label: string;
  readonly type: 'text' | 'number' | 'choice';
  readonly required: boolean;
  readonly options: readonly string[];
}

/** At most `perPerson` live bookings of one e-mail address whose starts lie within any `per`. */
export interface Limits {
  readonly perPerson: number;
  readonly per: Duration;
}

export interface Service {
  readonly id: string;
  readonly name: string;
  readonly description?: string;
  /** Minutes. */
  readonly duration: number;
  readonly modes: readonly Mode[];
  /** Elapsed minutes. */
  readonly notice: number;
  /** Elapsed minutes. */
  readonly horizon: number;
  /** Minutes. */
  readonly bufferAfter: number;
  readonly needs: readonly string[];
  readonly video: string;
  /** When there are any they replace the office's weekly hours for this service. */
  readonly openingHours: readonly WeeklyHours[];
  readonly audience: readonly Audience[];
  readonly fields: readonly Field[];
  readonly limits?: Limits;
  readonly confirmation: 'automatic' | 'staff';
  readonly cancelUntil: Duration;
  readonly reminders: readonly Duration[];
  /** No longer in the authority file, kept because bookings name it. */
  readonly retired?: boolean;
}

export interface Office {
  readonly id: string;
  readonly name: string;
  readonly municipality: string;
  readonly address: string;
  readonly email?: string;
  readonly phone?: string;
  /** Minutes of the grid on which appointments may start, counted from each opening. */
  readonly slotStep: number;
  readonly openingHours: readonly WeeklyHours[];
  /** When the virtual door opens; the opening hours when absent. */
  readonly receptionHours?: readonly WeeklyHours[];
  readonly openings: readonly ExtraOpening[];
  readonly closures: readonly Closure[];
  readonly services: readonly Service[];
  /** No longer in the authority file, kept because bookings name it. */
  readonly retired?: boolean;
}

/** Where a counter sits: the services it gives at an office, on these weekdays (every day when absent). */
export interface Seat {
  readonly office: string;
  readonly services: readonly string[];
  readonly days?: readonly Weekday[];
}

/** Who or what receives one appointment at a time: a desk, a technician, the mayor. */
export interface Counter {
  readonly id: string;
  readonly name: string;
  readonly serves: readonly Seat[];
  readonly googleCalendar: string | null;
  /** No longer in the authority file, kept because bookings name it. */
  readonly retired?: boolean;
}

export interface Privacy {
  readonly controller: string;
  readonly dpo: string;
}

/** An authority as its file describes it: plain data, kept whole as JSON. */
export interface AuthorityDefinition {
  readonly id: string;
  readonly name: string;
  readonly timeZone: string;
  readonly hosts: readonly string[];
  readonly email: string;
  readonly publicUrl?: string;
  readonly phone?: string;
  readonly pec?: string;
  readonly privacy?: Privacy;
  readonly accessibilityUrl?: string;
  readonly repositoryUrl?: string;
  /** Closed everywhere, whatever the office says. */
  readonly closures: readonly Closure[];
  readonly municipalities: readonly Municipality[];
  readonly offices: readonly Office[];
  readonly counters: readonly Counter[];
}

/** A counter with the integer key under which its ticks are claimed. */
export interface KeyedCounter extends Counter {
  readonly key: number;
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
    this.days = new DayBook(definition);
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
    return this.counters.find((c) => c.key === key);
  }
}

const isLive = (thing: { readonly retired?: boolean }): boolean => !thing.retired;

/** How many services a counter gives: the fewer, the sooner it is chosen. */
export const breadth = (c: Counter): number =>
  new Set(c.serves.flatMap((s) => s.services.map((id) => `${s.office}/${id}`))).size;
