// SPDX-License-Identifier: AGPL-3.0-or-later
import { createDecipheriv, createECDH, createPublicKey, hkdfSync, randomBytes, verify } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PushAddress } from '../../src/live/web-push.ts';

/** A browser that has asked a push service for an address, with the keys it never shows. */
interface PushBrowser {
  readonly address: PushAddress;
  read(sealed: Buffer): unknown;
}

/** What arrived for one browser. */
export interface Pushed {
  readonly path: string;
  readonly payload: unknown;
  readonly ttl: string;
  readonly urgency: string;
  readonly topic: string;
  readonly subject: string;
}

/** How the service answers a browser's address; `hang` never. */
export type PushAnswer = number | 'hang' | 'reset' | 'redirect';

const DAY_S = 86_400;

/**
 * A push service that takes nothing but what RFC 8030, 8188, 8291 and 8292 ask for: whoever gets one of them wrong
 * reads 400, 401 or 403, and in `wrong` what it was.
 */
export class PushService {
  readonly pushed: Pushed[] = [];
  readonly wrong: string[] = [];
  /** By path; 201 where nothing is said. */
  readonly answers = new Map<string, PushAnswer>();
  readonly #browsers = new Map<string, PushBrowser>();

  private constructor(
    private readonly server: Server,
    /** Who may push here: the key with which the browsers subscribed. */
    private readonly applicationServerKey: string,
  ) {}

  static async start(applicationServerKey: string): Promise<PushService> {
    const server = createServer();
    const service = new PushService(server, applicationServerKey);
    server.on('request', (request, response) => void service.#take(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return service;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** A browser subscribes. */
  subscribe(): PushAddress {
    const path = `/push/${randomBytes(16).toString('base64url')}`;
    const browser = browserAt(this.origin + path);
    this.#browsers.set(path, browser);
    return browser.address;
  }

  answer({ endpoint }: Pick<PushAddress, 'endpoint'>, how: PushAnswer): void {
    this.answers.set(new URL(endpoint).pathname, how);
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    const how = this.answers.get(path) ?? 201;
    if (how === 'hang') return;
    if (how === 'reset') return void request.socket.destroy();
    if (how === 'redirect') return void response.writeHead(307, { location: `${this.origin}/push/elsewhere` }).end();
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const fault = this.#read(path, request, Buffer.concat(chunks));
    if (fault) this.wrong.push(fault);
    response.writeHead(fault ? 400 : how).end(fault ?? 'x'.repeat(100_000));
  }

  /** @returns what is against the rules. */
  #read(path: string, { method, headers }: IncomingMessage, sealed: Buffer): string | null {
    const browser = this.#browsers.get(path);
    if (!browser) return `no browser at ${path}`;
    if (method !== 'POST') return `${method} instead of POST`;
    if (headers['content-encoding'] !== 'aes128gcm') return 'not aes128gcm';
    if (sealed.length > 4096) return 'longer than 4096 bytes';
    const { ttl, urgency, topic } = headers as Record<string, string | undefined>;
    if (!ttl || !/^\d+$/.test(ttl)) return 'no TTL';
    if (!['very-low', 'low', 'normal', 'high'].includes(urgency ?? '')) return `urgency ${urgency}`;
    if (!topic || !/^[\w-]{1,32}$/.test(topic)) return `topic ${topic}`;
    const signed = this.#signature(headers.authorization ?? '');
    if (typeof signed === 'string') return signed;
    try {
      this.pushed.push({ path, payload: browser.read(sealed), ttl, urgency: urgency!, topic, subject: signed.sub });
      return null;
    } catch (fault) {
      return `cannot be opened: ${String(fault)}`;
    }
  }

  /** RFC 8292. @returns the claims, or what is wrong. */
  #signature(authorization: string): { sub: string } | string {
    const [, jwt = '', key = ''] = /^vapid t=([^,]+), ?k=(.+)$/.exec(authorization) ?? [];
    if (key !== this.applicationServerKey) return 'another key than the browser subscribed with';
    const [head = '', body = '', signature = ''] = jwt.split('.');
    const header = claimsIn<{ alg: string; typ: string }>(head);
    const { aud, exp, sub } = claimsIn<{ aud: string; exp: number; sub: string }>(body);
    const isSigned = verify(
      'sha256',
      Buffer.from(`${head}.${body}`),
      { key: publicKeyOf(key), dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature, 'base64url'),
    );
    const now = Date.now() / 1000;
    if (header.alg !== 'ES256' || header.typ !== 'JWT' || !isSigned) return 'not signed';
    if (aud !== this.origin) return `for ${aud}`;
    if (exp <= now || exp > now + DAY_S) return `ends ${exp}`;
    return /^mailto:[^@\s]+@[^@\s]+$/.test(sub) ? { sub } : `in the name of ${sub}`;
  }
}

const claimsIn = <Claims>(part: string): Claims =>
  JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Claims;

/** From the point as it travels: 04, x, y. */
function publicKeyOf(point: string) {
  const bytes = Buffer.from(point, 'base64url');
  const [x, y] = [bytes.subarray(1, 33), bytes.subarray(33)].map((half) => half.toString('base64url'));
  return createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
}

function browserAt(endpoint: string): PushBrowser {
  const keys = createECDH('prime256v1');
  const own = keys.generateKeys();
  const auth = randomBytes(16);
  return {
    address: { endpoint, p256dh: own.toString('base64url'), auth: auth.toString('base64url') },
    read(sealed) {
      const { theirs, ...record } = recordIn(sealed);
      const info = Buffer.concat([Buffer.from('WebPush: info\0'), own, theirs]);
      const secret = derived(keys.computeSecret(theirs), auth, info, 32);
      return JSON.parse(opened(record, secret)) as unknown;
    },
  };
}

interface SealedRecord {
  readonly salt: Buffer;
  readonly sealed: Buffer;
}

/** The one record of a message: salt, its size, the sender's public key as its key id (RFC 8188, 2.1; RFC 8291, 4). */
function recordIn(message: Buffer): SealedRecord & { theirs: Buffer } {
  const size = message.readUInt32BE(16);
  const sealed = message.subarray(21 + message[20]!);
  if (message[20] !== 65 || sealed.length > size) throw new Error('not one record with the key of its sender');
  return { salt: message.subarray(0, 16), theirs: message.subarray(21, 86), sealed };
}

const derived = (secret: Buffer, salt: Buffer, info: Buffer, bytes: number): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, salt, info, bytes));

function opened({ salt, sealed }: SealedRecord, secret: Buffer): string {
  const named = (what: string): Buffer => Buffer.from(`Content-Encoding: ${what}\0`);
  const key = derived(secret, salt, named('aes128gcm'), 16);
  const decipher = createDecipheriv('aes-128-gcm', key, derived(secret, salt, named('nonce'), 12));
  decipher.setAuthTag(sealed.subarray(-16));
  const padded = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
  const end = padded.lastIndexOf(2);
  if (end < 0 || padded.subarray(end + 1).some(Boolean)) throw new Error('the last record does not end as it should');
  return padded.subarray(0, end).toString('utf8');
}
