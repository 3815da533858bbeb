// SPDX-License-Identifier: AGPL-3.0-or-later
import { setTimeout as wait } from 'node:timers/promises';
import { LONGEST_SESSION_MS } from '../../src/access/session.ts';
import { newStaff, Staff } from '../../src/access/staff.ts';
import { SystemChance } from '../../src/bookings/chance.ts';
import { sha256 } from '../../src/bookings/token.ts';
import { Database } from '../../src/database/engine/database.ts';
import { Sessions } from '../../src/database/staff/sessions.ts';
import { StaffBook } from '../../src/database/staff/staff-book.ts';
import { SystemClock } from '../../src/time/clock.ts';
import { Arrival } from '../../src/waiting-room/arrival.ts';
import { AppProcess } from '../kit/app.ts';
import { startTown } from './town.ts';

/** A Monday on which the door of Borgo is open. */
export const TEN = '2027-03-01T10:00:00+01:00';

/** A knock that was answered 201. */
interface Told {
  readonly id: string;
  readonly number: number;
  readonly asked: number;
  readonly answered: number;
}

interface Clerk {
  readonly id: string;
  readonly cookie: string;
}

export interface Siege {
  deaths: number;
  knocks: number;
  openings: number;
  /** What was answered and is not so, or is half written; nothing when all is well. */
  losses: string[];
}

/**
 * Kills a process while people knock and two clerks open through all of them, starts it again, again and again.
 * @param urls of one database, one a process
 * @param spoil does something to the tables before they are looked at, to prove that it would be noticed
 */
export async function killWhileKnocking(
  urls: readonly string[],
  kills: number,
  spoil?: (database: Database) => Promise<unknown>,
): Promise<Siege> {
  const town = await startTown([...urls], { CLOCK_START: TEN });
  const database = await Database.open(urls[0]!, new SystemClock(), new SystemChance(), false);
  const siege = new DoorUnderSiege(database, [await clerkIn(database, 1), await clerkIn(database, 2)]);
  const losses: string[] = [];
  try {
    for (let deaths = 0; deaths < kills; deaths++) {
      const victim = deaths % urls.length;
      const crowd = siege.begin(town.apps);
      await siege.untilMore(40 + ((deaths * 7) % 20), 3);
      await town.apps[victim]!.end('SIGKILL');
      siege.stop();
      await crowd;
      town.apps[victim] = await AppProcess.start({ DATABASE_URL: urls[victim]!, ...town.env });
      await spoil?.(database);
      losses.push(...(await siege.losses(town.apps[victim])));
      await siege.makeRoom();
    }
    return { deaths: kills, knocks: siege.told.length, openings: siege.opened.size, losses: [...new Set(losses)] };
  } finally {
    await database.close();
    await Promise.all(town.apps.map((app) => app.end('SIGTERM')));
  }
}

/** Somebody who receives at Borgo, and has signed in. */
export async function clerkIn(database: Database, n: number): Promise<Clerk> {
  const [id, token, now] = [`clerk-${n}`, `${n}`.repeat(43), Date.parse(TEN)];
  const who = {
    id,
    authorityId: 'borgo',
    name: `Operatore ${n}`,
    email: `${id}@borgo.example`,
    role: 'operator',
    offices: ['anagrafe'],
    passwordHash: null,
    mustChange: 0,
    subject: null,
  } as const;
  await new StaffBook(database).add(new Staff(newStaff(who, now)));
  const lasts = { createdAt: now, seenAt: now, expiresAt: now + LONGEST_SESSION_MS };
  await new Sessions(database).begin({
    tokenHash: sha256(token),
    staffId: id,
    authorityId: 'borgo',
    device: 'test',
    ...lasts,
  });
  return { id, cookie: `sportello-staff=${token}` };
}

class DoorUnderSiege {
  readonly told: Told[] = [];
  /** Which clerk was told that they have whom. */
  readonly opened = new Map<string, string>();
  readonly #odd: string[] = [];
  #stopped = false;
  #moment = 0;

  constructor(
    private readonly database: Database,
    private readonly clerks: readonly Clerk[],
  ) {}

  async begin(apps: readonly AppProcess[]): Promise<void> {
    this.#stopped = false;
    const people = Array.from({ length: 10 }, (_, i) => this.#knocker(apps[i % apps.length]!));
    await Promise.all([...people, ...this.clerks.map((clerk, i) => this.#opener(apps[i % apps.length]!, clerk))]);
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Until so many more were told that they have knocked, and clerks that they have somebody; in the midst of the next. */
  async untilMore(knocks: number, openings: number): Promise<void> {
    const [told, opened] = [this.told.length + knocks, this.opened.size + openings];
    while (!this.#odd.length && (this.told.length < told || this.opened.size < opened)) await wait(1);
  }

  /** The door takes no more than 250 at once. */
  async makeRoom(): Promise<void> {
    const most = Math.max(...this.told.map(({ number }) => number));
    const leave = "UPDATE arrivals SET status = 'closed', ended_at = 1 WHERE status = 'waiting' AND number < ?";
    await this.database.run(leave, [most - 20]);
  }

  /** What the process that has risen again, and the tables, say otherwise than was answered. */
  async losses(app: AppProcess): Promise<string[]> {
    const arrivals = await this.database.reading.find(Arrival, { order: { number: 'ASC' } });
    const byHash = new Map(arrivals.map((arrival) => [arrival.tokenHash, arrival]));
    const [door] = await this.database.rows<{ last_number: number }>('SELECT last_number FROM doors');
    const numbers = arrivals.map(({ number }) => number).join();
    const whole = Array.from({ length: door?.last_number ?? 0 }, (_, i) => i + 1).join();
    const waiting = arrivals.filter(({ status }) => status === 'waiting');
    return [
      ...this.#odd,
      ...(numbers === whole ? [] : [`the numbers are ${numbers}`]),
      ...this.told
        .filter(({ id, number }) => byHash.get(sha256(id))?.number !== number)
        .map(({ number }) => `lost: ${number}`),
      ...this.#outOfOrder(),
      ...arrivals.flatMap((arrival) => this.#halves(arrival)),
      ...(await this.#heard(app, waiting)),
    ];
  }

  #outOfOrder(): string[] {
    const last = this.told.slice(-300);
    return last.flatMap((a) =>
      last.filter((b) => a.answered < b.asked && a.number > b.number).map((b) => `${b.number} came after ${a.number}`),
    );
  }

  /** Somebody is let in by one clerk or waits to be rung for, and what one clerk was told is so. */
  #halves({ id, number, status, staffId, calledAt, ringAt }: Arrival): string[] {
    const isIn = staffId !== null && calledAt !== null && ringAt === null;
    const isOut = staffId === null && calledAt === null && ringAt !== null;
    if (status === 'closed') return [];
    const half = status === 'called' ? !isIn : status !== 'waiting' || !isOut;
    const told = this.opened.get(id);
    const wrong = told !== undefined && staffId !== told;
    return [...(half ? [`${number} is half ${status}`] : []), ...(wrong ? [`${number} is not with ${told}`] : [])];
  }

  /** Everybody's own link, as the process tells it. */
  async #heard(app: AppProcess, waiting: readonly Arrival[]): Promise<string[]> {
    const places = new Map(waiting.map(({ tokenHash }, place) => [tokenHash, place]));
    const mine = this.told.filter(({ id }) => places.has(sha256(id)));
    const answers = await Promise.all(mine.map(({ id }) => fetch(`${app.url}/api/v1/knocks/${id}`).then(bodyOf)));
    return answers.flatMap((answer, i) => {
      const { id, number } = mine[i]!;
      const place = `waiting ${number} ${places.get(sha256(id))}`;
      const heard = `${answer.status} ${answer.number} ${answer.ahead}`;
      return heard === place ? [] : [`hears ${heard}, not ${place}`];
    });
  }

  async #knocker(app: AppProcess): Promise<void> {
    while (!this.#stopped) {
      const asked = this.#moment++;
      const answer = await post(`${app.url}/api/v1/offices/anagrafe/knocks`, { name: 'Ada' });
      if (!answer) return;
      if (answer.status === 201) {
        const { id, number } = await bodyOf(answer);
        if (id !== undefined && number !== undefined) this.told.push({ id, number, asked, answered: this.#moment++ });
      } else if (answer.status !== 503) this.#odd.push(`a knock: ${answer.status} ${await answer.text()}`);
      await wait(5);
    }
  }

  async #opener(app: AppProcess, { id: clerk, cookie }: Clerk): Promise<void> {
    while (!this.#stopped) {
      const [first] = await this.database.rows<{ id: string }>(
        `SELECT id FROM arrivals WHERE status = 'waiting' ORDER BY number LIMIT 1`,
      );
      const answer = first && (await post(`${app.url}/operatore/attesa/${first.id}/apri`, null, cookie));
      if (answer === null) return;
      if (answer?.status === 303) {
        if (this.opened.has(first!.id)) this.#odd.push(`${first!.id} was given to both`);
        this.opened.set(first!.id, clerk);
      } else if (answer && ![409, 503].includes(answer.status)) this.#odd.push(`an opening: ${answer.status}`);
      await wait(20);
    }
  }
}

interface Body {
  readonly id?: string;
  readonly status?: string;
  readonly number?: number;
  readonly ahead?: number;
}

/** What of a dying process's answer could still be read. */
const bodyOf = (answer: Response): Promise<Body> =>
  answer.json().then(
    (body) => body as Body,
    () => ({}),
  );

/** Null when nobody answered. */
const post = (url: string, body: object | null, cookie = ''): Promise<Response | null> =>
  fetch(url, {
    method: 'POST',
    redirect: 'manual',
    headers: body ? { 'content-type': 'application/json' } : { cookie },
    body: body ? JSON.stringify(body) : new URLSearchParams(),
  }).catch(() => null);
