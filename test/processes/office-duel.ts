// SPDX-License-Identifier: AGPL-3.0-or-later
import { CITIZEN, type Change } from '../../src/bookings/change.ts';
import { at, counter, House, seat, tally, unionWith } from '../kit/desks.ts';
import { broken } from '../kit/invariants.ts';
import { officeWith, serviceWith } from '../offices/sample.ts';

const STAFF: Change = { by: { kind: 'staff', id: 'mario', name: 'Mario' } };
const REPLY: Change = { by: { kind: 'reply' } };
const DAY = 1440;
/** Half hours of a morning. */
const STARTS = 8;

export interface OfficeVerdict {
  rounds: number;
  /** Rounds after which the tables did not say the same. */
  broken: number;
  /** How often each answer was given. */
  answers: Record<string, number>;
}

/** Each round, at one time of three counters: two who want one counter, one who wants it back, one who overrules, one who books. */
export async function officeDuel(urls: readonly string[], rounds: number): Promise<OfficeVerdict> {
  const first = await House.open(urls[0]!);
  const houses = [first];
  for (const url of urls.slice(1)) houses.push(await House.open(url, { clock: first.clock, beside: true }));
  const verdict: OfficeVerdict = { rounds: 0, broken: 0, answers: {} };
  try {
    const services = [serviceWith(), serviceWith({ id: 'sindaco', confirmation: 'staff' })];
    const counters = ['uno', 'due', 'tre'].map((id) => counter(id, seat(['consulenza', 'sindaco'])));
    const authority = await first.settle(unionWith(0, { id: 'duello', offices: [officeWith({ services })], counters }));
    for (; verdict.rounds < rounds; verdict.rounds++) {
      const answers = await oneRound(houses, authority.id, startOf(verdict.rounds));
      for (const [answer, n] of Object.entries(answers)) verdict.answers[answer] = (verdict.answers[answer] ?? 0) + n;
      if ((await broken(first.registers, authority, first.clock.now())).length) verdict.broken++;
    }
    return verdict;
  } finally {
    for (const house of houses.toReversed()) await house.close();
  }
}

/** On working days only: four of them in each week. */
const startOf = (round: number): number => {
  const day = Math.floor(round / STARTS);
  return at('2027-03-02T09:00') + (Math.floor(day / 4) * 7 + (day % 4)) * DAY + 30 * (round % STARTS);
};

async function oneRound(houses: readonly House[], id: string, start: number): Promise<Record<string, number>> {
  const [one, two, three] = [houses[0]!, houses[1]!, houses[2]!];
  const authority = (await one.registers.authorities.find(id))!;
  const [a, b, c] = [
    await one.book(authority, start),
    await one.book(authority, start, { serviceId: 'sindaco' }),
    await one.book(authority, start),
  ];
  const off = await one.changes.cancel(authority, c, REPLY);
  return tally([
    one.changes.reseat(authority, a, c.counter, STAFF),
    two.changes.reseat(authority, b, c.counter, { ...STAFF, version: 0 }),
    three.changes.confirm(authority, b, { ...STAFF, version: 0 }),
    three.changes.restore(authority, off, CITIZEN),
    two.bookings.book(authority, two.request(start), two.repeat(), { ...STAFF, overrule: 'Urgente' }),
    one.book(authority, start),
  ]);
}
