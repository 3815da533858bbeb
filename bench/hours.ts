// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Booking } from '../src/bookings/booking.ts';
import type { Registers } from '../src/database/registers.ts';
import { ChangeDesk } from '../src/front-desk/change-desk.ts';
import { HoursDesk } from '../src/front-desk/hours/hours-desk.ts';
import { Issuer } from '../src/front-desk/issuer.ts';
import { Rules } from '../src/front-desk/rules.ts';
import { Timetable } from '../src/front-desk/timetable.ts';
import { Tokens } from '../src/bookings/token.ts';
import { SeededChance } from '../test/kit/chance.ts';
import { ManualClock } from '../test/kit/clock.ts';
import type { AuthorityDefinition } from '../src/offices/definition.ts';
import { addDays, eachDay, instantOf, weekdayOf } from '../src/time/day.ts';
import { FIRST_DAY, START } from './authority.ts';
import { withRegisters, type Engine } from './house.ts';
import { median, timed } from './measure.ts';
import { countersOf, newBooking, seed } from './past.ts';
import { millis, percent, type Line } from './table.ts';

/** What a change of hours would do to five thousand bookings, beside reading the same rows and doing nothing. */

const BOOKINGS = 5_000;
const ROUNDS = 7;
const WANTED_MS = 1_000;
const ZONE = 'Europe/Rome';
const OFFICE = 'agenda';
/** Half hours of an ordinary day: from nine to one, from two to five. */
const STARTS = [540, 570, 600, 630, 660, 690, 720, 750, 840, 870, 900, 930, 960, 990];

function ahead(counters: readonly number[]): Booking[] {
  const days = eachDay(addDays(FIRST_DAY, 1), addDays(FIRST_DAY, 364)).filter(
    (d) => !['sat', 'sun'].includes(weekdayOf(d)),
  );
  const places = days.flatMap((day) =>
    STARTS.flatMap((time) => counters.map((counter) => ({ counter, start: instantOf(day, time, ZONE) }))),
  );
  return places.slice(0, BOOKINGS).map(({ counter, start }) => newBooking(counter, start));
}

function deskOf(registers: Registers): HoursDesk {
  const clock = new ManualClock(START);
  const issuer = new Issuer(
    clock,
    new SeededChance('bench'),
    new Tokens('a secret of the bench, thirty-two bytes and more'),
  );
  const rules = new Rules(new Timetable(registers, clock));
  return new HoursDesk(registers, new ChangeDesk(registers, rules, issuer), rules, issuer);
}

/** The office no longer opens in the afternoon: three bookings of seven lose their place. */
const mornings = (definition: AuthorityDefinition): AuthorityDefinition => ({
  ...definition,
  offices: definition.offices.map((o) => (o.id === OFFICE ? { ...o, openingHours: o.openingHours.slice(0, 1) } : o)),
});

/** What any preview must at least read: the rows of the bookings still to come. */
const bare = ({ database }: Registers) =>
  database.rows(
    `SELECT id, office_id, service_id, mode, counter, starts_at, ends_at FROM bookings
      WHERE authority_id = 'bench' AND office_id = ? AND starts_at > ? AND status IN ('pending', 'confirmed')`,
    [OFFICE, instantOf(FIRST_DAY, 0, ZONE)],
  );

export async function hours(engine: Engine): Promise<Line> {
  return withRegisters(await engine.freshUrl(), async (registers) => {
    await seed(registers, ahead(await countersOf(registers, OFFICE)));
    const authority = (await registers.authorities.find('bench'))!;
    const definition = mornings(authority.definition);
    const desk = deskOf(registers);
    const { stay, lose } = await desk.preview(authority, definition);
    const rounds: { ours: number; limit: number }[] = [];
    for (let i = 0; i < ROUNDS; i++)
      rounds.push({
        ours: await timed(() => desk.preview(authority, definition)),
        limit: await timed(() => bare(registers)),
      });
    const ours = median(rounds.map((r) => r.ours));
    const limit = median(rounds.map((r) => r.limit));
    return {
      what: `preview of a change of hours, ${stay + lose.length} bookings, ${lose.length} lose their place`,
      engine: engine.name,
      ratio: percent(limit / ours),
      wanted: { figure: `about ${WANTED_MS / 1000} s`, reached: ours <= WANTED_MS },
      ours: millis(ours),
      limit: millis(limit),
    };
  });
}
