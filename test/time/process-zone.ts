// SPDX-License-Identifier: AGPL-3.0-or-later
import { DayBook } from '../../src/offices/day-book.ts';
import { holidayOn } from '../../src/offices/holidays.ts';
import { addDays, eachDay, instantOf, weekdayOf } from '../../src/time/day.ts';
import { before } from '../../src/time/duration.ts';
import { dayOf, readStart, rfc3339, timeOf } from '../../src/time/zone.ts';
import { authorityWith, officeWith } from '../offices/sample.ts';

/**
 * What the ground answers about the days around the changes of the clocks. Run as a program it prints them: jest gives
 * its tests a copy of process.env, so only a process of its own really lives in another zone.
 */
export function answers(): string[] {
  const zones = ['Europe/Rome', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'America/St_Johns'];
  const days = ['2027-03-13', '2027-03-27', '2027-04-03', '2027-10-02', '2027-10-30', '2027-11-06', '2027-12-31'];
  const ranges = days.flatMap((day) => eachDay(day, addDays(day, 2)));
  return zones.flatMap((zone) => ranges.flatMap((day) => answersOn(day, zone)));
}

function answersOn(day: string, zone: string): string[] {
  const office = officeWith({ openingHours: [{ days: [weekdayOf(day)], opens: 60, closes: 240 }] });
  const book = new DayBook(authorityWith({ timeZone: zone, offices: [office] }));
  const times = [0, 61, 120, 150, 180, 181, 1440].map((time) => {
    const at = instantOf(day, time, zone);
    const back = before(at, { days: 1, minutes: 30 }, zone);
    const read = readStart(`${day}T0${time % 10}:30`, zone);
    return [at, dayOf(at, zone), timeOf(at, zone), rfc3339(at, zone), back, JSON.stringify(read)].join(' ');
  });
  return [...times, holidayOn(day) ?? 'working', JSON.stringify(book.forOffice(office, day))];
}

if (process.argv[1] === import.meta.filename) {
  const livesIn = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  process.stdout.write(JSON.stringify({ livesIn, answers: answers() }));
}
