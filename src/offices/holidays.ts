// SPDX-License-Identifier: AGPL-3.0-or-later
import Holidays from 'date-holidays';
import { addDays, type Day } from '../time/day.ts';
import type { PatronSaint } from './definition.ts';

/** L. 260/1949. `date-holidays` takes a year below 100 for another one, and 0 for the present. */
const FIRST_YEAR = 1949;
const MOST_YEARS = 100;

interface HolidaysOfYear {
  readonly national: ReadonlyMap<Day, string>;
  readonly easter: Day;
}

/** National holidays as the law of each year has them (L. 260/1949 art. 2 as amended; 4 October since 2026, L. 151/2025). */
const italy = new Holidays('IT');
const byYear = new Map<number, HolidaysOfYear>();

function holidaysOf(year: number): HolidaysOfYear {
  let kept = byYear.get(year);
  if (!kept) {
    if (byYear.size >= MOST_YEARS) byYear.clear();
    const days = italy.getHolidays(year, 'it');
    const national = days.filter((d) => d.type === 'public');
    const easter = days.find((d) => d.rule === 'easter')!.date.slice(0, 10);
    kept = { national: new Map(national.map((d) => [d.date.slice(0, 10), d.name])), easter };
    byYear.set(year, kept);
  }
  return kept;
}

/** The name of the national holiday or of the patron saint kept that day, or null; before 1949 there are none. */
export function holidayOn(day: Day, patron?: PatronSaint): string | null {
  const year = Number(day.slice(0, 4));
  if (year < FIRST_YEAR) return null;
  const { national, easter } = holidaysOf(year);
  return national.get(day) ?? (patron && patronDay(patron, day, easter) === day ? patron.name : null);
}

function patronDay({ date }: PatronSaint, day: Day, easter: Day): Day {
  const afterEaster = /^easter\+(\d+)$/.exec(date)?.[1];
  return afterEaster ? addDays(easter, Number(afterEaster)) : `${day.slice(0, 4)}-${date}`;
}
