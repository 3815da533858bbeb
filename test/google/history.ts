// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Booking } from '../../src/bookings/booking.ts';
import { Refusal } from '../../src/bookings/refusal.ts';
import type { Authority } from '../../src/offices/authority.ts';
import type { Counter } from '../../src/offices/definition.ts';
import { overlaps, type Interval } from '../../src/time/interval.ts';
import { eachDay } from '../../src/time/day.ts';
import { rfc3339 } from '../../src/time/zone.ts';
import { SeededChance } from '../kit/chance.ts';
import { at, counter, House, ROME, seat, unionWith } from '../kit/desks.ts';
import { FakeGoogle, type FakeEvent, type Logged } from '../kit/google.ts';
import { courierTo } from '../kit/google/craft.ts';
import { lookerFor, type Looker } from '../kit/google/looker.ts';
import { broken } from '../kit/invariants.ts';
import { officeWith, serviceWith } from '../offices/sample.ts';

const MINUTE = 60_000;
const STEPS = 32;
/** Short, for a Google that stays silent is really waited for; an answer of the fake one takes a few milliseconds. */
const PATIENCE_MS = 500;
const DAYS = eachDay('2027-03-30', '2027-04-01');
/** The grid of the office on those days. */
const STARTS = DAYS.flatMap((day) => Array.from({ length: 8 }, (_, n) => at(`${day}T09:00`) + n * 30));
const ADDRESS = 'https://comune.example/google/notifiche';
const MARIO = { by: { kind: 'staff', id: 'staff-1', name: 'Mario Bianchi' } } as const;
/** After the last fault everything must be as it should within this many rounds. */
const MOST_ROUNDS = 40;

/** What a history came to: what is wrong at its end, and how many calls it took. */
export interface Outcome {
  wrong: string[];
  /** Calls that no injected fault answered. */
  calls: number;
  /** One for each look at a calendar, one for each version of an event that was written, one for each event deleted. */
  ideal: number;
  faults: number;
}

/** A day at the office in which everything goes wrong, drawn from a seed. */
class History {
  readonly #chance: SeededChance;
  readonly #google: FakeGoogle;
  readonly #house: House;
  readonly #post: ReturnType<typeof courierTo>;
  readonly #looker: Looker;
  readonly #calendars: string[];
  readonly #foreign = new Map<string, string[]>();
  #authority!: Authority;
  #looks = 0;
  /** How often staff dragged the event of a booking. */
  readonly #dragged = new Map<string, number>();

  constructor(seed: string, house: House, google: FakeGoogle) {
    this.#chance = new SeededChance(seed);
    [this.#house, this.#google] = [house, google];
    // In every third history two counters have one calendar.
    const ids = [`uno-${seed}@group.example`, `due-${seed}@group.example`];
    this.#calendars = this.#draw(3) === 0 ? [ids[0]!, ids[0]!] : ids;
    for (const id of new Set(this.#calendars)) this.#google.addCalendar(id);
    this.#post = courierTo(google, house, undefined, PATIENCE_MS);
    this.#looker = lookerFor(this.#post, house, ADDRESS);
  }

  async play(seed: string): Promise<Outcome> {
    this.#authority = await this.#settle(seed);
    await this.#looker.links.align();
    for (let step = 0; step < STEPS; step++) {
      this.#weather();
      await this.#happen();
      await this.#pass(this.#draw(7) * MINUTE);
    }
    this.#google.faults.clear();
    this.#google.down = false;
    const rounds = await this.#calm();
    const wrong = [
      ...(rounds < MOST_ROUNDS ? [] : ['no calm']),
      ...(await this.#wrongEvents()),
      ...(await this.#wrongSlots()),
      ...(await this.#wrongMoves()),
      ...(await broken(this.#house.registers, this.#authority, this.#house.clock.now())),
    ];
    const { calls, log } = this.#google;
    const written = calls.filter((call) => !['list', 'watch', 'stop'].includes(call.operation));
    const channels = calls.filter((call) => call.operation === 'watch').length;
    return {
      wrong,
      calls: written.length + calls.filter((call) => call.operation === 'list').length + channels,
      ideal: this.#looks + channels + new Set(written.filter(isUseful).map(workOf)).size,
      faults: log.filter(({ fault }) => fault).length,
    };
  }

  #settle(seed: string): Promise<Authority> {
    const desk = (id: string, calendar?: string): Counter => ({
      ...counter(id, seat(['consulenza'])),
      googleCalendar: calendar === undefined ? null : { id: calendar, access: 'service_account' },
    });
    const counters = [desk('uno', this.#calendars[0]), desk('due', this.#calendars[1]), desk('tre')];
    const offices = [officeWith({ services: [serviceWith()], calendarDeletion: 'restore' })];
    return this.#house.settle(unionWith(1, { id: `unione-${seed}`, offices, counters }));
  }

  #draw(most: number): number {
    const [high = 0, low = 0] = this.#chance.bytes(2);
    return (high * 256 + low) % most;
  }

  #pick<T>(from: readonly T[]): T | undefined {
    return from[this.#draw(from.length || 1)];
  }

  /** How well Google feels for the next while. */
  #weather(): void {
    const lot = this.#draw(12);
    if (lot === 0) this.#google.faults.random(this.#chance, 0.4);
    if (lot === 1) this.#google.faults.random(this.#chance, 0.15);
    if (lot === 2) this.#google.faults.clear();
    this.#google.down = lot === 3 || (this.#google.down && lot > 8);
    if (lot === 4) this.#google.faults.add({ kind: 'lost', on: 'insert' }, { kind: '409', on: 'insert' });
    if (lot === 5) this.#google.faults.add({ kind: '410', on: 'list' }, { kind: 'lost', on: 'patch', times: 2 });
  }

  async #happen(): Promise<void> {
    const deeds: (() => Promise<void> | void)[] = [
      () => this.#book(),
      () => this.#book(),
      () => this.#change((b) => this.#house.changes.move(this.#authority, b, this.#pick(STARTS)!)),
      () => this.#change((b) => this.#house.changes.cancel(this.#authority, b)),
      () =>
        this.#change((b) =>
          this.#house.changes.reseat(this.#authority, b, this.#pick(this.#authority.counters)!.key, MARIO),
        ),
      () => this.#atGoogle((calendar, event) => this.#drag(calendar, event)),
      () => this.#atGoogle((calendar, event) => this.#google.staffDelete(calendar, event.id)),
      () => this.#atGoogle((calendar, event) => void this.#google.staffChange(calendar, event.id, { summary: 'mio' })),
      () => this.#engage(),
      () => this.#disengage(),
      () => this.#google.deliver((push) => this.#hear(push.headers), this.#chance),
      () => this.#looker.channels.renewDue(),
    ];
    await this.#pick(deeds)!();
  }

  async #book(): Promise<void> {
    await allowingNo(this.#house.book(this.#authority, this.#pick(STARTS)!));
  }

  async #change(change: (booking: Booking) => Promise<Booking>): Promise<void> {
    const live = (await this.#bookings()).filter((booking) => booking.isLive);
    const booking = this.#pick(live);
    if (booking) await allowingNo(change(booking));
  }

  async #bookings(): Promise<Booking[]> {
    const rows = await this.#house.database.rows<{ id: string }>(
      'SELECT id FROM bookings WHERE authority_id = ? ORDER BY created_at, starts_at, counter',
      [this.#authority.id],
    );
    return Promise.all(rows.map(async ({ id }) => (await this.#house.registers.books.byId(id))!));
  }

  /** Something that staff do to one of our events. */
  #atGoogle(act: (calendar: string, event: FakeEvent) => void): void {
    const calendar = this.#pick(this.#calendars)!;
    const event = this.#pick(this.#google.events(calendar).filter(isOurs));
    if (event) act(calendar, event);
  }

  #drag(calendar: string, event: FakeEvent): void {
    const booking = event.extendedProperties!.private!['bk']!;
    this.#google.staffChange(calendar, event.id, timesOf(this.#anyTime(event)));
    this.#dragged.set(booking, (this.#dragged.get(booking) ?? 0) + 1);
  }

  /** Mostly a start of the grid, sometimes off it or longer. */
  #anyTime(event: FakeEvent): Interval {
    const lot = this.#draw(6);
    const start = lot === 0 ? minuteOf(event.start.dateTime!) + 15 : this.#pick(STARTS)!;
    return { start, end: start + (lot === 1 ? 60 : 30) };
  }

  #engage(): void {
    const calendar = this.#pick(this.#calendars)!;
    const start = this.#pick(STARTS)!;
    const event = this.#google.staffAdd(calendar, { summary: 'altro', ...timesOf({ start, end: start + 45 }) });
    this.#foreign.set(calendar, [...(this.#foreign.get(calendar) ?? []), event.id]);
  }

  #disengage(): void {
    const calendar = this.#pick(this.#calendars)!;
    const [first, ...others] = this.#foreign.get(calendar) ?? [];
    if (first === undefined) return;
    this.#google.staffDelete(calendar, first);
    this.#foreign.set(calendar, others);
  }

  #hear(headers: Record<string, string>): Promise<void> {
    const said = ['X-Goog-Channel-ID', 'X-Goog-Channel-Token', 'X-Goog-Resource-State'].map(
      (name) => headers[name] ?? '',
    );
    return this.#looker.channels.told(said[0]!, said[1]!, said[2]!);
  }

  /** Time passes, and whoever is due does their work, in one order or the other. */
  async #pass(ms: number): Promise<void> {
    this.#house.clock.advance(ms);
    if (this.#draw(2)) await this.#post.carry();
    await this.#lookAtDue();
    if (this.#draw(2)) await this.#post.carry();
  }

  async #lookAtDue(): Promise<void> {
    for (const due of await this.#house.registers.calendarPulls.due(this.#house.clock.now())) {
      const before = this.#google.calls.length;
      await this.#looker.desk.look(due);
      if (this.#google.calls.slice(before).some((call) => call.operation === 'list')) this.#looks++;
    }
  }

  /** @returns how many rounds it took until nothing was left to do. */
  async #calm(): Promise<number> {
    for (let round = 0; round < MOST_ROUNDS; round++) {
      for (const { key } of this.#authority.counters) await this.#looker.links.resume(key, 'restoring');
      this.#house.clock.advance(12 * MINUTE);
      await this.#lookAtDue();
      await this.#post.carry();
      if (round > 1 && (await this.#isQuiet())) return round;
    }
    return MOST_ROUNDS;
  }

  async #isQuiet(): Promise<boolean> {
    const keys = this.#authority.counters.map(({ key }) => key).join();
    const owed = await this.#house.database.rows(
      `SELECT id FROM outbox WHERE authority_id = ? AND recipient = 'google' AND status <> 'sent'`,
      [this.#authority.id],
    );
    const ill = await this.#house.database.rows(
      `SELECT counter FROM calendar_links WHERE counter IN (${keys}) AND (state <> 'ok' OR synced_at < ?)`,
      [this.#house.clock.now()],
    );
    return !owed.length && !ill.length;
  }

  /** Exactly one event a live booking, at its time, and none for anybody else. */
  async #wrongEvents(): Promise<string[]> {
    const live = (await this.#bookings()).filter((booking) => booking.isLive);
    const calendarOf = (booking: Booking) => this.#authority.counterByKey(booking.counter)!.googleCalendar?.id;
    return [...new Set(this.#calendars)].flatMap((calendar) => {
      const wanted = live
        .filter((booking) => calendarOf(booking) === calendar)
        .map((b) => `${b.id} ${b.start} ${b.end}`);
      const events = this.#google.events(calendar);
      const found = events
        .filter(isOurs)
        .map((e) =>
          [e.extendedProperties!.private!['bk'], minuteOf(e.start.dateTime!), minuteOf(e.end.dateTime!)].join(' '),
        );
      const foreign = events.filter((e) => !isOurs(e)).map(({ id }) => id);
      return [
        ...differences('event', wanted, found),
        ...differences('foreign event', this.#foreign.get(calendar) ?? [], foreign),
      ];
    });
  }

  /** What staff never asked for in their calendar has not been done in their name. */
  async #wrongMoves(): Promise<string[]> {
    const stories = await Promise.all((await this.#bookings()).map((b) => this.#house.registers.history.of(b)));
    return stories.flatMap((story) => {
      const moved = story.filter(({ what, actor }) => what === 'moved' && actor === 'calendar').length;
      const id = story[0]!.bookingId;
      return moved > (this.#dragged.get(id) ?? 0) ? [`moved by nobody: ${id}`] : [];
    });
  }

  /** A counter is free exactly where neither a booking nor somebody else's event keeps it busy. */
  async #wrongSlots(): Promise<string[]> {
    const live = (await this.#bookings()).filter((booking) => booking.isLive);
    const free = await this.#house.timetable.freeStarts(this.#authority, this.#authority.offices[0]!, DAYS);
    return this.#authority.counters.flatMap(({ key, googleCalendar }) => {
      const foreign = googleCalendar ? this.#google.events(googleCalendar.id).filter((e) => !isOurs(e)) : [];
      const taken: Interval[] = [
        ...live.filter((booking) => booking.counter === key),
        ...foreign.map((e) => ({ start: minuteOf(e.start.dateTime!), end: minuteOf(e.end.dateTime!) })),
      ];
      const wanted = STARTS.filter((start) => !taken.some((time) => overlaps(time, { start, end: start + 30 })));
      return differences(`free start of ${key}`, wanted.map(String), free.get(key)!.map(String));
    });
  }
}

const TABLES = ['outbox', 'calendar_links', 'calendar_events', 'questions', 'history', 'idempotency_keys'].concat([
  'authorities',
  'counters',
  'bookings',
  'claims',
]);

/** Plays one history. @param house is used by one history at a time */
export async function playHistory(seed: string, house: House): Promise<Outcome> {
  house.clock.set('2027-03-25T08:00:00+01:00');
  const google = await FakeGoogle.start(house.clock);
  try {
    return await new History(seed, house, google).play(seed);
  } finally {
    await google.stop();
    // The next one has nothing to do with these.
    for (const table of TABLES) await house.database.run(`DELETE FROM ${table}`);
  }
}

const isOurs = (event: FakeEvent): boolean => event.extendedProperties?.private?.['app'] === 'sportello';

const minuteOf = (dateTime: string): number => Date.parse(dateTime) / MINUTE;

const timesOf = ({ start, end }: Interval) => ({
  start: { dateTime: rfc3339(start, ROME), timeZone: ROME },
  end: { dateTime: rfc3339(end, ROME), timeZone: ROME },
});

function differences(what: string, wanted: readonly string[], found: readonly string[]): string[] {
  const left = [...found];
  const missing = wanted.filter((one) => {
    const place = left.indexOf(one);
    if (place >= 0) left.splice(place, 1);
    return place < 0;
  });
  return [...missing.map((one) => `no ${what}: ${one}`), ...left.map((one) => `one ${what} too many: ${one}`)];
}

async function allowingNo(promise: Promise<unknown>): Promise<void> {
  await promise.catch((fault: unknown) => {
    if (!(fault instanceof Refusal)) throw fault;
  });
}

const isUseful = ({ operation, status }: Logged): boolean =>
  ['insert', 'patch', 'delete'].includes(operation) && (status === 200 || status === 204);

/** The same version of an event written twice is one work. */
function workOf({ operation, calendar, event, body }: Logged): string {
  if (operation === 'delete') return `${calendar} ${event} deleted`;
  const { id = event, extendedProperties } = JSON.parse(body) as Partial<FakeEvent>;
  return `${calendar} ${id} ${extendedProperties?.private?.['rev']}`;
}

/** Plays so many histories, one after the other. @throws Error naming the seed of one that went wrong, and how */
export async function playHistories(house: House, from: number, count: number): Promise<Omit<Outcome, 'wrong'>> {
  const sum = { calls: 0, ideal: 0, faults: 0 };
  for (let seed = from; seed < from + count; seed++) {
    const { wrong, calls, ideal, faults } = await playHistory(String(seed), house);
    if (wrong.length) throw new Error(`history ${seed}:\n${wrong.join('\n')}`);
    sum.calls += calls;
    sum.ideal += ideal;
    sum.faults += faults;
  }
  return sum;
}
