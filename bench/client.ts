// SPDX-License-Identifier: AGPL-3.0-or-later
import { connect, type Socket } from 'node:net';

export interface Reply {
  readonly status: number;
  readonly body: string;
}

const HEAD_END = Buffer.from('\r\n\r\n');

/**
 * One connection, kept open, one request at a time. Node's own client costs more than the bare route it would ask;
 * this one reads no more of HTTP than these answers have: a status, Content-Length and a body.
 */
export class Client {
  readonly #socket: Socket;
  #received: Buffer[] = [];
  #done: (reply: Reply) => void = () => undefined;
  #failed: (fault: Error) => void = () => undefined;

  constructor(url: URL) {
    this.#socket = connect(Number(url.port), url.hostname);
    this.#socket.setNoDelay();
    this.#socket.on('data', (bytes) => this.#take(bytes));
    this.#socket.on('error', (fault) => this.#failed(fault));
    this.#socket.on('close', () => this.#failed(new Error('the server hung up')));
  }

  ask(request: string): Promise<Reply> {
    return new Promise((done, failed) => {
      this.#done = done;
      this.#failed = failed;
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#failed = () => undefined;
    this.#socket.destroy();
  }

  #take(bytes: Buffer): void {
    this.#received.push(bytes);
    const all = this.#received.length > 1 ? Buffer.concat(this.#received) : bytes;
    const head = all.indexOf(HEAD_END);
    if (head < 0) return;
    const text = all.toString('latin1', 0, head);
    const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
    const from = head + HEAD_END.length;
    if (all.length < from + length) {
      this.#received = [all];
      return;
    }
    this.#received = [];
    this.#done({ status: Number(text.slice(9, 12)), body: all.toString('utf8', from, from + length) });
  }
}

export interface Ask {
  readonly path: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The whole request as it goes over the wire. */
export function written({ path, body, headers = {} }: Ask): string {
  const json = body && JSON.stringify(body);
  const all = {
    host: 'localhost',
    ...(json ? { 'content-type': 'application/json', 'content-length': `${Buffer.byteLength(json)}` } : {}),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${json ? 'POST' : 'GET'} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${json ?? ''}`;
}
