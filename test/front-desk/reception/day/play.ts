// SPDX-License-Identifier: AGPL-3.0-or-later
import { Sweeper } from '../../../../src/database/sweeper.ts';
import type { Millis } from '../../../../src/time/clock.ts';
import type { House } from '../../../kit/desks.ts';
import { differences, orders, same } from './compare.ts';
import { isGone, type Person } from './model.ts';
import { CLERKS, Office, OFFICES, outcome, type Deed } from './office.ts';
import type { Act, Scene, Step } from './scenes.ts';

/** A page that is open shows life at least so often. */
const BEAT: Millis = 14_000;
const GONE: Millis = 30_000;
const DAY: Millis = 24 * 3_600_000;

/** How often what came of what: a play that met little has shown little. */
export type Met = Map<string, number>;

let plays = 0;

/** Plays one day on two instances and, after every step, looks whether all is as it should be. @throws Error saying what is not */
export async function play(houses: readonly House[], scene: Scene, met: Met = new Map()): Promise<void> {
  const office = await Office.open(houses, scene, `giorno-${plays++}`);
  const day = new Day(office, met);
  try {
    for (const step of scene.steps) await day.step(step);
    await day.end();
  } catch (fault) {
    const told = fault instanceof Error ? (fault.stack ?? fault.message) : String(fault);
    throw new Error(`${told}\nafter\n  ${day.log.slice(-15).join('\n  ')}`, { cause: fault });
  }
}

class Day {
  readonly log: string[] = [];
  /** Until when somebody has no network. */
  readonly #offline = new Map<string, Millis>();
  /** The last moment, by a clock on the wall, at which somebody showed life. */
  readonly #life = new Map<string, Millis>();
  /** How many were before somebody when they last heard. */
  readonly #told = new Map<string, number>();
  #beats = 0;

  constructor(
    private readonly office: Office,
    private readonly met: Met,
  ) {}

  async step({ after, acts }: Step): Promise<void> {
    await this.#pass(after);
    const deeds = acts.flatMap((act) => this.#deedOf(act) ?? []);
    if (deeds.length) await this.#do(deeds);
    else for (const act of acts) await this.#aside(act);
    await this.#check();
  }

  /** Closing time: nobody may knock, everybody who waits is received, and a day later nothing is left. */
  async end(): Promise<void> {
    const { model, houses } = this.office;
    const left = model.hours.closes + 2_000 - this.office.now();
    if (left > 0) await this.#pass(left, 25_000);
    for (const [at, officeId] of OFFICES.entries()) {
      const act: Act = { what: 'knock', who: 0, which: OFFICES.indexOf(officeId), at };
      if ((await this.#do([this.office.deed(act)!])) !== 'door-closed')
        throw new Error('a knock was taken after hours');
    }
    for (const officeId of OFFICES) await this.#receiveAll(officeId);
    for (const [key, { over, status }] of this.office.model.people) {
      if (over || status === 'waiting') continue;
      for (const what of ['hold', 'close'] as const) await this.#do([this.office.ofClerk(what, key, CLERKS[0]!, 1)!]);
    }
    await this.#check();
    await this.#checkNobodyNamed();
    await new Sweeper(houses[0]!.database).sweep(this.office.now() + DAY + Math.abs(this.office.scene.skew));
    const rest = await this.office.written();
    if (rest.size) throw new Error(`left after a day: ${[...rest.keys()].join()}`);
  }

  async #receiveAll(officeId: string): Promise<void> {
    for (;;) {
      const [first] = this.office.model.line(officeId, this.office.now());
      if (first === undefined) return;
      for (const what of ['open', 'close'] as const) {
        const ended = await this.#do([this.office.ofClerk(what, first, CLERKS[1]!, 0)!]);
        if (ended !== 'ok') throw new Error(`${what} ${first} after hours: ${ended}`);
      }
    }
  }

  /** Lets time pass; whoever has a network shows life now and then. */
  async #pass(ms: Millis, beat = BEAT): Promise<void> {
    for (let left = ms; left > 0; left -= beat) {
      for (const house of this.office.houses) house.clock.advance(Math.min(beat, left));
      const waiting = [...this.office.model.people].filter(
        ([key, { status }]) => status === 'waiting' && this.#isOnline(key),
      );
      await Promise.all(waiting.map(([key]) => this.#beat(key))); // whoever is alive stays so, in whatever order
    }
  }

  async #beat(key: string): Promise<void> {
    const at = ++this.#beats % 2;
    const deed = this.#beats % 3 ? this.office.touch(key, at) : this.office.look(key, at);
    const should = deed.apply(this.office.model);
    const ended = await deed.run();
    if (ended !== should) throw new Error(`${deed.said}: ${ended}, not ${should}`);
    this.#note(deed.said, deed.said, ended);
    this.#remember([deed], [ended]);
  }

  #isOnline(key: string): boolean {
    return (this.#offline.get(key) ?? 0) <= this.office.now();
  }

  #deedOf(act: Act): Deed | null {
    const deed = this.office.deed(act);
    return deed?.citizen === undefined || this.#isOnline(deed.citizen) ? deed : null;
  }

  /** What is no deed at the virtual door. */
  async #aside({ what, who, which, at }: Act): Promise<void> {
    const { office } = this;
    if (what === 'lose') this.#lose(office.whom('lose', who), 5_000 + which * 555);
    if ((what !== 'move' && what !== 'cancel') || !office.bookings.length) return;
    const nth = who % office.bookings.length;
    const { changes, registers } = office.houses[at]!;
    const booking = (await registers.books.byId(office.bookings[nth]!.id))!;
    const by = { by: { kind: 'staff' as const, ...CLERKS[0]! } };
    const start = booking.start + 5 * ((which % 7) - 3);
    const ended = await outcome(
      what === 'move'
        ? changes.move(office.authority, booking, start, by)
        : changes.cancel(office.authority, booking, by),
    );
    office.bookings[nth] = (await registers.books.byId(booking.id))!;
    this.#note(`${what} booking ${nth}`, what, ended);
  }

  #lose(key: string | null, ms: Millis): void {
    if (key === null) return;
    this.#offline.set(key, this.office.now() + ms);
    this.log.push(`${key} has no network for ${ms}`);
  }

  /** Does all at once; some order of doing one after the other must have led to the same. @returns how the first ended */
  async #do(deeds: readonly Deed[]): Promise<string> {
    const { office } = this;
    const ends = await Promise.all(deeds.map((deed) => deed.run()));
    for (const [i, { said }] of deeds.entries())
      this.#note(said, said.replace(/ ?\bk?\d+\b| ?[\da-f-]{36}/g, ''), ends[i]!);
    const written = await office.written();
    let least: string[] | null = null;
    for (const order of orders(deeds)) {
      const model = office.model.copy();
      const expected = new Map(order.map((deed) => [deed, deed.apply(model)]));
      const wrong = [
        ...deeds.flatMap((d, i) =>
          expected.get(d) === ends[i] ? [] : [`${d.said}: ${ends[i]}, not ${expected.get(d)}`],
        ),
        ...differences(written, model.people),
      ];
      if (least === null || wrong.length < least.length) least = wrong;
      if (wrong.length) continue;
      office.model = model;
      this.#remember(deeds, ends);
      return ends[0]!;
    }
    throw new Error(least!.join('\n'));
  }

  #note(said: string, what: string, ended: string): void {
    this.log.push(`${new Date(this.office.now()).toISOString().slice(11, 23)} ${said} → ${ended}`);
    const word = `${
      what
        .trim()
        .split(' ')
        .find((w) => !/^(Operatore|booking)$/.test(w)) ?? ''
    } ${ended.split(' ')[0]}`;
    this.met.set(word, (this.met.get(word) ?? 0) + 1);
  }

  /** Who is here has shown life, and what they heard binds us. */
  #remember(deeds: readonly Deed[], ends: readonly string[]): void {
    const { model } = this.office;
    for (const [i, { said }] of deeds.entries()) {
      const [what, key = ''] = said.split(' ');
      const person = model.people.get(key);
      if (what === 'touch' && ends[i] === 'ok') this.#life.set(key, this.office.now());
      if (what !== 'look' || !person) continue;
      const [stage, ahead] = ends[i]!.split(' ');
      if (stage !== 'gone') this.#life.set(key, this.office.now());
      if (stage === 'waiting') this.#checkNotPushedBack(key, person, Number(ahead));
    }
  }

  /** Nobody comes before who knocked earlier, but with an appointment or handed over. */
  #checkNotPushedBack(key: string, person: Person, ahead: number): void {
    if (person.due !== null || person.handedFrom !== null) return;
    const place = `${key} ${person.officeId} ${person.number}`;
    const { model } = this.office;
    const before = model.line(person.officeId, this.office.now()).slice(0, ahead);
    const entitled = before.filter((other) => {
      const { due, handedFrom } = model.people.get(other)!;
      return due !== null || handedFrom !== null;
    });
    if (ahead - entitled.length > (this.#told.get(place) ?? Infinity)) throw new Error(`${key} was pushed back`);
    this.#told.set(place, ahead);
  }

  async #check(): Promise<void> {
    const at = this.#beats % 2;
    await this.#checkQueue(at);
    const { office } = this;
    const doors = await office.houses[at]!.doors.all(office.authority);
    for (const officeId of OFFICES) {
      const { state, waiting } = doors.get(officeId)!;
      const expected = office.model.door(officeId, office.now(at));
      if (`${state} ${waiting}` !== expected) throw new Error(`${officeId} is ${state} ${waiting}, not ${expected}`);
    }
    this.#checkLife(at);
  }

  async #checkQueue(at: number): Promise<void> {
    const { office } = this;
    const { model } = office;
    const now = office.now(at);
    const keys = new Map([...office.ids].map(([key, id]) => [id, key]));
    const lines = (await office.houses[at]!.opening.queue(office.authority, OFFICES)).map((line) => ({
      ...line,
      key: keys.get(line.arrival.id) ?? line.arrival.id,
    }));
    const groups = Map.groupBy(lines, ({ arrival: { status }, gone }) =>
      gone ? 2 : status === 'waiting' ? 1 : status === 'call_back' ? 3 : 0,
    );
    const keysOf = (group: 0 | 1 | 2 | 3): string[] => (groups.get(group) ?? []).map(({ key }) => key);
    const seen = { in: keysOf(0).sort(), gone: keysOf(2).sort(), toCall: keysOf(3).sort() };
    same('the queue', seen, model.queue(now));
    same(
      'its order',
      lines.map(({ key }) => key),
      ([0, 1, 2, 3] as const).flatMap(keysOf),
    );
    for (const officeId of OFFICES) {
      const line = (groups.get(1) ?? []).filter(({ office: { id } }) => id === officeId);
      same(
        `the line at ${officeId}`,
        line.map(({ key }) => key),
        model.line(officeId, now),
      );
      same(
        `places at ${officeId}`,
        line.map(({ ahead }) => ahead),
        [...line.keys()],
      );
    }
  }

  /** Nobody who showed life within half a minute is lost, whatever the model says. */
  #checkLife(at: number): void {
    const now = this.office.now(at);
    for (const [key, person] of this.office.model.people) {
      const silent = this.office.now() - (this.#life.get(key) ?? -Infinity);
      if (isGone(person, now) && silent < GONE - 2 * Math.abs(this.office.scene.skew))
        throw new Error(`${key} is gone after ${silent} ms`);
    }
  }

  async #checkNobodyNamed(): Promise<void> {
    const { database } = this.office.houses[0]!;
    for (const table of ['arrivals', 'doors', 'tickets']) {
      const rows = JSON.stringify(
        await database.rows(`SELECT * FROM ${table} WHERE authority_id = ?`, [this.office.authority.id]),
      );
      for (const { id, name } of CLERKS)
        if (rows.includes(id) || (rows.includes(`"${name}"`) && !rows.includes(`"told":"${name}"`)))
          throw new Error(`${name} is named in ${table}`);
    }
  }
}
