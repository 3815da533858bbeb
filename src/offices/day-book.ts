// SPDX-License-Identifier: AGPL-3.0-or-later
import { instantOf, weekdayOf, type Day } from '../time/day.ts';
import { merge, type Interval } from '../time/interval.ts';
import type {
  Audience,
  AuthorityDefinition,
  Closure,
  ExtraOpening,
  Office,
  Service,
  WeeklyHours,
} from './definition.ts';
import { holidayOn } from './holidays.ts';

/** A day at an office as it was opened: `open` is merged and sorted; `extra` of it stands for extraordinary reasons. */
export interface OpenDay {
  readonly open: readonly Interval[];
  readonly extra: readonly Interval[];
}

const CLOSED: OpenDay = { open: [], extra: [] };

/** Some 15 MB of a year at every door of a large Union; anyone may ask about any day, so there must be an end. */
const MOST_KEPT = 50_000;

/**
 * When each door is open, day by day. Wall-clock rules cost some 80 µs a day to turn into instants, so a day
 * once opened is kept; the book belongs to one revision of the authority and goes with it.
 */
export class DayBook {
  readonly #kept = new Map<string, OpenDay>();

  constructor(private readonly authority: AuthorityDefinition) {}

  /** When appointments of a service may be given to an audience that day. */
  forService(office: Office, service: Service, audience: Audience, day: Day): OpenDay {
    const weekly = service.openingHours.length ? service.openingHours : office.openingHours;
    return this.#opened(`s/${office.id}/${service.id}/${audience}/${day}`, office, weekly, audience, day);
  }

  /** When the office's own door is open to the public that day. */
  forOffice(office: Office, day: Day): OpenDay {
    return this.#opened(`o/${office.id}/${day}`, office, office.openingHours, 'public', day);
  }

  /** When the office's virtual door is open that day. */
  forReception(office: Office, day: Day): OpenDay {
    const weekly = office.receptionHours ?? office.openingHours;
    return this.#opened(`r/${office.id}/${day}`, office, weekly, 'public', day);
  }

  /** Why the office is shut that day: a holiday, the patron saint, a closure; null on an ordinary day. */
  reasonClosed(office: Office, day: Day): string | null {
    const municipality = this.authority.municipalities.find((m) => m.id === office.municipality);
    const inForce = (c: Closure) => c.from <= day && day <= c.through;
    return (
      holidayOn(day, municipality?.patronSaint) ??
      office.closures.find(inForce)?.reason ??
      this.authority.closures.find(inForce)?.reason ??
      null
    );
  }

  #opened(key: string, office: Office, weekly: readonly WeeklyHours[], audience: Audience, day: Day): OpenDay {
    let opened = this.#kept.get(key);
    if (opened) return opened;
    if (this.#kept.size >= MOST_KEPT) this.#kept.clear();
    this.#kept.set(key, (opened = this.#open(office, weekly, audience, day)));
    return opened;
  }

  #open(office: Office, weekly: readonly WeeklyHours[], audience: Audience, day: Day): OpenDay {
    const isFor = (hours: WeeklyHours | ExtraOpening) => !hours.audience || hours.audience.includes(audience);
    const extraordinary = office.openings.filter((o) => o.date === day && isFor(o));
    const ordinary = this.reasonClosed(office, day) ? [] : weekly.filter((h) => isFor(h) && appliesOn(h, day));
    if (!extraordinary.length && !ordinary.length) return CLOSED;
    const extra = merge(extraordinary.map((o) => this.#interval(o, day)));
    return { open: merge([...ordinary.map((h) => this.#interval(h, day)), ...extra]), extra };
  }

  #interval(hours: { opens: number; closes: number }, day: Day): Interval {
    const zone = this.authority.timeZone;
    return { start: instantOf(day, hours.opens, zone), end: instantOf(day, hours.closes, zone) };
  }
}

const appliesOn = (hours: WeeklyHours, day: Day): boolean =>
  hours.days.includes(weekdayOf(day)) &&
  (!hours.validFrom || hours.validFrom <= day) &&
  (!hours.validThrough || day <= hours.validThrough);
