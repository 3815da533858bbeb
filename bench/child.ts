// SPDX-License-Identifier: AGPL-3.0-or-later
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** A process of its own, that answers one question at a time and goes when its parent does. */
export class Child<Question extends object, Answer> {
  private constructor(readonly process: ChildProcess) {}

  /** @param name of the compiled file beside this one. Resolves with the child's first word. */
  static async start<Question extends object, Answer, First>(
    name: string,
    env: Record<string, string> = {},
  ): Promise<{ child: Child<Question, Answer>; first: First }> {
    const folder = process.env['BENCH_PROFILE'];
    const child = fork(join(import.meta.dirname, `${name}.js`), {
      env: { PATH: process.env['PATH'], ...env },
      execArgv: folder ? ['--cpu-prof', `--cpu-prof-dir=${folder}`] : [],
    });
    return { child: new Child(child), first: await next<First>(child) };
  }

  ask(question: Question): Promise<Answer> {
    this.process.send(question);
    return next<Answer>(this.process);
  }

  async stop(): Promise<void> {
    const gone = once(this.process, 'exit');
    this.process.disconnect();
    await gone;
  }
}

async function next<Message>(child: ChildProcess): Promise<Message> {
  const over = new AbortController();
  const ended = once(child, 'exit', over).then(([code]) => {
    throw new Error(`a process of the bench ended by itself with ${String(code)}`);
  });
  try {
    const [message] = (await Promise.race([once(child, 'message', over), ended])) as [Message];
    return message;
  } finally {
    ended.catch(() => undefined);
    over.abort();
  }
}

/** What a child says to its parent. */
export function say(message: object): void {
  process.send?.(message);
}
