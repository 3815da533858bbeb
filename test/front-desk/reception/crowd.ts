// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Clerk } from '../../../src/front-desk/reception/opening-desk.ts';
import type { Authority } from '../../../src/offices/authority.ts';
import type { Arrival } from '../../../src/waiting-room/arrival.ts';
import { Refusal } from '../../../src/bookings/refusal.ts';
import type { House } from '../../kit/desks.ts';

const clerkNo = (n: number): Clerk => ({ id: `0199e0c8-0000-7000-8000-00000000000${n}`, name: `Operatore ${n}` });
const CLERKS = [clerkNo(1), clerkNo(2)];

/** Instances on one database, with the authority they all serve. */
export interface Town {
  readonly houses: readonly House[];
  readonly authority: Authority;
}

export interface Duels {
  /** By how many won: only 1 is right. */
  readonly winners: Record<number, number>;
  /** How often the other heard the name of who had won, and the row said the same. */
  readonly heard: number;
}

const houseFor = ({ houses }: Town, n: number): House => houses[n % houses.length]!;

const knock = async (town: Town, n: number): Promise<Arrival> => {
  const { authority } = town;
  const asked = { name: `Persona ${n}`, reason: null, language: 'it' } as const;
  return (await houseFor(town, n).waiting.knock(authority, authority.office('suap')!, asked)).arrival;
};

/** Each round one who waits, and two clerks who open at once, each at an instance of their own where there are two. */
export async function openingDuels(town: Town, rounds: number): Promise<Duels> {
  const winners: Record<number, number> = {};
  let heard = 0;
  for (let round = 0; round < rounds; round++) {
    const arrival = await knock(town, round);
    const opened = await Promise.allSettled(
      CLERKS.map((clerk, n) => houseFor(town, n).opening.open(town.authority, arrival, clerk)),
    );
    const won = opened.flatMap((o) => (o.status === 'fulfilled' ? [o.value.staffName] : []));
    winners[won.length] = (winners[won.length] ?? 0) + 1;
    const told = opened.flatMap((o) => (o.status === 'rejected' ? [nameHeard(o.reason)] : []));
    const written = (await houseFor(town, round).opening.find(town.authority, arrival.id))!.staffName;
    if (told.length === 1 && told[0] === won[0] && written === won[0]) heard++;
    await houseFor(town, round).opening.close(
      town.authority,
      arrival,
      CLERKS.find(({ name }) => name === won[0])!,
    );
  }
  return { winners, heard };
}

function nameHeard(fault: unknown): string | undefined {
  if (fault instanceof Refusal && fault.reason === 'taken-over') return fault.more.said;
  throw fault;
}

export interface Crowd {
  readonly numbers: readonly number[];
  /** Pairs of whom the second knocked after the first had heard, and yet had the lower number. */
  readonly overtaken: number;
  /** Times that somebody was told of more people before them than earlier. */
  readonly pushedBack: number;
}

/**
 * So many knock at one door at once; each then looks again and again while others leave, are let in, or come. Some
 * knock only once others have heard.
 */
export async function crowd(town: Town, people: number): Promise<Crowd> {
  let moment = 0;
  let pushedBack = 0;
  const heard: { asked: number; answered: number; number: number }[] = [];
  const come = async (n: number): Promise<void> => {
    const asked = moment++;
    const arrival = await knock(town, n);
    heard.push({ asked, answered: moment++, number: arrival.number });
    pushedBack += await watch(town, arrival, n);
  };
  const [first, then] = [people * 0.8, people * 0.2];
  await Promise.all(
    Array.from({ length: first }, (_, n) => (n < then ? come(n).then(() => come(first + n)) : come(n))),
  );
  const pairs = heard.flatMap((a) => heard.filter((b) => a.answered < b.asked && a.number > b.number));
  return { numbers: heard.map(({ number }) => number), overtaken: pairs.length, pushedBack };
}

/** @returns how often more people were before them than the time before */
async function watch(town: Town, arrival: Arrival, n: number): Promise<number> {
  const { authority } = town;
  const seen: number[] = [];
  for (let looks = 0; looks < 3; looks++) {
    seen.push((await houseFor(town, n + looks).waiting.look(authority, arrival)).ahead);
    if (looks === 1 && n % 10 === 0) await houseFor(town, n).waiting.withdraw(arrival);
    if (looks === 1 && n % 10 === 5) await houseFor(town, n).opening.open(authority, arrival, CLERKS[0]!);
  }
  return seen.filter((ahead, i) => i > 0 && ahead > seen[i - 1]!).length;
}
