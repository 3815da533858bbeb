// SPDX-License-Identifier: AGPL-3.0-or-later
import { randomInt } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { say } from './child.ts';
import { Client, written, type Ask } from './client.ts';
import { bookingAt } from './wish.ts';

/** The load generator, a process of its own: it must not share the event loop of what it measures. */

/** Asks each of these in turn, from the first again when they are over, until the time is. */
export interface Repeat {
  readonly kind: 'repeat';
  readonly url: string;
  readonly clients: number;
  readonly asks: readonly Ask[];
  readonly ms: number;
}

/** Books each start once until they or the time are over. */
export interface BookEach {
  readonly kind: 'book';
  readonly url: string;
  readonly clients: number;
  readonly service: string;
  readonly starts: readonly string[];
  readonly ms: number;
}

/** Every client wants any of these starts, and asks until it hears that none is left. */
export interface Rush {
  readonly kind: 'rush';
  readonly url: string;
  readonly clients: number;
  readonly service: string;
  readonly starts: readonly string[];
}

export type Job = Repeat | BookEach | Rush;

export interface Load {
  /** Answers by status. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly seconds: number;
  /** Seconds until the last 2xx. */
  readonly lastGood: number;
  /** Milliseconds of the middle answer and of the slowest in a hundred. */
  readonly p50: number;
  readonly p99: number;
}

class Tally {
  readonly #start = performance.now();
  readonly #statuses: Record<string, number> = {};
  readonly #latencies: number[] = [];
  #lastGood = 0;

  async ask(client: Client, request: string): Promise<{ status: number; body: string }> {
    const asked = performance.now();
    const reply = await client.ask(request);
    this.#latencies.push(performance.now() - asked);
    this.#statuses[reply.status] = (this.#statuses[reply.status] ?? 0) + 1;
    if (reply.status < 300) this.#lastGood = performance.now() - this.#start;
    return reply;
  }

  get elapsed(): number {
    return performance.now() - this.#start;
  }

  load(): Load {
    const sorted = this.#latencies.sort((a, b) => a - b);
    const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? 0;
    const [seconds, lastGood] = [this.elapsed / 1000, this.#lastGood / 1000];
    return { statuses: this.#statuses, seconds, lastGood, p50: at(0.5), p99: at(0.99) };
  }
}

async function run(job: Job): Promise<Load> {
  const clients = Array.from({ length: job.clients }, () => new Client(new URL(job.url)));
  const tally = new Tally();
  await Promise.all(clients.map(workOf(job, tally)));
  const load = tally.load();
  for (const client of clients) client.close();
  await wait(50);
  return load;
}

type Work = (client: Client) => Promise<void>;

function workOf(job: Job, tally: Tally): Work {
  if (job.kind === 'repeat') return repeat(job, tally);
  return job.kind === 'book' ? book(job, tally) : rush(job, tally);
}

function repeat({ asks, ms }: Repeat, tally: Tally): Work {
  const requests = asks.map(written);
  let next = 0;
  return async (client) => {
    while (tally.elapsed < ms) await tally.ask(client, requests[next++ % requests.length]!);
  };
}

let person = 0;

const bookingRequest = (service: string, start: string): string => {
  person++;
  const headers = { 'idempotency-key': `${process.pid}-${Date.now()}-${person}` };
  return written({ path: '/api/v1/bookings', body: bookingAt(service, start, person), headers });
};

function book({ service, starts, ms }: BookEach, tally: Tally): Work {
  let next = 0;
  return async (client) => {
    while (next < starts.length && tally.elapsed < ms)
      await tally.ask(client, bookingRequest(service, starts[next++]!));
  };
}

interface Problem {
  readonly alternatives?: readonly { readonly start: string }[];
}

function rush({ service, starts }: Rush, tally: Tally): Work {
  return async (client) => {
    let wanted = starts;
    while (wanted.length) {
      const reply = await tally.ask(client, bookingRequest(service, wanted[randomInt(wanted.length)]!));
      if (reply.status === 201) wanted = starts;
      else wanted = ((JSON.parse(reply.body) as Problem).alternatives ?? []).map(({ start }) => start);
    }
  };
}

process.on('message', (job: Job) => void run(job).then(say));
process.on('disconnect', () => process.exit());
say({ ready: true });
