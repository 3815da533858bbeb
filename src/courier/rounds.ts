// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Clock, Millis } from '../time/clock.ts';

/** Given as the reason: without one each waking would make an exception, stack and all, that nobody looks at. */
const WOKEN = 'woken';

/** Does a piece of work again and again: at once while there was something to do, else after a pause or when woken. */
export class Rounds {
  #stopped = false;
  #wake = new AbortController();
  #round: Promise<void> = Promise.resolve();

  /**
   * @param work tells whether it found something to do
   * @param failed hears of a fault, after which the rounds go on
   */
  constructor(
    private readonly clock: Clock,
    private readonly pause: Millis,
    private readonly work: () => Promise<boolean>,
    private readonly failed: (fault: unknown) => void,
  ) {}

  start(): void {
    this.#round = this.#goRound();
  }

  /** Cuts the pause short. */
  wake(): void {
    this.#wake.abort(WOKEN);
  }

  /** Finishes what is in hand, but waits no longer than `patience`. */
  async stop(patience: Millis): Promise<void> {
    this.#stopped = true;
    this.wake();
    const finished = new AbortController();
    const late = this.clock.sleep(patience, finished.signal).catch(() => undefined);
    await Promise.race([this.#round, late]);
    finished.abort();
  }

  async #goRound(): Promise<void> {
    while (!this.#stopped) {
      this.#wake = new AbortController();
      const found = await this.#once();
      if (!found && !this.#stopped) await this.clock.sleep(this.pause, this.#wake.signal).catch(() => undefined);
    }
  }

  async #once(): Promise<boolean> {
    try {
      return await this.work();
    } catch (fault) {
      this.failed(fault);
      return false;
    }
  }
}
