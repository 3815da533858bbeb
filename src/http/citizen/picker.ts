// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Language } from '../../bookings/booking.ts';
import type { OfferedSlot } from '../../front-desk/timetable.ts';
import type { Authority } from '../../offices/authority.ts';
import { addDays, type Day } from '../../time/day.ts';
import type { Minute } from '../../time/interval.ts';
import { sayDate, sayMonth, sayTime, sayWhen } from '../../time/say.ts';
import { text } from './choice.ts';
import { dayOf, readStart, rfc3339, timeOf } from '../../time/zone.ts';

const SHOWN_DAYS = 7;
/** More than this many places in a day are easier to read as a morning and an afternoon. */
const MANY = 12;
/** Offices that open at nine close at one: that is still their morning. */
const NOON = 13 * 60;
const NEAREST = 3;

/** A time that can be chosen, as a button. */
interface PlaceView {
  /** `office@2027-03-30T09:00:00+02:00` */
  readonly value: string;
  readonly time: string;
  /** `martedì 30 marzo, ore 9:00–9:30` */
  readonly when: string;
  readonly office: string;
}

interface DayView {
  readonly day: Day;
  readonly name: string;
  readonly count: number;
  readonly parts: readonly { readonly name: 'morning' | 'afternoon' | 'all'; readonly places: readonly PlaceView[] }[];
}

interface PickerView {
  readonly first: PlaceView | null;
  readonly days: readonly DayView[];
  readonly months: readonly { readonly value: string; readonly name: string; readonly chosen: boolean }[];
  /** First day with places after those shown, and the start of those before. */
  readonly later: Day | null;
  readonly earlier: Day | null;
  readonly nearest: readonly PlaceView[];
}

interface PickerQuestion {
  readonly authority: Authority;
  readonly slots: readonly OfferedSlot[];
  readonly language: Language;
  readonly now: Minute;
  /** The day or the month to show first. */
  readonly from: string;
  /** A time that was just lost: the nearest free ones are shown. */
  readonly lost: Minute | null;
}

/** The picker that an address asks for: `dal` a day or `mese` a month to show first, {@link LOST} a time just lost. */
export function pickingOf(
  look: Pick<PickerQuestion, 'authority' | 'language' | 'now'>,
  slots: readonly OfferedSlot[],
  query: Record<string, unknown>,
) {
  const from = text.parse(query['dal']) || text.parse(query['mese']);
  const lost = readLost(query, look.authority.zone);
  return { picker: pickerOf({ ...look, slots, from, lost: lost?.start ?? null }), lost: lost?.why ?? null };
}

/** The free times as a person chooses among them: the first one, then a week of days, only those with places. */
function pickerOf(q: PickerQuestion): PickerView {
  const { authority, slots, language, now } = q;
  const view = (slot: OfferedSlot) => placeOf(slot, authority, language, now);
  const byDay = Map.groupBy(slots, (slot) => dayOf(slot.start, authority.zone));
  const days = [...byDay.keys()].sort();
  const start = days.find((day) => day >= (q.from || '')) ?? days[0] ?? '';
  const end = start && addDays(start, SHOWN_DAYS);
  const shown = days.filter((day) => start <= day && day < end);
  const before = days.filter((day) => day < start).at(-1);
  return {
    first: slots[0] ? view(slots[0]) : null,
    days: shown.map((day) => dayView(day, byDay.get(day)!.map(view), byDay.get(day)!, q)),
    months: monthsOf(days, start, language),
    later: days.find((day) => day >= end) ?? null,
    earlier: before ? (days.find((day) => day > addDays(before, -SHOWN_DAYS)) ?? null) : null,
    nearest: q.lost === null ? [] : nearestTo(q.lost, slots).map(view),
  };
}

export const placeOf = (
  slot: Omit<OfferedSlot, 'free'>,
  authority: Authority,
  language: Language,
  now: Minute,
): PlaceView => ({
  value: `${slot.officeId}@${rfc3339(slot.start, authority.zone)}`,
  time: sayTime(slot.start, authority.zone, language),
  when: sayWhen(slot.start, slot.end, authority.zone, language, now),
  office: authority.office(slot.officeId)?.name ?? '',
});

/** The office and start a button carried; null for anything else. */
export function readPlace(value: string, zone: string): { officeId: string; start: Minute } | null {
  const [officeId = '', time = ''] = value.split('@');
  const start = readStart(time, zone);
  return officeId && 'minute' in start ? { officeId, start: start.minute } : null;
}

/** Why a time was lost, as the address says it: someone was faster, it can no longer be booked, the person has enough. */
const LOST = { occupato: 'taken', passato: 'gone', limite: 'over-limit' } as const;
export type Lost = keyof typeof LOST;

function readLost(query: Record<string, unknown>, zone: string): { start: Minute; why: (typeof LOST)[Lost] } | null {
  for (const name of Object.keys(LOST) as Lost[]) {
    const start = readStart(text.parse(query[name]), zone);
    if ('minute' in start) return { start: start.minute, why: LOST[name] };
  }
  return null;
}

function dayView(day: Day, places: PlaceView[], slots: readonly OfferedSlot[], q: PickerQuestion): DayView {
  const { authority, language, now } = q;
  const name = sayDate(day, language, dayOf(now, authority.zone));
  const inMorning = (_: unknown, i: number) => timeOf(slots[i]!.start, authority.zone) < NOON;
  const morning = places.filter(inMorning);
  const afternoon = places.filter((place, i) => !inMorning(place, i));
  const many = places.length > MANY && morning.length > 0 && afternoon.length > 0;
  const parts = many
    ? [
        { name: 'morning' as const, places: morning },
        { name: 'afternoon' as const, places: afternoon },
      ]
    : [{ name: 'all' as const, places }];
  return { day, name, count: places.length, parts };
}

const monthsOf = (days: readonly Day[], start: Day, language: Language): PickerView['months'] =>
  [...new Set(days.map((day) => day.slice(0, 7)))].map((value) => ({
    value,
    name: sayMonth(`${value}-01`, language),
    chosen: start.startsWith(value),
  }));

const nearestTo = (lost: Minute, slots: readonly OfferedSlot[]): OfferedSlot[] =>
  slots
    .toSorted((a, b) => Math.abs(a.start - lost) - Math.abs(b.start - lost))
    .slice(0, NEAREST)
    .sort((a, b) => a.start - b.start);
