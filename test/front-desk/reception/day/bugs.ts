// SPDX-License-Identifier: AGPL-3.0-or-later
import { Arrivals, type Neighbour } from '../../../../src/database/reception/arrivals.ts';
import type { Database } from '../../../../src/database/engine/database.ts';
import type { DoorKey } from '../../../../src/database/reception/doors.ts';
import type { Transaction } from '../../../../src/database/engine/transaction.ts';
import type { Millis } from '../../../../src/time/clock.ts';
import { Arrival } from '../../../../src/waiting-room/arrival.ts';
import type { House } from '../../../kit/desks.ts';

/** Writes what it has decided, without looking whether another was faster. */
class Careless extends Arrivals {
  override async replace(tx: Transaction, was: Arrival, now: Arrival): Promise<boolean> {
    const [current] = await tx.rows<{ version: number }>('SELECT version FROM arrivals WHERE id = ?', [was.id]);
    const { version } = current!;
    return super.replace(tx, new Arrival({ ...was, version }), new Arrival({ ...now, version: version + 1 }));
  }
}

/** Whoever has the status of one who waits is back as soon as they show life, however late. */
class ByStatus extends Arrivals {
  constructor(private readonly tables: Database) {
    super(tables);
  }

  override async seen(id: string, now: Millis): Promise<boolean> {
    const sql = `UPDATE arrivals SET seen_at = CASE WHEN seen_at < ? THEN ? ELSE seen_at END
      WHERE id = ? AND ended_at IS NULL`;
    return (await this.tables.run(sql, [now, now, id])) === 1;
  }
}

/** Whose turn it is, by the moments at which each instance's own clock says that they came. */
class ByClock extends Arrivals {
  constructor(private readonly tables: Database) {
    super(tables);
  }

  override async neighbours(door: DoorKey, now: Millis): Promise<Neighbour[]> {
    const there = await super.neighbours(door, now);
    const came = new Map((await this.#all(door)).map(({ id, arrivedAt }) => [id, arrivedAt]));
    return there.map((neighbour) => ({ ...neighbour, number: came.get(neighbour.id)! }));
  }

  override async before(authorityId: string, officeIds: readonly string[], seenAfter: Millis): Promise<Arrival[]> {
    const there = await super.before(authorityId, officeIds, seenAfter);
    return there.map((arrival) => new Arrival({ ...arrival, number: arrival.arrivedAt }));
  }

  #all({ authorityId, officeId }: DoorKey): Promise<Arrival[]> {
    return this.tables.reading.findBy(Arrival, { authorityId, officeId });
  }
}

/** Mistakes a reception could be made of, and what of a day shows each. */
export const BUGS = [
  { bug: 'nobody looks who was faster', as: Careless, shows: / is written as |: ok, not / },
  { bug: 'a status says who is gone', as: ByStatus, shows: /, not (lost|gone)/ },
  { bug: "the turn goes by each instance's own clock", as: ByClock, shows: /^Error: the line at |, not waiting / },
];

export function plant(houses: readonly House[], Bug: new (database: Database) => Arrivals): void {
  for (const house of houses) Object.assign(house.registers, { arrivals: new Bug(house.database) });
}
