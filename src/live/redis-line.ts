// SPDX-License-Identifier: AGPL-3.0-or-later
import { createAdapter } from '@socket.io/redis-adapter';
import { Redis, type RedisOptions } from 'ioredis';
import type { Clock, Millis } from '../time/clock.ts';

/** What goes between instances is worth nothing a little later. */
const PATIENCE_MS: Millis = 900;
const LOOK_EVERY_MS: Millis = 3_000;
const CONNECT_MS: Millis = 5_000;
const LONGEST_PAUSE_MS: Millis = 2_000;
/** A stop waits for no goodbye. */
const GOODBYE_MS: Millis = 100;

const OPTIONS: RedisOptions = {
  connectTimeout: CONNECT_MS,
  disconnectTimeout: GOODBYE_MS,
  retryStrategy: (times) => Math.min(times * 200, LONGEST_PAUSE_MS),
};

/** Redis whose failed commands are not failures of ours: a hint that is lost is found by who looks again. */
class ForgivingRedis extends Redis {
  override sendCommand(...args: Parameters<Redis['sendCommand']>): unknown {
    const answer = super.sendCommand(...args);
    Promise.resolve(answer).catch(() => undefined);
    return answer;
  }
}

/** Carries live events between instances. Nothing waits for it; whether it is there is looked at again and again. */
export class RedisLine {
  readonly #publisher: Redis;
  readonly #subscriber: Redis;
  readonly #closed = new AbortController();
  #isUp = true;

  /** @param turned hears of the end of the line, once, and of its return */
  constructor(
    url: string,
    private readonly clock: Clock,
    private readonly turned: (isUp: boolean) => void,
  ) {
    const asking = { ...OPTIONS, commandTimeout: PATIENCE_MS, enableOfflineQueue: false, maxRetriesPerRequest: 0 };
    this.#publisher = new ForgivingRedis(url, asking);
    this.#subscriber = new ForgivingRedis(url, { ...OPTIONS, maxRetriesPerRequest: null });
    for (const redis of [this.#publisher, this.#subscriber]) redis.on('error', () => undefined); // looked at below
  }

  /** For socket.io. */
  get adapter(): ReturnType<typeof createAdapter> {
    return createAdapter(this.#publisher, this.#subscriber, { key: 'sportello', requestsTimeout: PATIENCE_MS });
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  start(): void {
    void this.#watch();
  }

  close(): void {
    this.#closed.abort();
    this.#publisher.disconnect();
    this.#subscriber.disconnect();
  }

  async #watch(): Promise<void> {
    const { signal } = this.#closed;
    while (!signal.aborted) {
      await this.clock.sleep(LOOK_EVERY_MS, signal).catch(() => undefined);
      const isUp = await this.#answers();
      if (signal.aborted || isUp === this.#isUp) continue;
      this.#isUp = isUp;
      this.turned(isUp);
    }
  }

  /** Redis answers, and we would hear what others say: whoever hears no answer in time is connected anew. */
  async #answers(): Promise<boolean> {
    if (this.#subscriber.status !== 'ready' || this.#publisher.status !== 'ready') return false;
    const [publishes, hears] = await Promise.all([this.#inTime(this.#publisher), this.#inTime(this.#subscriber)]);
    if (!publishes) this.#publisher.disconnect(true);
    if (!hears) this.#subscriber.disconnect(true);
    return publishes && hears;
  }

  async #inTime(redis: Redis): Promise<boolean> {
    const answered = new AbortController();
    const late = this.clock.sleep(PATIENCE_MS, answered.signal).then(
      () => false,
      () => false,
    );
    const answer = redis.ping().then(
      () => true,
      () => false,
    );
    const inTime = await Promise.race([answer, late]);
    answered.abort();
    return inTime;
  }
}
