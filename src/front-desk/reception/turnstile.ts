// SPDX-License-Identifier: AGPL-3.0-or-later
import { Refusal } from '../../bookings/refusal.ts';
import type { Registers } from '../../database/registers.ts';
import type { Transaction } from '../../database/engine/transaction.ts';
import type { Arrival } from '../../waiting-room/arrival.ts';
import type { Hints } from '../../waiting-room/hints.ts';
import { Overtaken, untilCurrent } from '../overtaken.ts';

/** What becomes of an arrival as it is now; null when nothing does. @throws Refusal when it may not */
export type Decision = (was: Arrival, tx: Transaction) => Partial<Arrival> | null | Promise<Partial<Arrival> | null>;

/** Every change of an arrival passes here one by one: of two who press at once, the second sees what the first did. */
export class Turnstile {
  constructor(
    private readonly registers: Registers,
    private readonly hints: Hints,
  ) {}

  /**
   * Writes down what becomes of an arrival as it is now, whatever the caller's page showed, and tells the open pages
   * after the COMMIT.
   * @throws Refusal `not-found` when it is there no more, and those of the decision
   */
  async pass(arrival: Pick<Arrival, 'authorityId' | 'id'>, decide: Decision): Promise<Arrival> {
    const { database, arrivals } = this.registers;
    const [was, now] = await untilCurrent(async (): Promise<[Arrival, Arrival]> => {
      const found = await arrivals.find(arrival.authorityId, arrival.id);
      if (!found) throw new Refusal('not-found');
      return database.transaction(async (tx): Promise<[Arrival, Arrival]> => {
        const changes = await decide(found, tx);
        if (!changes) return [found, found];
        const changed = found.with(changes);
        if (!(await arrivals.replace(tx, found, changed))) throw new Overtaken();
        return [found, changed];
      });
    });
    if (now !== was) this.tell(was, now);
    return now;
  }

  tell(...arrivals: readonly Arrival[]): void {
    for (const id of new Set(arrivals.map((a) => a.id))) this.hints.arrival(id);
    for (const officeId of new Set(arrivals.map((a) => a.officeId)))
      this.hints.door(arrivals[0]!.authorityId, officeId);
  }
}
