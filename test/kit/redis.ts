// SPDX-License-Identifier: AGPL-3.0-or-later
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { newFolder } from './folder.ts';
import { freePorts, Kept } from './keeper.ts';

/** A real Redis on 127.0.0.1 that keeps nothing. It ends, and its folder goes, with `stop` or with this process. */
export class RedisServer {
  #server: Kept | undefined;

  private constructor(private readonly port: number) {}

  static async start(): Promise<RedisServer> {
    const [port = 0] = await freePorts(1);
    const redis = new RedisServer(port);
    await redis.startAgain();
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** On the same port. */
  async startAgain(): Promise<void> {
    const folder = newFolder('redis');
    const settings = { port: `${this.port}`, bind: '127.0.0.1', save: '', appendonly: 'no', dir: folder };
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
    this.#server = new Kept(folder, 'redis-server', args);
    for (const start = Date.now(); Date.now() - start < 10_000; await wait(25)) if (await this.#answers()) return;
    const log = this.#server.log();
    await this.stop();
    throw new Error(`Redis did not come up:\n${log}`);
  }

  async stop(): Promise<void> {
    await this.#server?.stop();
    this.#server = undefined;
  }

  /** It goes on listening and says nothing; SIGCONT lets it go on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#server?.kill(signal);
  }

  #answers(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect(this.port, '127.0.0.1', () => socket.write('PING\r\n'));
      socket.setTimeout(500, () => socket.destroy());
      socket.on('data', (said) => socket.end(() => resolve(said.toString().startsWith('+PONG'))));
      socket.on('error', () => resolve(false));
      socket.on('close', () => resolve(false));
    });
  }
}
