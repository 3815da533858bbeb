// SPDX-License-Identifier: AGPL-3.0-or-later
import { Refusal } from '../../bookings/refusal.ts';
import type { DoorKey } from '../../database/reception/doors.ts';
import type { Registers } from '../../database/registers.ts';
import { DuplicateKey, type Transaction } from '../../database/engine/transaction.ts';
import type { Millis } from '../../time/clock.ts';
import { Arrival } from '../../waiting-room/arrival.ts';
import { isPausedAt } from '../../waiting-room/door.ts';

/**
 * No door lets so many in in a day, so whoever fills one is no crowd but a machine; and a crowd of two hundred before
 * one door is still taken, in its order. Who shows no sign of life for 30 seconds does not count.
 */
export const MOST_WAITING = 250;

/** Somebody who has knocked and has not heard yet. */
interface Comer {
  readonly arrival: Arrival;
  readonly resolve: (numbered: Arrival) => void;
  readonly reject: (fault: unknown) => void;
}

/**
 * Gives those who knock at a door their numbers, in the order in which they came. Who comes to this process while
 * others are written down waits and is written with all who came meanwhile: one transaction, for on Galera each would
 * else meet those of the other nodes at the door's row.
 */
export class Numbering {
  readonly #crowds = new Map<string, Comer[]>();

  constructor(private readonly registers: Registers) {}

  /** @throws Refusal `door-paused` with the sentence; `too-many-requests` when too many wait there */
  give(arrival: Arrival): Promise<Arrival> {
    return new Promise((resolve, reject) => {
      const door = `${arrival.authorityId}/${arrival.officeId}`;
      const comer = { arrival, resolve, reject };
      const crowd = this.#crowds.get(door);
      if (crowd) crowd.push(comer);
      else {
        this.#crowds.set(door, [comer]);
        void this.#letIn(door);
      }
    });
  }

  /**
   * What becomes of one who knocks again, in the caller's transaction.
   * @throws Refusal as {@link give}
   */
  async again(tx: Transaction, { authorityId, officeId }: Arrival, now: Millis): Promise<Partial<Arrival>> {
    const door: DoorKey = { authorityId, officeId };
    if ((await this.registers.arrivals.countWaiting(tx, door, now)) >= MOST_WAITING)
      throw new Refusal('too-many-requests');
    const number = await this.#take(tx, door, 1, now);
    const anew = { arrivedAt: now, seenAt: now, ringAt: now, ringStep: 0, handedFrom: null };
    return { ...anew, status: 'waiting', number };
  }

  async #letIn(door: string): Promise<void> {
    for (;;) {
      const comers = this.#crowds.get(door)!.splice(0);
      if (!comers.length) return void this.#crowds.delete(door);
      await this.#numberTogether(comers);
    }
  }

  async #numberTogether(comers: readonly Comer[]): Promise<void> {
    const arrivals = comers.map(({ arrival }) => arrival);
    try {
      const numbered = await this.registers.database
        .transaction((tx) => this.#write(tx, arrivals))
        .catch((fault) => {
          // An arrival's own key is taken only by itself: the COMMIT whose answer was lost had happened.
          if (fault instanceof DuplicateKey && fault.target === Arrival) return this.#written(arrivals);
          throw fault;
        });
      for (const [i, { resolve, reject }] of comers.entries())
        if (numbered[i]) resolve(numbered[i]);
        else reject(new Refusal('too-many-requests'));
    } catch (fault) {
      for (const { reject } of comers) reject(fault);
    }
  }

  /** @returns those for whom there is room */
  async #write(tx: Transaction, arrivals: readonly Arrival[]): Promise<Arrival[]> {
    const { authorityId, officeId, arrivedAt } = arrivals[0]!;
    const door: DoorKey = { authorityId, officeId };
    const room = MOST_WAITING - (await this.registers.arrivals.countWaiting(tx, door, arrivedAt));
    const fit = arrivals.slice(0, Math.max(0, room));
    const first = await this.#take(tx, door, fit.length, arrivedAt);
    const numbered = fit.map((arrival, i) => new Arrival({ ...arrival, number: first + i }));
    await this.registers.arrivals.insert(tx, numbered);
    return numbered;
  }

  /** @returns the first of so many numbers */
  async #take(tx: Transaction, door: DoorKey, numbers: number, now: Millis): Promise<number> {
    const { lastNumber, ...state } = await this.registers.doors.take(tx, door, numbers);
    if (isPausedAt(state, now)) throw new Refusal('door-paused', { said: state.sentence! });
    return lastNumber - numbers + 1;
  }

  async #written(arrivals: readonly Arrival[]): Promise<Arrival[]> {
    const found = arrivals.map(({ authorityId, id }) => this.registers.arrivals.find(authorityId, id));
    return (await Promise.all(found)).flatMap((arrival) => arrival ?? []);
  }
}
