// SPDX-License-Identifier: AGPL-3.0-or-later
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { OwnAbsence } from '../../../src/front-desk/reception/own-absence.ts';
import type { Authority } from '../../../src/offices/authority.ts';
import type { Arrival } from '../../../src/waiting-room/arrival.ts';
import { Hints } from '../../../src/waiting-room/hints.ts';
import { House, unionWith } from '../../kit/desks.ts';
import { engines } from '../../kit/engines.ts';
import { officeWith, serviceWith } from '../../offices/sample.ts';

const OPEN = '2027-03-30T10:00:00+02:00';

class Told extends Hints {
  readonly arrivals: string[] = [];

  door(): void {}

  arrival(id: string): void {
    this.arrivals.push(id);
  }
}

describe.each(engines)('An absence of the house itself on $name', (engine) => {
  let house: House;
  let authority: Authority;
  let tests = 0;

  beforeAll(async () => {
    house = await House.open(await engine.freshUrl());
  });
  afterAll(() => house.close());
  beforeEach(async () => {
    house.clock.set(OPEN);
    await house.database.run('DELETE FROM pulse');
    const offices = [officeWith({ services: [serviceWith()] })];
    authority = await house.settle(unionWith(1, { id: `unione-${tests++}`, offices }));
  });

  const instance = (hints: Hints = new Told()): OwnAbsence => new OwnAbsence(house.registers, house.clock, hints);
  const knock = async (name: string): Promise<Arrival> =>
    (await house.waiting.knock(authority, authority.office('suap')!, { name, reason: null, language: 'it' })).arrival;
  const stages = async (...who: Arrival[]) => {
    const now = await Promise.all(who.map(({ id }) => house.opening.find(authority, id)));
    const seen = await Promise.all(now.map((arrival) => house.waiting.look(authority, arrival!)));
    return seen.map(({ stage }) => stage);
  };
  /** So many seconds pass, by the clock of the house and by the database's. */
  const pass = async (seconds: number): Promise<void> => {
    house.clock.advance(seconds * 1000);
    await house.database.run('UPDATE pulse SET beat_at = beat_at - ?', [seconds * 1000]);
  };

  test('is held against nobody who waited: they keep their places for half a minute from its return, and hear of it', async () => {
    await instance().beat();
    const gone = await knock('Gino');
    for (let seconds = 0; seconds < 35; seconds += 5) {
      await pass(5);
      await instance().beat();
    }
    const [first, second] = [await knock('Ada'), await knock('Bice')];
    await house.waiting.touch(gone.id);
    await pass(40);
    const told = new Told();
    await instance(told).beat();
    expect(told.arrivals.toSorted()).toEqual([first.id, second.id].toSorted());
    house.clock.advance(29_000);
    expect(await stages(gone, first)).toEqual(['gone', 'waiting']);
    house.clock.advance(1_000);
    expect(await stages(first, second)).toEqual(['waiting', 'gone']);
  });

  test('is none while another instance stays', async () => {
    const [one, other] = [instance(), instance()];
    await one.beat();
    const waiting = await knock('Ada');
    for (let i = 0; i < 8; i++) {
      await pass(5);
      await other.beat();
    }
    await one.beat();
    await instance().beat();
    expect(await stages(waiting)).toEqual(['gone']);
  });

  test('is over after an hour, and of two who return at once one tells', async () => {
    await instance().beat();
    const early = await knock('Ada');
    await pass(3_601);
    await instance().beat();
    expect(await stages(early)).toEqual(['gone']);
    const late = await knock('Bice');
    await pass(60);
    const told = new Told();
    await Promise.all([instance(told), instance(told)].map((each) => each.beat()));
    expect([await stages(late), told.arrivals]).toEqual([['waiting'], [late.id]]);
  });
});
