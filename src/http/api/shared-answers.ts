// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Clock, Millis } from '../../time/clock.ts';

const LONGEST_MS = 1000;
const MOST_KEPT = 50;

interface Kept {
  readonly changes: number;
  readonly since: Millis;
  readonly bytes: Promise<Buffer>;
}

/**
 * Gives readers who ask the same thing at the same time one computation and its bytes, for a second at most.
 * A write by this process ends it at once; nothing is decided on such an answer.
 */
export class SharedAnswers {
  readonly #kept = new Map<string, Kept>();

  constructor(
    private readonly clock: Clock,
    private readonly changes: () => number,
  ) {}

  answer(question: string, compute: () => Promise<object>): Promise<Buffer> {
    const now = this.clock.now();
    const changes = this.changes();
    const kept = this.#kept.get(question);
    if (kept?.changes === changes && Math.abs(now - kept.since) < LONGEST_MS) return kept.bytes;
    const bytes = compute().then((answer) => Buffer.from(JSON.stringify(answer)));
    this.#kept.delete(question);
    this.#kept.set(question, { changes, since: now, bytes });
    bytes.catch(() => this.#kept.get(question)?.bytes === bytes && this.#kept.delete(question));
    if (this.#kept.size > MOST_KEPT) this.#kept.delete(this.#kept.keys().next().value!);
    return bytes;
  }
}
