// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Clock, Millis } from '../time/clock.ts';
import type { LiveIo } from './protocol.ts';

/** Two hundred who knock at once are one piece of news. */
const GATHER_MS: Millis = 150;
/** While nothing is heard of other instances. */
const LOOK_AGAIN_MS: Millis = 10_000;

/** Tells open pages to read themselves again. */
export class News {
  readonly #gathering = new Set<string>();
  #isLooking = false;

  constructor(
    private readonly io: LiveIo,
    private readonly clock: Clock,
    private readonly closed: AbortSignal,
  ) {}

  /** @param here when other instances tell their own */
  soon(room: string, here = false): void {
    if (this.#gathering.has(room)) return;
    this.#gathering.add(room);
    const say = (): void => {
      this.#gathering.delete(room);
      (here ? this.io.local : this.io).to(room).emit('changed');
    };
    this.clock.sleep(GATHER_MS, this.closed).then(say, () => undefined);
  }

  /** To every page of this instance. */
  toAllHere(): void {
    this.io.local.emit('changed');
  }

  /** What other instances change is not heard: pages look by themselves. */
  async againAndAgain(isStillSo: () => boolean): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    while (!this.closed.aborted && isStillSo()) {
      this.toAllHere();
      await this.clock.sleep(LOOK_AGAIN_MS, this.closed).catch(() => undefined);
    }
    this.#isLooking = false;
  }
}
