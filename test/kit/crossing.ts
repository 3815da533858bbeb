// SPDX-License-Identifier: AGPL-3.0-or-later
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** What stands before the instances, as a load balancer does: each new connection goes where it now leads. */
export class Crossing {
  /** Each connection's two ends. */
  readonly #ends = new Map<Socket, Socket>();
  #isHeld = false;

  private constructor(
    private readonly server: Server,
    /** Where the next connections go. */
    public leadsTo: string,
  ) {
    server.on('connection', (socket) => this.#lead(socket));
  }

  static async start(leadsTo: string): Promise<Crossing> {
    const server = createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return new Crossing(server, leadsTo);
  }

  get url(): string {
    return `http://localhost:${(this.server.address() as AddressInfo).port}`;
  }

  /** Nothing passes until it does again, and then what is on its way arrives: so a network is lost, and comes back. */
  hold(isSo: boolean): void {
    this.#isHeld = isSo;
    for (const [one, other] of this.#ends) {
      if (isSo) one.unpipe().pause();
      else one.pipe(other);
    }
  }

  async stop(): Promise<void> {
    for (const socket of this.#ends.keys()) socket.destroy();
    await once(this.server.close(), 'close');
  }

  #lead(here: Socket): void {
    const there = connect(Number(new URL(this.leadsTo).port), '127.0.0.1');
    for (const [one, other] of [
      [here, there],
      [there, here],
    ] as const) {
      this.#ends.set(one, other);
      one.on('error', () => undefined);
      one.on('close', () => {
        this.#ends.delete(one);
        other.destroy();
      });
      if (!this.#isHeld) one.pipe(other);
    }
  }
}
