// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Comer } from '../../database/reception/arrivals.ts';
import { PulseBook } from '../../database/reception/pulse.ts';
import type { Registers } from '../../database/registers.ts';
import type { Transaction } from '../../database/engine/transaction.ts';
import type { Clock, Millis } from '../../time/clock.ts';
import type { Hints } from '../../waiting-room/hints.ts';

const BEAT_EVERY_MS: Millis = 3_000;
/** Two beats that failed: pages look every ten seconds, so in less than this nobody loses their place. */
const AWAY_MS: Millis = 6_000;
/** After so long nobody sits before a page that does not answer. */
const LONGEST_MS: Millis = 3_600_000;
/** A beat that took so long has met a database that did not answer. */
const SLOW_MS: Millis = 2_000;

/**
 * While the house or its database was away, nobody could show that they still wait: whoever did when it went has half a
 * minute from its return. One instance that stays is enough for all to be heard, so that is no absence.
 */
export class OwnAbsence {
  readonly #pulse: PulseBook;
  #beatAt: Millis = -Infinity;
  #beating: Promise<void> | undefined;
  /** After the start, and after a beat that failed: who beats steadily knows that nothing was away. */
  #isUnsure = true;

  constructor(
    private readonly registers: Registers,
    private readonly clock: Clock,
    private readonly hints: Hints,
  ) {
    this.#pulse = new PulseBook(registers.database);
  }

  /** To be called again and again, before it is judged who is gone. */
  beat(): Promise<void> {
    if (!this.#isUnsure && this.clock.now() < this.#beatAt + BEAT_EVERY_MS) return Promise.resolve();
    this.#beating ??= this.#beatNow().finally(() => (this.#beating = undefined));
    return this.#beating;
  }

  async #beatNow(): Promise<void> {
    const begun = this.clock.now();
    try {
      const kept = await this.registers.database.transaction((tx) => this.#beat(tx, begun));
      this.#isUnsure = false;
      this.#beatAt = this.clock.now();
      this.#tell(kept);
    } catch (fault) {
      this.#isUnsure = true;
      throw fault;
    }
  }

  /** @returns those who keep their places */
  async #beat(tx: Transaction, begun: Millis): Promise<Comer[]> {
    const away = await this.#pulse.beat(tx);
    const now = this.clock.now();
    const wasAway = away > AWAY_MS && away < LONGEST_MS && (this.#isUnsure || now - begun > SLOW_MS);
    return wasAway ? this.registers.arrivals.keepThrough(tx, away, now) : [];
  }

  #tell(kept: readonly Comer[]): void {
    for (const { id, authorityId, officeId } of kept) {
      this.hints.arrival(id);
      this.hints.door(authorityId, officeId);
    }
  }
}
