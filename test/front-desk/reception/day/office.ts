// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Booking } from '../../../../src/bookings/booking.ts';
import { Refusal } from '../../../../src/bookings/refusal.ts';
import type { Clerk } from '../../../../src/front-desk/reception/opening-desk.ts';
import type { Authority } from '../../../../src/offices/authority.ts';
import { toMillis, type Millis } from '../../../../src/time/clock.ts';
import { Arrival } from '../../../../src/waiting-room/arrival.ts';
import { counter, seat, unionWith, type House } from '../../../kit/desks.ts';
import { officeWith, serviceWith } from '../../../offices/sample.ts';
import { WEEKDAYS } from '../../../../src/time/day.ts';
import { isGone, Model, PATIENCE, type Appointment, type Person } from './model.ts';
import { DAYS, type Act, type Scene } from './scenes.ts';

const clerk = (n: number): Clerk => ({ id: `0199e0c8-0000-7000-8000-00000000000${n}`, name: `Operatore ${n}` });
export const CLERKS = [clerk(1), clerk(2), clerk(3)];
export const OFFICES = ['suap', 'sue'];
const PHONES = ['+39 0141 111111', '+39 0141 222222'];

/** Something done at a desk, in a word how it ended, and the same in the model. */
export interface Deed {
  readonly said: string;
  /** Who does it, for which they need a network. */
  readonly citizen?: string;
  run(): Promise<string>;
  apply(model: Model): string;
}

/** The desks of two instances, and what should be in their tables. */
export class Office {
  model: Model;
  /** The ids of those who knocked. */
  readonly ids = new Map<string, string>();
  readonly bookings: Booking[] = [];
  #knocks = 0;

  private constructor(
    readonly houses: readonly House[],
    readonly authority: Authority,
    readonly scene: Scene,
  ) {
    this.model = new Model(DAYS[scene.day].hours);
  }

  static async open(houses: readonly House[], scene: Scene, id: string): Promise<Office> {
    const { timeZone, opens, closes, begins } = DAYS[scene.day];
    for (const house of houses) house.clock.set(begins - 20 * 60_000);
    const services = [serviceWith({ modes: ['video'], duration: 10 })];
    const parts = {
      openingHours: [{ days: WEEKDAYS, opens: 0, closes: 1440 }],
      receptionHours: [{ days: WEEKDAYS, opens, closes }],
      receptionPatience: PATIENCE / 60_000,
      slotStep: 5,
      services,
    };
    const offices = OFFICES.map((each) => officeWith({ ...parts, id: each, name: each }));
    const serves = OFFICES.map((office) => seat(['consulenza'], { office }));
    const counters = [1, 2, 3].map((n) => counter(`c${n}`, ...serves));
    const authority = await houses[0]!.settle(unionWith(0, { id, timeZone, offices, counters }));
    const office = new Office(houses, authority, scene);
    await office.#book(scene, begins);
    houses[0]!.clock.set(begins);
    houses[1]!.clock.set(begins + scene.skew);
    return office;
  }

  async #book({ bookings }: Scene, begins: Millis): Promise<void> {
    for (const { office, fives } of bookings) {
      const start = Math.ceil(begins / 300_000) * 5 + fives * 5;
      this.bookings.push(
        await this.houses[0]!.book(this.authority, start, { officeId: OFFICES[office]!, mode: 'video' }),
      );
    }
  }

  now(at = 0): Millis {
    return this.houses[at]!.clock.now();
  }

  idOf(key: string): string {
    return this.ids.get(key) ?? key;
  }

  /** What an act comes to here; null when there is nobody for it. */
  deed({ what, who, which, at }: Act): Deed | null {
    if (what === 'pause' || what === 'resume' || what === 'knock') return this.#atDoor(what, OFFICES[which % 2]!, at);
    if (what === 'arrive') return this.bookings.length ? this.arrive(who % this.bookings.length, at) : null;
    const key = this.whom(which % 3 ? what : 'nothing', who);
    if (key === null) return null;
    return this.#ofCitizen(what, key, which, at) ?? this.ofClerk(what, key, CLERKS[which % 3]!, at, OFFICES[who % 2]);
  }

  /** Somebody to whom it may be done, or else of those for whom it is not over, or anybody. */
  whom(what: Act['what'], who: number): string | null {
    const all = [...this.model.people];
    const live = all.filter(([, { over }]) => !over);
    const fit = live.filter(([, person]) => this.#isFor(what, person));
    const some = fit.length ? fit : live.length && who % 5 ? live : all;
    return some.length ? some[who % some.length]![0] : null;
  }

  #isFor(what: Act['what'], person: Person): boolean {
    if (what === 'open') return person.status === 'waiting';
    if (what === 'hold' || what === 'hand') return person.status === 'called';
    if (what === 'recall') return person.status === 'held';
    return what === 'knockAgain' && isGone(person, this.now());
  }

  #atDoor(what: 'pause' | 'resume' | 'knock', officeId: string, at: number): Deed {
    const house = this.houses[at]!;
    const [now, { authority }] = [this.now(at), this];
    const said = `${what} at ${officeId}`;
    if (what === 'pause') {
      const run = () => outcome(house.doors.pause(authority, officeId, `torno ${officeId}`));
      return { said, run, apply: (model) => model.pause(officeId, `torno ${officeId}`, now) };
    }
    if (what === 'resume')
      return { said, run: () => outcome(house.doors.resume(authority, officeId)), apply: (m) => m.resume(officeId) };
    const key = `k${this.#knocks++}`;
    const asked = { name: key, reason: null, language: 'it' } as const;
    const run = () =>
      outcome(
        house.waiting
          .knock(authority, authority.office(officeId)!, asked)
          .then(({ arrival }) => this.ids.set(key, arrival.id)),
      );
    return { said: `${key} knocks at ${officeId}`, run, apply: (model) => model.knock(key, officeId, now) };
  }

  arrive(nth: number, at: number): Deed {
    const booking = this.bookings[nth]!;
    const now = this.now(at);
    const { id, officeId, isLive } = booking;
    const appointment: Appointment = {
      id,
      officeId,
      isLive,
      start: toMillis(booking.start),
      end: toMillis(booking.end),
    };
    const run = async () => {
      const current = (await this.houses[at]!.registers.books.byId(id))!;
      return outcome(this.houses[at]!.waiting.arrive(this.authority, current));
    };
    return { said: `booking ${nth} arrives`, run, apply: (model) => model.arrive(appointment, now) };
  }

  #ofCitizen(what: Act['what'], key: string, which: number, at: number): Deed | null {
    const { waiting } = this.houses[at]!;
    const [now, phone, line] = [this.now(at), PHONES[which % 2]!, `riga ${which}`];
    const found = () => this.find(key, at);
    const acts: Partial<Record<Act['what'], [() => Promise<unknown>, (model: Model) => string]>> = {
      say: [async () => waiting.say(await found(), line), (m) => m.say(key, line)],
      withdraw: [async () => waiting.withdraw(await found()), (m) => m.withdraw(key)],
      callBack: [async () => waiting.callBack(await found(), phone), (m) => m.callBack(key, phone)],
      knockAgain: [async () => waiting.knockAgain(this.authority, await found()), (m) => m.knockAgain(key, now)],
    };
    if (what === 'look') return this.look(key, at);
    if (what === 'touch') return this.touch(key, at);
    const act = acts[what];
    return act ? { said: `${what} ${key}`, citizen: key, run: () => outcome(act[0]()), apply: act[1] } : null;
  }

  ofClerk(what: Act['what'], key: string, by: Clerk, at: number, to = ''): Deed | null {
    const { opening } = this.houses[at]!;
    const { authority } = this;
    const now = this.now(at);
    const found = () => this.find(key, at);
    const acts: Partial<Record<Act['what'], [() => Promise<unknown>, (model: Model) => string]>> = {
      open: [async () => opening.open(authority, await found(), by), (m) => m.open(key, by, now)],
      hold: [async () => opening.hold(await found(), by), (m) => m.hold(key, by)],
      recall: [async () => opening.recall(await found(), by), (m) => m.recall(key, by)],
      close: [async () => opening.close(authority, await found(), by), (m) => m.close(key, by)],
      hand: [async () => opening.hand(authority, await found(), to, by), (m) => m.hand(key, to, by, now)],
      tell: [async () => opening.tell(await found(), by.name), (m) => m.tell(key, by.name)],
    };
    const act = acts[what];
    return act ? { said: `${by.name} ${what} ${key} ${to}`, run: () => outcome(act[0]()), apply: act[1] } : null;
  }

  touch(key: string, at: number): Deed {
    const now = this.now(at);
    const run = async () => ((await this.houses[at]!.waiting.touch(this.idOf(key))) ? 'ok' : 'lost');
    return { said: `touch ${key}`, citizen: key, run, apply: (model) => model.touch(key, now) };
  }

  look(key: string, at: number): Deed {
    const now = this.now(at);
    const run = async () => {
      const { stage, ahead, estimate, unanswered, door } = await this.houses[at]!.waiting.look(
        this.authority,
        await this.find(key, at),
      );
      if ((estimate === null) === (stage === 'waiting' && door.state !== 'paused'))
        return `an estimate of ${estimate} while ${stage}`;
      return `${stage} ${ahead} ${unanswered}`;
    };
    const apply = (model: Model) => {
      model.touch(key, now);
      const { stage, ahead } = model.view(key, now);
      return `${stage} ${ahead} ${model.isUnanswered(key, now)}`;
    };
    return { said: `look ${key}`, citizen: key, run, apply };
  }

  async find(key: string, at: number): Promise<Arrival> {
    return (await this.houses[at]!.opening.find(this.authority, this.idOf(key)))!;
  }

  /** Everybody as they are written down, by key. */
  async written(): Promise<Map<string, Person>> {
    const { reading } = this.houses[0]!.database;
    const rows = await reading.find(Arrival, { where: { authorityId: this.authority.id } });
    const keys = new Map([...this.ids].map(([key, id]) => [id, key]));
    return new Map(rows.map((row) => [keys.get(row.id) ?? row.id, personOf(row)]));
  }
}

function personOf(row: Arrival): Person {
  const { officeId, kind, number, status, said, told, phone, handedFrom, arrivedAt, seenAt, endedAt } = row;
  const due = row.due === null ? null : toMillis(row.due);
  const staff = row.staffId === null ? null : { id: row.staffId, name: row.staffName! };
  const over = endedAt !== null;
  return { officeId, kind, number, due, status, staff, said, told, phone, handedFrom, arrivedAt, seenAt, over };
}

/** `ok`, or the reason of the refusal with what was said. */
export async function outcome(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'ok';
  } catch (fault) {
    if (fault instanceof Refusal)
      return fault.more.said === undefined ? fault.reason : `${fault.reason} ${fault.more.said}`;
    throw fault;
  }
}
