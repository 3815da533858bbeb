// SPDX-License-Identifier: AGPL-3.0-or-later
import { setTimeout as wait } from 'node:timers/promises';
import { io, type Socket } from 'socket.io-client';

export interface LivePeer {
  id: string;
  seat: string;
  role: string;
  name: string;
  offer: boolean;
}

export interface LiveSeating {
  ok: boolean;
  you?: string;
  ice?: { urls: string[]; username?: string; credential?: string }[];
  peers?: LivePeer[];
}

/** An open page's live connection, and all that it has heard. */
export class LiveClient {
  readonly heard: { event: string; said: unknown }[] = [];

  private constructor(readonly socket: Socket) {
    socket.onAny((event: string, said: unknown) => this.heard.push({ event, said }));
  }

  /** @returns the connection, or the message by which it was refused */
  static open(url: string, auth: object, headers: Record<string, string> = {}): Promise<LiveClient | string> {
    const socket = io(url, {
      path: '/live',
      transports: ['websocket'],
      auth,
      reconnection: false,
      forceNew: true,
      extraHeaders: { origin: url, ...headers },
    });
    const client = new LiveClient(socket);
    return new Promise((resolve) => {
      socket.once('connect', () => resolve(client));
      socket.once('connect_error', ({ message }) => {
        socket.disconnect();
        resolve(message);
      });
    });
  }

  /** @throws Error when it is refused */
  static async connected(url: string, auth: object): Promise<LiveClient> {
    const client = await LiveClient.open(url, auth);
    if (typeof client === 'string') throw new Error(client);
    return client;
  }

  get id(): string {
    return this.socket.id ?? '';
  }

  /** The answer is heard as `seated`, among all that is heard. */
  sit(): Promise<LiveSeating> {
    return new Promise((resolve, reject) => {
      this.socket.timeout(5_000).emit('sit', (fault: Error | null, seating: LiveSeating) => {
        if (fault) return reject(fault);
        this.heard.push({ event: 'seated', said: seating });
        return resolve(seating);
      });
    });
  }

  all<Said = unknown>(event: string): Said[] {
    return this.heard.filter((one) => one.event === event).map(({ said }) => said as Said);
  }

  /** Forgets what it has heard, and waits until it hears this. */
  async next(event: string, patience = 10_000): Promise<void> {
    this.heard.length = 0;
    await this.until(() => this.all(event).length > 0, event, patience);
  }

  async until(isSo: () => boolean, what: string, patience = 10_000): Promise<void> {
    for (const start = Date.now(); !isSo(); await wait(10))
      if (Date.now() - start > patience)
        throw new Error(`not so after ${patience} ms: ${what}; ${JSON.stringify(this.heard)}`);
  }

  close(): void {
    this.socket.disconnect();
  }
}
