// SPDX-License-Identifier: AGPL-3.0-or-later
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request to a provider, as it came. */
export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  body: string;
}

export interface Reply {
  status: number;
  body?: unknown;
}

export type VideoFault =
  | '400'
  | '401'
  | '403'
  | '404'
  | '429'
  | '500'
  | '503'
  /** 302 to a place that would take the call. */
  | 'redirect'
  /** 200 with a page for people. */
  | 'html'
  /** 200 with half a body; nothing was done. */
  | 'truncated'
  /** 200 with megabytes. */
  | 'huge'
  /** The connection breaks before anything is done. */
  | 'reset'
  /** The connection stays open and silent, nothing is done. */
  | 'silent'
  /** All is done, and then the connection breaks. */
  | 'lost'
  /** All is done, and the answer stops halfway for ever. */
  | 'halting';

/** One request as it was answered. */
export interface Logged {
  what: string;
  /** 0 when there was no answer. */
  status: number;
  fault?: VideoFault;
  body: string;
}

interface Planned {
  kind: VideoFault;
  /** As `what` of the log begins; any request when absent. */
  on?: string;
  times: number;
}

/** What a provider says no with. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly body: unknown,
  ) {
    super(String(status));
  }
}

/** A provider of video calls on loopback, until it is stopped: what the real one refuses it refuses too. */
export abstract class ProviderStub {
  readonly log: Logged[] = [];
  /** Nobody answers at all. */
  down = false;
  readonly #planned: Planned[] = [];
  readonly #server: Server;

  protected constructor(protected readonly clock: { now(): number }) {
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  /** @throws Refused */
  protected abstract answer(asked: Asked): Reply;

  protected async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  /** Breaks what hangs. */
  hangUp(): void {
    this.#server.closeAllConnections();
  }

  /** Without a slash at the end. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  fault(kind: VideoFault, { on, times = 1 }: { on?: string; times?: number } = {}): void {
    this.#planned.push({ kind, on, times });
  }

  /** What was asked, as `POST /v1/meetings`. */
  get asked(): string[] {
    return this.log.map(({ what }) => what);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = await askedOf(request).catch(() => null);
    if (!asked) return;
    const what = `${asked.method} ${asked.path}`;
    const fault = this.down ? 'reset' : this.#next(what);
    const reply = fault && fault !== 'lost' && fault !== 'halting' ? FAULTS[fault] : this.#reply(asked);
    this.log.push({ what, status: reply?.status ?? 0, fault, body: asked.body });
    if (fault === 'silent') return;
    if (!reply || fault === 'lost') response.destroy();
    else if (fault === 'halting') response.writeHead(reply.status, JSON_TYPE).write('{');
    else say(response, reply);
  }

  #next(what: string): VideoFault | undefined {
    const planned = this.#planned.find(({ on }) => !on || what.startsWith(on));
    if (!planned) return undefined;
    if (--planned.times === 0) this.#planned.splice(this.#planned.indexOf(planned), 1);
    return planned.kind;
  }

  #reply(asked: Asked): Reply {
    try {
      return this.answer(asked);
    } catch (refused) {
      if (!(refused instanceof Refused)) throw refused;
      return { status: refused.status, body: refused.body };
    }
  }
}

const JSON_TYPE = { 'Content-Type': 'application/json; charset=utf-8' };

const FAULTS: Partial<Record<VideoFault, Reply & { headers?: Record<string, string> }>> = {
  '400': { status: 400, body: { error: 'bad_request' } },
  '401': { status: 401, body: { error: 'unauthorized' } },
  '403': { status: 403, body: { error: 'forbidden' } },
  '404': { status: 404, body: { error: 'not_found' } },
  '429': { status: 429, body: { error: 'rate_limited' }, headers: { 'Retry-After': '90' } },
  '500': { status: 500, body: '<!doctype html><title>Sorry</title>' },
  '503': { status: 503, body: { error: 'unavailable' } },
  redirect: { status: 302, headers: { Location: '/elsewhere' } },
  html: { status: 200, body: '<!doctype html><title>Sorry</title>' },
  truncated: { status: 201, body: '{"meetingId":"12' },
  huge: { status: 201, body: { padding: 'x'.repeat(4_000_000) } },
};

function say(response: ServerResponse, { status, body, headers }: Reply & { headers?: Record<string, string> }): void {
  const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body);
  response.writeHead(status, {
    ...(typeof body === 'string' ? { 'Content-Type': 'text/html' } : JSON_TYPE),
    ...headers,
  });
  response.end(text);
}

async function askedOf(request: IncomingMessage): Promise<Asked> {
  const url = new URL(request.url ?? '/', 'http://stub.example');
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const { method = '', headers } = request;
  return { method, path: url.pathname, query: url.searchParams, headers, body: Buffer.concat(parts).toString() };
}
