// SPDX-License-Identifier: AGPL-3.0-or-later
import { Queue } from './queue.ts';
import type { Transaction } from './transaction.ts';

type Work<T> = (tx: Transaction) => Promise<T>;

/** One caller's work, and the caller. */
interface Part {
  /** Never rejects: how it ended is told only after the COMMIT. */
  attempt(tx: Transaction): Promise<{ readonly done: boolean; readonly tell: () => void }>;
  fail(fault: unknown): void;
}

/** Seldom reached; nobody shall wait long for those behind him in a crowd. */
const MOST_TOGETHER = 64;

/**
 * One writer at a time, first in, first out; those that wait are committed together, for it is the disk that a COMMIT
 * waits for. Each stands behind a savepoint of its own, so one that fails undoes nothing of the others.
 */
export class JointCommit {
  #waiting: Part[] = [];
  readonly #queue = new Queue();

  /**
   * @param transact runs work between BEGIN and COMMIT
   * @param turn resolves when what has arrived by now has had its turn, so that it can join
   */
  constructor(
    private readonly transact: (work: Work<void>) => Promise<void>,
    private readonly turn: () => Promise<void>,
  ) {}

  run<T>(work: Work<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const attempt: Part['attempt'] = (tx) =>
        work(tx).then(
          (value) => ({ done: true, tell: () => resolve(value) }),
          (fault: unknown) => ({ done: false, tell: () => reject(fault) }),
        );
      this.#waiting.push({ attempt, fail: reject });
      void this.#queue.run(() => this.#commitTogether());
    });
  }

  /** Resolves when all that was given before has been committed or undone. */
  idle(): Promise<void> {
    return this.between(() => Promise.resolve());
  }

  /** Runs work while nobody else writes, in no transaction. */
  between<T>(work: () => Promise<T>): Promise<T> {
    return this.#queue.run(work);
  }

  async #commitTogether(): Promise<void> {
    if (!this.#waiting.length) return;
    await this.turn();
    const parts = this.#waiting.splice(0, MOST_TOGETHER);
    const told: (() => void)[] = [];
    try {
      await this.transact(async (tx) => {
        for (const part of parts) told.push(await behindSavepoint(tx, part));
      });
      for (const tell of told) tell();
    } catch (fault) {
      for (const part of parts) part.fail(fault);
    }
  }
}

async function behindSavepoint(tx: Transaction, part: Part): Promise<() => void> {
  await tx.run('SAVEPOINT part');
  const { done, tell } = await part.attempt(tx);
  if (!done) await tx.run('ROLLBACK TO part');
  await tx.run('RELEASE part');
  return tell;
}
