// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Booking } from '../bookings/booking.ts';
import type { Diary, TakenTime } from '../database/diary.ts';
import type { Registers } from '../database/registers.ts';
import type { Authority, KeyedCounter } from '../offices/authority.ts';
import type { Office } from '../offices/definition.ts';
import { addDays, eachDay, type Day } from '../time/day.ts';
import { merge, overlaps, without, type Interval, type Minute } from '../time/interval.ts';
import { presence, rangeOfDays, type Timetable } from './timetable.ts';

/** What stands in a counter's column: no two of them at once. */
export type Entry =
  | { readonly kind: 'booking'; readonly time: Interval; readonly booking: Booking }
  /** The counter sits at another office. */
  | { readonly kind: 'elsewhere'; readonly time: Interval; readonly officeId: string }
  /** Its own calendar says so. */
  | { readonly kind: 'busy'; readonly time: Interval }
  /** Something could still be booked from its start on. */
  | { readonly kind: 'free'; readonly time: Interval };

export interface AgendaColumn {
  readonly counter: KeyedCounter;
  /** When it receives, merged and sorted. */
  readonly open: readonly Interval[];
  /** Sorted by start. */
  readonly entries: readonly Entry[];
}

export interface AgendaDay {
  readonly day: Day;
  /** The holiday, the patron saint, the closure that shuts the office; null on a day that is open, or shut every week. */
  readonly closed: string | null;
  /** The counters that receive that day or have somebody, as in the authority file, the extra ones last. */
  readonly columns: readonly AgendaColumn[];
}

interface Read {
  readonly bookings: readonly Booking[];
  readonly elsewhere: readonly (TakenTime & { officeId: string })[];
  readonly busy: readonly TakenTime[];
  readonly free: ReadonlyMap<number, readonly Minute[]>;
}

/** How far ahead the next open day is looked for. */
const FARTHEST_DAYS = 400;

/** What the days at an office are: who comes to which counter, what is still free, and why a day is shut. */
export class Agenda {
  constructor(
    private readonly registers: Registers,
    private readonly diary: Diary,
    private readonly timetable: Timetable,
  ) {}

  /** The days of a range, both ends included. */
  async days(authority: Authority, office: Office, from: Day, through: Day): Promise<AgendaDay[]> {
    const days = eachDay(from, through);
    const range = rangeOfDays(days, authority.zone);
    const counters = seatedAt(authority, office);
    const keys = counters.map((c) => c.key);
    const withCalendar = counters.filter((c) => c.googleCalendar).map((c) => c.key);
    const [bookings, elsewhere, busy, free] = await Promise.all([
      this.diary.bookingsAt(authority.id, office.id, range),
      this.diary.elsewhere(keys, office.id, range),
      this.registers.calendarPulls.busyTimes(withCalendar, range),
      this.timetable.freeStarts(authority, office, days),
    ]);
    return days.map((day) => dayOfAgenda(authority, office, day, { bookings, elsewhere, busy, free }));
  }

  /** The next day after this one on which some counter of the office receives. */
  nextOpenDay(authority: Authority, office: Office, after: Day): Day | null {
    const counters = seatedAt(authority, office);
    const days = eachDay(addDays(after, 1), addDays(after, FARTHEST_DAYS));
    return days.find((day) => counters.some((c) => receives(authority, office, c, day).length)) ?? null;
  }
}

/** Retired ones too: they may still have somebody. */
const seatedAt = (authority: Authority, office: Office): KeyedCounter[] => [
  ...authority.counters.filter((c) => c.serves.some((seat) => seat.office === office.id)),
  ...authority.extrasOf(office.id),
];

/** When a counter receives that day at an office, whatever the service and whoever comes. */
function receives(authority: Authority, office: Office, counter: KeyedCounter, day: Day): Interval[] {
  if (counter.retired) return [];
  const given = office.services.filter((s) =>
    counter.serves.some((seat) => seat.office === office.id && seat.services.includes(s.id)),
  );
  return merge(
    given.flatMap((service) =>
      service.audience.flatMap((audience) => {
        const opened = { day, ...authority.days.forService(office, service, audience, day) };
        return presence(counter, office, service, [opened]) ?? opened.open;
      }),
    ),
  );
}

function dayOfAgenda(authority: Authority, office: Office, day: Day, read: Read): AgendaDay {
  const whole = rangeOfDays([day], authority.zone);
  const bookings = Map.groupBy(
    read.bookings.filter((b) => whole.start <= b.start && b.start < whole.end),
    (b) => b.counter,
  );
  const known = seatedAt(authority, office);
  const others = [...bookings.keys()].filter((key) => !known.some((c) => c.key === key));
  const columns = [...known, ...others.flatMap((key) => authority.counterByKey(key) ?? [])]
    .map((counter) => ({ counter, open: receives(authority, office, counter, day), own: bookings.get(counter.key) }))
    .filter(({ open, own }) => open.length > 0 || own !== undefined)
    .map(({ counter, open, own = [] }) => ({
      counter,
      open,
      entries: entriesOf({ key: counter.key, own, step: office.slotStep, open, whole }, read),
    }));
  const isOpen = columns.some((c) => c.open.length > 0);
  return { day, closed: isOpen ? null : authority.days.reasonClosed(office, day), columns };
}

interface ColumnOfDay {
  readonly key: number;
  readonly own: readonly Booking[];
  readonly step: number;
  readonly open: readonly Interval[];
  readonly whole: Interval;
}

/** Appointments first; then the counter's own calendar where they leave room; then what is free between. */
function entriesOf({ key, own, step, open, whole }: ColumnOfDay, read: Read): Entry[] {
  const isHere = ({ counter, time }: TakenTime) => counter === key && overlaps(time, whole);
  const sold: Entry[] = [
    ...own.map((booking) => ({ kind: 'booking' as const, time: { start: booking.start, end: booking.end }, booking })),
    ...read.elsewhere.filter(isHere).map(({ time, officeId }) => ({ kind: 'elsewhere' as const, time, officeId })),
  ];
  const foreign = merge(read.busy.filter(isHere).map(({ time }) => clipped(time, whole)));
  const busy: Entry[] = foreign.flatMap((time) =>
    without(time, timesOf(sold)).map((left) => ({ kind: 'busy' as const, time: left })),
  );
  const taken = merge([...timesOf(sold), ...foreign]);
  const starts = (read.free.get(key) ?? []).filter((start) => whole.start <= start && start < whole.end);
  const ends = [...taken.map((t) => t.start), ...open.map((o) => o.end), ...starts].sort((a, b) => a - b);
  const free: Entry[] = starts.map((start) => {
    const end = Math.min(start + step, ends.find((e) => e > start) ?? Infinity);
    return { kind: 'free' as const, time: { start, end } };
  });
  return [...sold, ...busy, ...free].sort((a, b) => a.time.start - b.time.start);
}

const timesOf = (entries: readonly Entry[]): Interval[] => entries.map(({ time }) => time);

const clipped = (time: Interval, to: Interval): Interval => ({
  start: Math.max(time.start, to.start),
  end: Math.min(time.end, to.end),
});
