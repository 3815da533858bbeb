// SPDX-License-Identifier: AGPL-3.0-or-later
import { createConnection } from 'node:net';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { newFolder } from './folder.ts';
import { freePorts, Kept } from './keeper.ts';

const SECRET = 'a secret that the relay shares with us';

/** Peers on the loopback are for tests alone: coturn itself warns of them. */
const settings = (folder: string, port: number): string => `
listening-ip=127.0.0.1
relay-ip=127.0.0.1
listening-port=${port}
use-auth-secret
static-auth-secret=${SECRET}
realm=sportello.example
no-tls
no-dtls
no-cli
allow-loopback-peers
no-multicast-peers
fingerprint
userdb=${folder}/turndb
pidfile=${folder}/turn.pid
log-file=stdout
simple-log
verbose
`;

/** A real relay on 127.0.0.1 for browsers that find no other way to each other. It ends with `stop` or this process. */
export class Coturn {
  private constructor(
    private readonly server: Kept,
    private readonly port: number,
  ) {}

  static async start(): Promise<Coturn> {
    const folder = newFolder('coturn');
    mkdirSync(folder, { recursive: true });
    const [port = 0] = await freePorts(1);
    writeFileSync(join(folder, 'turn.conf'), settings(folder, port));
    const program = ['/usr/bin/turnserver', '/usr/local/bin/turnserver'].find((path) => existsSync(path));
    const coturn = new Coturn(new Kept(folder, program ?? 'turnserver', ['-c', join(folder, 'turn.conf')]), port);
    await coturn.#ready();
    return coturn;
  }

  /** Of the app's configuration. */
  get turn(): { urls: string[]; secret: string } {
    return { urls: [`turn:127.0.0.1:${this.port}?transport=udp`], secret: SECRET };
  }

  /** What it has relayed and refused. */
  log(): string {
    return this.server.log();
  }

  stop(): Promise<void> {
    return this.server.stop();
  }

  async #ready(): Promise<void> {
    for (const start = Date.now(); Date.now() - start < 20_000; await wait(50)) {
      if (this.server.exitCode !== null) break;
      if (await answers(this.port)) return;
    }
    const log = this.server.log();
    await this.stop();
    throw new Error(`coturn did not come up:\n${log.slice(-3_000)}`);
  }
}

/** It listens to UDP and to TCP on the same port. */
const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.end());
  });
