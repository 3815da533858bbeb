// SPDX-License-Identifier: AGPL-3.0-or-later
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/**
 * The shell stands between us and the server: when our end of its standard input closes, be it by `stop` or because
 * this process was killed, it ends the server and removes the folder.
 */
const SCRIPT = `folder=$1; shift
exec 3<&0
"$@" 3<&- & server=$!
echo $server > "$folder/pid"
{ cat <&3 > /dev/null; kill -9 $server 2> /dev/null; } & watch=$!
exec 3<&-
wait $server
echo $? > "$folder/exit"
wait $watch
rm -rf "$folder"`;

/** A server that lives no longer than this process. Its folder holds `log`, `pid`, `exit`, and goes with it. */
export class Kept {
  readonly #shell: ChildProcess;

  constructor(
    readonly folder: string,
    command: string,
    args: string[],
    env: NodeJS.ProcessEnv = process.env,
  ) {
    mkdirSync(folder, { recursive: true });
    const log = openSync(join(folder, 'log'), 'a');
    this.#shell = spawn('/bin/sh', ['-c', SCRIPT, 'keeper', folder, command, ...args], {
      stdio: ['pipe', log, log],
      detached: true,
      env,
    });
    closeSync(log);
    this.#shell.unref();
  }

  /** Sends the server a signal: SIGKILL as a failing machine would, SIGTERM as an orderly stop. Its folder stays. */
  kill(signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): void {
    const pid = Number(this.#read('pid'));
    if (!pid) throw new Error('it does not run'); // 0 would be all of this process's own group
    process.kill(pid, signal);
  }

  /** What the server exited with, 128 + signal when one ended it; null while it runs. */
  get exitCode(): number | null {
    const code = this.#read('exit').trim();
    return code === '' ? null : Number(code);
  }

  /** Resolves with the exit code when the server has ended by itself or by `kill`. */
  async ended(): Promise<number> {
    for (;;) {
      const code = this.exitCode;
      if (code !== null) return code;
      await wait(20);
    }
  }

  /** Ends the server at once and removes the folder. */
  async stop(): Promise<void> {
    if (this.#shell.exitCode !== null || this.#shell.signalCode !== null) return;
    this.#shell.ref();
    const gone = once(this.#shell, 'exit');
    this.#shell.stdin?.end();
    await gone;
  }

  log(): string {
    return this.#read('log');
  }

  #read(name: string): string {
    const path = join(this.folder, name);
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }
}

/** `count` different ports of the loopback that are free now. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
