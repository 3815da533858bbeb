// SPDX-License-Identifier: AGPL-3.0-or-later

/** The middle one: a machine that is busy for a moment does not move it. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

const ROUNDS = 9;
const ROUND_MS = 8;

/** @returns microseconds a call takes: the best of some rounds, each warm, for a busy machine only ever adds. */
export function timeOf(work: () => unknown): number {
  const warmUntil = performance.now() + 3 * ROUND_MS;
  let calls = 0;
  while (performance.now() < warmUntil) calls += Number(work() !== undefined);
  const each = Math.max(1, Math.floor(calls / 3));
  return Math.min(...Array.from({ length: ROUNDS }, () => roundOf(work, each)));
}

function roundOf(work: () => unknown, calls: number): number {
  const start = performance.now();
  for (let i = 0; i < calls; i++) work();
  return ((performance.now() - start) * 1000) / calls;
}

/** The same for what must be waited for. */
export async function timeOfAsync(work: () => Promise<unknown>, calls: number): Promise<number> {
  for (let i = 0; i < calls / 4; i++) await work();
  const rounds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    for (let i = 0; i < calls; i++) await work();
    rounds.push(((performance.now() - start) * 1000) / calls);
  }
  return Math.min(...rounds);
}

/** @returns milliseconds this one call takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
