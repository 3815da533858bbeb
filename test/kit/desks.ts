// SPDX-License-Identifier: AGPL-3.0-or-later
import { Tokens } from '../../src/bookings/token.ts';
import type { Booking } from '../../src/bookings/booking.ts';
import { Refusal } from '../../src/bookings/refusal.ts';
import { Database } from '../../src/database/engine/database.ts';
import { Registers } from '../../src/database/registers.ts';
import { BookingDesk, type BookingRequest, type Repeat } from '../../src/front-desk/booking-desk.ts';
import { ChangeDesk } from '../../src/front-desk/change-desk.ts';
import { HoldDesk } from '../../src/front-desk/hold-desk.ts';
import { Issuer } from '../../src/front-desk/issuer.ts';
import { Doors } from '../../src/front-desk/reception/doors.ts';
import { OpeningDesk } from '../../src/front-desk/reception/opening-desk.ts';
import { ReceptionHours } from '../../src/front-desk/reception/reception-hours.ts';
import { WaitingDesk } from '../../src/front-desk/reception/waiting-desk.ts';
import { Rules, type Wish } from '../../src/front-desk/rules.ts';
import { Timetable } from '../../src/front-desk/timetable.ts';
import type { Authority } from '../../src/offices/authority.ts';
import type { AuthorityDefinition, Counter, Seat } from '../../src/offices/definition.ts';
import { SystemClock } from '../../src/time/clock.ts';
import type { Minute } from '../../src/time/interval.ts';
import { Hints } from '../../src/waiting-room/hints.ts';
import { readStart, rfc3339 } from '../../src/time/zone.ts';
import { authorityWith, officeWith, serviceWith } from '../offices/sample.ts';
import { SECRET } from './app.ts';
import { SeededChance } from './chance.ts';
import { ManualClock } from './clock.ts';

export const ROME = 'Europe/Rome';

/** `2027-03-02T09:00` on the wall clock of Rome, or with an offset where the wall clock shows it twice. */
export function at(text: string, zone = ROME): Minute {
  const read = readStart(text, zone);
  if ('problem' in read) throw new Error(`${text} is ${read.problem}`);
  return read.minute;
}

/** `2027-03-02T09:00`. */
export const said = (minute: Minute, zone = ROME): string => rfc3339(minute, zone).slice(0, 16);

export const seat = (services: string[], more: Partial<Seat> = {}): Seat => ({ office: 'suap', services, ...more });

export const counter = (id: string, ...serves: Seat[]): Counter => ({ id, name: id, serves, googleCalendar: null });

/** The SUAP with its consultation, and so many counters that do nothing else. */
export const unionWith = (counters = 1, parts: Partial<AuthorityDefinition> = {}): AuthorityDefinition =>
  authorityWith({
    offices: [officeWith({ services: [serviceWith()] })],
    counters: Array.from({ length: counters }, (_, i) => counter(`sportello-${i + 1}`, seat(['consulenza']))),
    ...parts,
  });

/** In a house without open pages. */
class NoHints extends Hints {
  door(): void {}
  arrival(): void {}
}

export interface HouseOptions {
  clock?: ManualClock;
  /** Another instance on the same tables beside one that runs already. */
  beside?: boolean;
  /** Registers that misbehave, to prove that the tests would notice. */
  faulty?: Partial<Pick<Registers, 'claims' | 'guards'>>;
  rules?: typeof Rules;
  /** Who hears of what changes at the virtual doors. */
  hints?: Hints;
}

let houses = 0;

/** Floors 3 to 5 on one database, without doors: the desks and what they write down. */
export class House {
  readonly registers: Registers;
  readonly tokens = new Tokens(SECRET);
  readonly issuer: Issuer;
  readonly timetable: Timetable;
  readonly rules: Rules;
  readonly holds: HoldDesk;
  readonly bookings: BookingDesk;
  readonly changes: ChangeDesk;
  readonly doors: Doors;
  readonly waiting: WaitingDesk;
  readonly opening: OpeningDesk;
  #requests = 0;

  private constructor(
    readonly database: Database,
    readonly clock: ManualClock,
    chance: SeededChance,
    { faulty = {}, rules = Rules, hints = new NoHints() }: HouseOptions,
  ) {
    this.registers = Object.assign(new Registers(database), faulty);
    this.issuer = new Issuer(clock, chance, this.tokens);
    this.timetable = new Timetable(this.registers, clock);
    this.rules = new rules(this.timetable);
    this.holds = new HoldDesk(this.registers, this.rules, this.issuer);
    this.bookings = new BookingDesk(this.registers, this.holds, this.rules, this.issuer);
    this.changes = new ChangeDesk(this.registers, this.rules, this.issuer);
    const hours = new ReceptionHours(clock);
    this.doors = new Doors(this.registers, hours, this.issuer, hints);
    this.waiting = new WaitingDesk(this.registers, this.doors, this.issuer, hints);
    this.opening = new OpeningDesk(this.registers, hours, this.changes, this.issuer, hints);
  }

  /** The pauses between the tries of a transaction pass in real time: only the desks' clock stands still. */
  static async open(url: string, options: HouseOptions = {}): Promise<House> {
    const chance = new SeededChance(`house ${houses++}`);
    const clock = options.clock ?? new ManualClock('2027-03-01T07:00:00+01:00');
    return new House(await Database.open(url, new SystemClock(), chance, !options.beside), clock, chance, options);
  }

  /** Desks of their own on the same connection, by another clock: two instances as far as SQLite has them. */
  besideBy(clock: ManualClock): House {
    return new House(this.database, clock, new SeededChance(`house ${houses++}`), {});
  }

  async close(): Promise<void> {
    await this.database.close();
  }

  async settle(definition: AuthorityDefinition): Promise<Authority> {
    await this.registers.authorities.save(definition);
    return (await this.registers.authorities.find(definition.id))!;
  }

  /** A request as a citizen of their own would make it, unless said otherwise. */
  request(start: Minute, parts: Partial<BookingRequest> & { email?: string } = {}): BookingRequest {
    const { email = `citizen-${this.#requests++}@example.org`, ...more } = parts;
    return {
      ...wishFor(start),
      citizen: { givenName: 'Anna', familyName: 'Rossi', email, phone: null },
      reason: null,
      fields: {},
      caseNumber: null,
      language: 'it',
      ...more,
    };
  }

  repeat(parts: Partial<Repeat> = {}): Repeat {
    return { caller: 'anonymous', key: `key ${this.#requests++}`, bodyHash: 'body', ...parts };
  }

  book(
    authority: Authority,
    start: Minute,
    parts: Partial<BookingRequest> & { email?: string } = {},
    repeat: Partial<Repeat> = {},
  ): Promise<Booking> {
    return this.bookings.book(authority, this.request(start, parts), this.repeat(repeat));
  }

  /** The starts listed at the SUAP on some days, as the wall clock shows them. */
  async listed(authority: Authority, from: string, through = from, serviceId = 'consulenza'): Promise<string[]> {
    const { slots } = await this.timetable.offer(authority, { serviceId, from, through });
    return slots.map((slot) => said(slot.start, authority.zone));
  }

  async counts(table: string): Promise<number> {
    const [row] = await this.database.rows<{ n: number }>(`SELECT COUNT(*) AS n FROM ${table}`);
    return Number(row!.n);
  }
}

export const wishFor = (start: Minute, parts: Partial<Wish> = {}): Wish => ({
  officeId: 'suap',
  serviceId: 'consulenza',
  start,
  mode: 'in_person',
  ...parts,
});

/** The refusal a promise ends in; anything else it ends in is thrown. */
export async function refused(promise: Promise<unknown>): Promise<Refusal> {
  try {
    await promise;
  } catch (fault) {
    if (fault instanceof Refusal) return fault;
    throw fault;
  }
  throw new Error('it was not refused');
}

/** `ok`, or the reason of the refusal; a fault is thrown. */
export async function outcomeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'ok';
  } catch (fault) {
    if (fault instanceof Refusal) return fault.reason;
    throw fault;
  }
}

/** How often each of these was the outcome. */
export async function tally(promises: Promise<unknown>[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const outcome of await Promise.all(promises.map(outcomeOf))) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}
