// SPDX-License-Identifier: AGPL-3.0-or-later
import { freeSlots, type CounterTimes, type SlotQuestion } from '../availability/free-slots.ts';
import type { Booking } from '../bookings/booking.ts';
import { invalid, type Place } from '../bookings/refusal.ts';
import type { Registers } from '../database/registers.ts';
import type { Authority, KeyedCounter } from '../offices/authority.ts';
import type { Audience, Mode, Office, Service } from '../offices/definition.ts';
import type { OpenDay } from '../offices/day-book.ts';
import { closingOf, nextOpeningOf } from '../offices/open-hours.ts';
import { toMinute, type Clock } from '../time/clock.ts';
import { addDays, daysFrom, eachDay, instantOf, weekdayOf, type Day } from '../time/day.ts';
import { merge, type Interval, type Minute } from '../time/interval.ts';
import { dayOf } from '../time/zone.ts';

/** What someone may ask about free times. */
export interface Wanted {
  readonly serviceId: string;
  /** Every office that gives the service when absent. */
  readonly officeIds?: readonly string[];
  readonly mode?: Mode;
  /** `public` when absent. */
  readonly audience?: Audience;
  /** A booking that would move, or the hold of a form: its own time does not stand in its way. */
  readonly except?: Pick<Booking, 'id'>;
}

export interface SlotQuery extends Wanted {
  readonly from: Day;
  /** Included. */
  readonly through: Day;
}

export interface OfferedSlot {
  readonly officeId: string;
  readonly start: Minute;
  readonly end: Minute;
  /** Counters free. */
  readonly free: number;
}

export interface ClosedDay {
  readonly officeId: string;
  readonly date: Day;
  readonly reason: string;
}

export interface Offer {
  /** Sorted by start, then as the offices stand in the authority file. */
  readonly slots: readonly OfferedSlot[];
  readonly closed: readonly ClosedDay[];
  readonly nextFree: Place | null;
}

/** An office that gives the wanted service, and who receives there. */
interface Giver {
  readonly office: Office;
  readonly service: Service;
  readonly counters: readonly KeyedCounter[];
}

/** Days looked at in one step when searching for the first free slot. */
const STRIDE = 28;

/** What is free and when doors open: the only place where slots are computed, for showing and for deciding alike. */
export class Timetable {
  constructor(
    private readonly registers: Registers,
    private readonly clock: Clock,
  ) {}

  /** Differs from before when this process has changed what is free. */
  get changes(): number {
    return this.registers.changes;
  }

  async offer(authority: Authority, query: SlotQuery): Promise<Offer> {
    const givers = giversOf(authority, query);
    const slots = await this.#slots(authority, givers, query);
    const coversNow = query.from <= dayOf(this.#now(), authority.zone);
    const first = slots[0];
    return {
      slots,
      closed: givers.flatMap(({ office }) => closedDays(authority, office, query)),
      nextFree:
        first && coversNow ? { officeId: first.officeId, start: first.start } : await this.nextFree(authority, query),
    };
  }

  /** The first free slot within the horizon, at whichever office has it. */
  async nextFree(authority: Authority, wanted: Wanted): Promise<Place | null> {
    const givers = giversOf(authority, wanted);
    const now = this.#now();
    const notice = Math.min(...givers.map((g) => g.service.notice));
    const last = dayOf(now + Math.max(...givers.map((g) => g.service.horizon)), authority.zone);
    for (let from = dayOf(now + notice, authority.zone); from <= last; from = addDays(from, STRIDE)) {
      const [first] = await this.#slots(authority, givers, { ...wanted, from, through: addDays(from, STRIDE - 1) });
      if (first) return { officeId: first.officeId, start: first.start };
    }
    return null;
  }

  /** The free slots nearest to a start: at its own office first, then elsewhere. */
  async nearest(authority: Authority, wanted: Wanted, place: Place, most: number): Promise<Place[]> {
    const givers = giversOf(authority, { ...wanted, officeIds: undefined });
    const near = async (there: Giver[]) => this.#nearestAt(authority, there, wanted, { ...place, most });
    const here = await near(givers.filter((g) => g.office.id === place.officeId));
    const elsewhere = here.length < most ? await near(givers.filter((g) => g.office.id !== place.officeId)) : [];
    return [...here, ...elsewhere].slice(0, most).map(({ officeId, start }) => ({ officeId, start }));
  }

  /** Looked for within some weeks of a start, and to the end of the horizon when too few are free there. */
  async #nearestAt(
    authority: Authority,
    givers: readonly Giver[],
    wanted: Wanted,
    { start, most }: { start: Minute; most: number },
  ): Promise<OfferedSlot[]> {
    if (!givers.length) return [];
    const day = dayOf(start, authority.zone);
    const within = (days: number) =>
      this.#slots(authority, givers, { ...wanted, from: addDays(day, -days), through: addDays(day, days) });
    const farthest = Math.ceil(Math.max(...givers.map((g) => g.service.horizon)) / 1440) + 1;
    const near = await within(STRIDE);
    const slots = near.length >= most || farthest <= STRIDE ? near : await within(farthest);
    const distance = (slot: OfferedSlot) => Math.abs(slot.start - start);
    return slots.sort((a, b) => distance(a) - distance(b));
  }

  /** The question whose answer decides about one start at one office. `ignoring` is a hold or booking of one's own. */
  async question(
    authority: Authority,
    { office, service, audience }: { office: Office; service: Service; audience: Audience },
    start: Minute,
    ignoring?: string,
  ): Promise<SlotQuestion> {
    const counters = authority.countersFor(office.id, service.id);
    const end = start + service.duration + service.bufferAfter;
    const range = dayAround({ start, end }, authority.zone);
    const busy = await this.#busy(counters, range, ignoring);
    const days = [dayOf(start, authority.zone)];
    return this.#question(authority, { office, service, counters }, audience, days, busy);
  }

  /** The starts each counter of an office could still take, whatever the service and whoever asks, the first first. */
  async freeStarts(authority: Authority, office: Office, days: readonly Day[]): Promise<Map<number, Minute[]>> {
    const givers = office.services.map((service) => ({
      office,
      service,
      counters: authority.countersFor(office.id, service.id),
    }));
    const counters = [...new Set(givers.flatMap((g) => g.counters))];
    const busy = await this.#busy(counters, rangeOfDays(days, authority.zone));
    const starts = new Map(counters.map(({ key }) => [key, new Set<Minute>()]));
    for (const giver of givers)
      for (const audience of giver.service.audience)
        for (const counter of giver.counters) {
          const question = this.#question(authority, { ...giver, counters: [counter] }, audience, days, busy);
          for (const { start } of freeSlots(question)) starts.get(counter.key)!.add(start);
        }
    return new Map([...starts].map(([key, set]) => [key, [...set].sort((a, b) => a - b)]));
  }

  openNow(authority: Authority, office: Office): boolean {
    return this.openUntil(authority, office) !== null;
  }

  /** When the office closes, if it is open now. */
  openUntil(authority: Authority, office: Office): Minute | null {
    return closingOf((day) => authority.days.forOffice(office, day).open, this.#now(), authority.zone);
  }

  /** When the office opens next, after now; null when that is more than a year away. */
  nextOpening(authority: Authority, office: Office): Minute | null {
    return nextOpeningOf((day) => authority.days.forOffice(office, day).open, this.#now(), authority.zone);
  }

  async #slots(authority: Authority, givers: readonly Giver[], query: SlotQuery): Promise<OfferedSlot[]> {
    const { audience = 'public' } = query;
    const days = this.#bookableDays(authority, givers, query);
    if (!days.length) return [];
    const counters = [...new Set(givers.flatMap((g) => g.counters))];
    const range = rangeOf(authority, givers, audience, days);
    if (!range) return [];
    const busy = await this.#busy(counters, range, query.except?.id);
    return givers
      .flatMap((giver) => {
        const slots = freeSlots(this.#question(authority, giver, audience, days, busy));
        return slots.map((slot) => ({ officeId: giver.office.id, ...slot }));
      })
      .sort((a, b) => a.start - b.start);
  }

  /** Days of the range on which something might still be booked: notice and horizon cut the rest off. */
  #bookableDays(authority: Authority, givers: readonly Giver[], { from, through }: SlotQuery): Day[] {
    const now = this.#now();
    const first = dayOf(now + Math.min(...givers.map((g) => g.service.notice)), authority.zone);
    const last = dayOf(now + Math.max(...givers.map((g) => g.service.horizon)), authority.zone);
    const start = from > first ? from : first;
    const end = through < last ? through : last;
    return daysFrom(start, end) < 0 ? [] : eachDay(start, end);
  }

  /** When counters are taken, or busy in their own calendars; those without a calendar are not asked about twice. */
  async #busy(
    counters: readonly KeyedCounter[],
    range: Interval,
    ignoring?: string,
  ): Promise<ReadonlyMap<number, readonly Interval[]>> {
    const { books, calendarPulls } = this.registers;
    const withCalendar = counters.filter((c) => c.googleCalendar);
    const [busy, elsewhere] = await Promise.all([
      books.busyTimes(keysOf(counters), range, this.clock.now(), ignoring),
      calendarPulls.busyTimes(keysOf(withCalendar), range),
    ]);
    for (const { counter, time } of elsewhere) busy.get(counter)!.push(time);
    const touched = new Set(elsewhere.map(({ counter }) => counter));
    for (const key of touched) busy.get(key)!.sort((a, b) => a.start - b.start);
    return busy;
  }

  #question(
    authority: Authority,
    { office, service, counters }: Giver,
    audience: Audience,
    days: readonly Day[],
    busy: ReadonlyMap<number, readonly Interval[]>,
  ): SlotQuestion {
    const now = this.#now();
    const opened = days.map((day) => ({ day, ...authority.days.forService(office, service, audience, day) }));
    return {
      openings: opened.flatMap((d) => d.open),
      step: office.slotStep,
      duration: service.duration,
      bufferAfter: service.bufferAfter,
      earliest: now + service.notice,
      latest: now + service.horizon,
      counters: counters.map((counter): CounterTimes => {
        const present = presence(counter, office, service, opened);
        return { key: counter.key, present, busy: busy.get(counter.key) ?? [] };
      }),
    };
  }

  #now(): Minute {
    return toMinute(this.clock.now());
  }
}

const keysOf = (counters: readonly KeyedCounter[]): number[] => counters.map((c) => c.key);

/** @throws Refusal `invalid` for an office, a service or a mode that is not there for this audience. */
function giversOf(authority: Authority, { serviceId, officeIds, mode, audience = 'public' }: Wanted): Giver[] {
  const giving = authority.officesGiving(serviceId, audience);
  if (!giving.length) throw invalid('service_id', 'There is no such service.');
  const unknown = officeIds?.find((id) => !giving.some((office) => office.id === id));
  if (unknown !== undefined) throw invalid('office_id', 'There is no such office, or it does not give this service.');
  const givers = giving
    .filter((office) => !officeIds?.length || officeIds.includes(office.id))
    .map((office) => ({
      office,
      service: authority.service(office.id, serviceId)!,
      counters: authority.countersFor(office.id, serviceId),
    }))
    .filter(({ service }) => !mode || service.modes.includes(mode));
  if (!givers.length) throw invalid('mode', 'This service is not given in this mode.');
  return givers;
}

function closedDays(authority: Authority, office: Office, { from, through }: SlotQuery): ClosedDay[] {
  return eachDay(from, through).flatMap((date) => {
    const reason = authority.days.reasonClosed(office, date);
    const reopened = reason && authority.days.forOffice(office, date).open.length > 0;
    return reason && !reopened ? [{ officeId: office.id, date, reason }] : [];
  });
}

/** From the first opening to the last, with the longest appointment that may reach past it. */
function rangeOf(
  authority: Authority,
  givers: readonly Giver[],
  audience: Audience,
  days: readonly Day[],
): Interval | null {
  const open = givers.flatMap(({ office, service }) =>
    days.flatMap((day) => authority.days.forService(office, service, audience, day).open),
  );
  if (!open.length) return null;
  const buffer = Math.max(...givers.map((g) => g.service.bufferAfter));
  const start = open.reduce((least, o) => Math.min(least, o.start), Infinity);
  const end = open.reduce((most, o) => Math.max(most, o.end), -Infinity);
  return { start, end: end + buffer };
}

/** When a counter gives a service at an office: on its weekdays, and at every extraordinary opening. */
export function presence(
  counter: KeyedCounter,
  office: Office,
  service: Service,
  opened: readonly ({ day: Day } & OpenDay)[],
): Interval[] | null {
  const seats = counter.serves.filter((s) => s.office === office.id && s.services.includes(service.id));
  if (seats.some((seat) => !seat.days)) return null;
  const days = new Set(seats.flatMap((seat) => seat.days ?? []));
  return merge(opened.flatMap(({ day, open, extra }) => (days.has(weekdayOf(day)) ? open : extra)));
}

/** The whole day of a time, so that what is busy also says how much each counter has to do that day. */
function dayAround({ start, end }: Interval, zone: string): Interval {
  const day = dayOf(start, zone);
  const next = instantOf(addDays(day, 1), 0, zone);
  return { start: Math.min(start, instantOf(day, 0, zone)), end: Math.max(end, next) };
}

/** From the first midnight to the last. */
export const rangeOfDays = (days: readonly Day[], zone: string): Interval => ({
  start: instantOf(days[0]!, 0, zone),
  end: instantOf(addDays(days.at(-1)!, 1), 0, zone),
});
