// SPDX-License-Identifier: AGPL-3.0-or-later
import { readdirSync, readFileSync } from 'node:fs';
import { Agent, request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { AppProcess } from '../kit/app.ts';
import type { Cluster } from '../kit/galera.ts';
import { freshDatabase, type MortalMariadb } from '../kit/mariadb.ts';
import {
  book,
  contradictions,
  endLeases,
  inBooks,
  requestFor,
  slotsOf,
  startTown,
  untilAllSent,
  type BookingAnswer,
  type Request,
} from './town.ts';

/** People who book without a pause, each another slot, and remember what they were told. */
export class Crowd {
  readonly told = new Map<Request, BookingAnswer>();
  /** Requests whose answer never came, or was that the service is unavailable. */
  readonly untold: Request[] = [];
  /** Answers that nobody should get. */
  readonly odd: string[] = [];
  /** Milliseconds. */
  slowest = 0;
  #next = 0;
  #stopped = false;

  constructor(private readonly slots: string[]) {}

  get left(): number {
    return this.slots.length - this.#next;
  }

  /** Books until `stop`, or until the process is dead. */
  async throng(app: AppProcess, people: number): Promise<void> {
    this.#stopped = false;
    await Promise.all(Array.from({ length: people }, () => this.#person(app)));
  }

  stop(): void {
    this.#stopped = true;
  }

  async untilTold(count: number): Promise<void> {
    while (this.told.size < count && this.left > 0) await wait(10);
  }

  /** Asks again, word for word, what was left unanswered. */
  async askAgain(app: AppProcess): Promise<void> {
    for (const request of this.untold.splice(0)) {
      const [first, second] = [await this.#ask(app, request), await this.#ask(app, request)];
      if (JSON.stringify(first?.body) !== JSON.stringify(second?.body)) this.odd.push(`two answers for ${request.key}`);
    }
  }

  async #person(app: AppProcess): Promise<void> {
    while (!this.#stopped && this.left > 0) {
      const start = this.slots[this.#next++]!;
      const asked = performance.now();
      const answer = await this.#ask(app, requestFor({ start }));
      this.slowest = Math.max(this.slowest, performance.now() - asked);
      if (!answer) return;
      if (answer.status === 503) await wait(50);
    }
  }

  async #ask(app: AppProcess, request: Request): Promise<BookingAnswer | null> {
    const answer = await book(app, request).catch(() => null);
    if (answer?.status === 201) this.told.set(request, answer);
    else if (!answer || answer.status === 503) this.untold.push(request);
    else this.odd.push(JSON.stringify(answer));
    return answer;
  }
}

/** What was acknowledged and is not there, or there twice, or told to nobody; nothing when all is well. */
export async function lossesOf(crowd: Crowd, url: string, mailDir: string): Promise<string[]> {
  await endLeases(url); // those of the dead
  await untilAllSent(url, 60_000);
  const rows = await inBooks(url, (db) =>
    db.rows<{ reference: string; email: string }>('SELECT reference, email FROM bookings'),
  );
  const booked = new Map(rows.map(({ reference, email }) => [reference, email]));
  const addressees = addresseesIn(mailDir);
  const lost = [...crowd.told].filter(
    ([{ body }, answer]) => booked.get(answer.body.reference) !== body.citizen.email.toLowerCase(),
  );
  const unwritten = rows.filter(({ email }) => addressees.get(email) !== 1);
  const twice = rows.length - new Set(rows.map(({ email }) => email)).size;
  return [
    ...crowd.odd,
    ...lost.map(([, { body }]) => `lost: ${body.reference}`),
    ...unwritten.map(({ email }) => `${addressees.get(email) ?? 0} letters for ${email}`),
    ...(twice ? [`${twice} people have two bookings`] : []),
    ...(await contradictions(url)),
  ];
}

/** How many letters lie there for each address. */
function addresseesIn(mailDir: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of readdirSync(mailDir).filter((file) => file.endsWith('.eml'))) {
    const address = /^To:[^<\n]*<([^>]+)>|^To: (\S+)/im.exec(readFileSync(join(mailDir, name), 'utf8'));
    const found = address?.[1] ?? address?.[2] ?? name;
    counts.set(found, (counts.get(found) ?? 0) + 1);
  }
  return counts;
}

export interface Carnage {
  deaths: number;
  acknowledged: number;
  /** Requests left without an answer, asked again afterwards. */
  askedAgain: number;
  /** Milliseconds the slowest answer took. */
  slowest: number;
  losses: string[];
}

const tally = (crowd: Crowd, deaths: number, askedAgain: number, losses: string[]): Carnage => ({
  deaths,
  acknowledged: crowd.told.size,
  askedAgain,
  slowest: Math.round(crowd.slowest),
  losses,
});

const endAll = (apps: AppProcess[]): Promise<number[]> => Promise.all(apps.map((app) => app.end('SIGTERM')));

/**
 * Kills a process while people book through all of them, starts it again, again and again.
 * @param urls of one database, one a process
 */
export async function killWhileBooking(urls: string[], kills: number, people = 6): Promise<Carnage> {
  const town = await startTown(urls);
  const crowd = new Crowd(await slotsOf(town.apps[0]!, 'carta'));
  let [askedAgain, deaths] = [0, 0];
  for (; deaths < kills && crowd.left > 0; deaths++) {
    const victim = deaths % urls.length;
    const throngs = town.apps.map((app) => crowd.throng(app, people));
    await wait(20 + ((deaths * 37) % 180));
    await town.apps[victim]!.end('SIGKILL');
    crowd.stop();
    await Promise.all(throngs);
    town.apps[victim] = await AppProcess.start({ DATABASE_URL: urls[victim]!, ...town.env });
    askedAgain += crowd.untold.length;
    await crowd.askAgain(town.apps[victim]);
  }
  const losses = await lossesOf(crowd, urls[0]!, town.mailDir);
  await endAll(town.apps);
  return tally(crowd, deaths, askedAgain, losses);
}

/** Kills the database under two processes, lets it come back, again and again. */
export async function killDatabaseWhileBooking(database: MortalMariadb, kills: number): Promise<Carnage> {
  const url = await freshDatabase(database.url);
  const { apps, mailDir } = await startTown([url, url]);
  const crowd = new Crowd(await slotsOf(apps[0]!, 'carta'));
  let askedAgain = 0;
  for (let kill = 0; kill < kills; kill++) {
    const throngs = apps.map((app) => crowd.throng(app, 4));
    await crowd.untilTold(crowd.told.size + 20);
    await database.die();
    await wait(100);
    await database.rise();
    await crowd.untilTold(crowd.told.size + 10); // it goes on
    crowd.stop();
    await Promise.all(throngs);
    askedAgain += crowd.untold.length;
    await crowd.askAgain(apps[kill % 2]!);
  }
  const losses = await lossesOf(crowd, url, mailDir);
  await endAll(apps);
  return tally(crowd, kills, askedAgain, losses);
}

/** Kills the third node under processes on the first two; their writes stand still, then go on. */
export async function killNodeWhileBooking(cluster: Cluster): Promise<Carnage> {
  const urls = await cluster.freshUrls();
  const { apps, mailDir } = await startTown(urls.slice(0, 2));
  const crowd = new Crowd(await slotsOf(apps[0]!, 'carta'));
  const throngs = apps.map((app) => crowd.throng(app, 4));
  await crowd.untilTold(100);
  cluster.kill(2);
  await crowd.untilTold(crowd.told.size + 100);
  crowd.stop();
  await Promise.all(throngs);
  const askedAgain = crowd.untold.length;
  await crowd.askAgain(apps[1]!);
  const losses = [...(await lossesOf(crowd, urls[0]!, mailDir)), ...(await lossesOf(crowd, urls[1]!, mailDir))];
  await endAll(apps);
  return tally(crowd, 1, askedAgain, losses);
}

export interface Stop {
  /** How many answers had this status, or this error. */
  answers: Record<string, number>;
  code: number;
  seconds: number;
}

/** Asks a process to stop while 24 people ask without a pause over connections they keep open. */
export async function stopUnderLoad(app: AppProcess): Promise<Stop> {
  const slots = await slotsOf(app, 'carta');
  const agent = new Agent({ keepAlive: true, maxSockets: 24 });
  const answers: Record<string, number> = {};
  let next = 0;
  const person = async (i: number): Promise<void> => {
    for (let open = true; open;) {
      const { key, body } = requestFor({ start: slots[next++]! });
      const look = `${app.url}/api/v1/slots?service_id=carta&from=2027-03-01&to=2027-03-07`;
      const answer = i % 3 ? await ask(agent, `${app.url}/api/v1/bookings`, key, body) : await ask(agent, look);
      answers[answer] = (answers[answer] ?? 0) + 1;
      open = typeof answer === 'number';
    }
  };
  const people = Array.from({ length: 24 }, (_, i) => person(i));
  await wait(600);
  const asked = performance.now();
  const code = await app.end('SIGTERM');
  const seconds = (performance.now() - asked) / 1000;
  await Promise.all(people);
  agent.destroy();
  return { answers, code, seconds };
}

/** One request over an open connection. @returns its status, or the code of what went wrong. */
const ask = (agent: Agent, url: string, key?: string, body?: object): Promise<number | string> =>
  new Promise((resolve) => {
    const headers = { 'content-type': 'application/json', ...(key ? { 'idempotency-key': key } : {}) };
    const request = httpRequest(url, { agent, method: body ? 'POST' : 'GET', headers }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
      response.on('error', (error) => resolve(String(error)));
    });
    request.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    request.end(body && JSON.stringify(body));
  });
