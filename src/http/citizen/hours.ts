// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Language } from '../../bookings/booking.ts';
import type { Audience, WeeklyHours } from '../../offices/definition.ts';
import { addDays, WEEKDAYS, type Day, type MinuteOfDay, type Weekday } from '../../time/day.ts';
import { merge } from '../../time/interval.ts';

const SHORT: Record<Language, Record<Weekday, string>> = {
  it: { mon: 'lun', tue: 'mar', wed: 'mer', thu: 'gio', fri: 'ven', sat: 'sab', sun: 'dom' },
  en: { mon: 'Mon', tue: 'Tue', wed: 'Wed', thu: 'Thu', fri: 'Fri', sat: 'Sat', sun: 'Sun' },
};
const AND = { it: ' e ', en: ' and ' };
const ALSO = { it: ' anche ', en: ' also ' };

interface Row {
  readonly days: Weekday[];
  readonly times: string;
}

/** `lun–ven 9–13 · mar e gio anche 15–17`: the week's hours for an audience, as in force from today on; empty when none. */
export function sayHours(hours: readonly WeeklyHours[], audience: Audience, language: Language, today: Day): string {
  const inForce = hours.filter(
    (h) =>
      (!h.audience || h.audience.includes(audience)) &&
      (!h.validFrom || h.validFrom <= addDays(today, 6)) &&
      (!h.validThrough || today <= h.validThrough),
  );
  const rows = byTimes(inForce);
  return rows
    .map((row, i) => {
      const said = rows.slice(0, i).flatMap((r) => r.days);
      const also = row.days.every((d) => said.includes(d)) ? ALSO[language] : ' ';
      return `${sayDays(row.days, language)}${also}${row.times}`;
    })
    .join(' · ');
}

/** Hours for everyone and those only for one audience, apart. */
export const hoursOnlyFor = (hours: readonly WeeklyHours[], audience: Audience): WeeklyHours[] =>
  hours.filter((h) => h.audience?.length === 1 && h.audience[0] === audience);

function byTimes(hours: readonly WeeklyHours[]): Row[] {
  const rows = new Map<string, Set<Weekday>>();
  for (const { day, start, end } of merged(hours).sort((a, b) => a.start - b.start)) {
    const times = `${sayClock(start)}–${sayClock(end)}`;
    rows.set(times, (rows.get(times) ?? new Set()).add(day));
  }
  const inWeek = (row: Row) => WEEKDAYS.indexOf(row.days[0]!);
  return [...rows]
    .map(([times, days]) => ({ times, days: WEEKDAYS.filter((d) => days.has(d)) }))
    .sort((a, b) => b.days.length - a.days.length || inWeek(a) - inWeek(b));
}

/** Touching and overlapping hours of a weekday as one, when they are in force for the same time and people. */
function merged(hours: readonly WeeklyHours[]) {
  const alike = Map.groupBy(hours, (h) => [h.validFrom, h.validThrough, h.audience].join('/'));
  return [...alike.values()].flatMap((rules) =>
    WEEKDAYS.flatMap((day) => {
      const ofDay = rules.filter((h) => h.days.includes(day));
      return merge(ofDay.map((h) => ({ start: h.opens, end: h.closes }))).map((time) => ({ ...time, day }));
    }),
  );
}

/** `9`, `9:30`. */
const sayClock = (time: MinuteOfDay): string =>
  time % 60 ? `${Math.floor(time / 60)}:${String(time % 60).padStart(2, '0')}` : String(time / 60);

function sayDays(days: readonly Weekday[], language: Language): string {
  const runs: Weekday[][] = [];
  for (const day of days) {
    const last = runs.at(-1);
    if (last && WEEKDAYS.indexOf(last.at(-1)!) + 1 === WEEKDAYS.indexOf(day)) last.push(day);
    else runs.push([day]);
  }
  const names = runs.flatMap((run) => {
    const said = run.map((d) => SHORT[language][d]);
    return run.length > 2 ? [`${said[0]}–${said.at(-1)}`] : said;
  });
  return names.length > 1 ? `${names.slice(0, -1).join(', ')}${AND[language]}${names.at(-1)}` : names.join('');
}
