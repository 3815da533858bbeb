// SPDX-License-Identifier: AGPL-3.0-or-later
import { isIPv6 } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../bookings/refusal.ts';
import type { Clock } from '../time/clock.ts';
import { askedPath, isApi } from './asked-path.ts';

const WINDOW_MS = 60_000;
/** Whoever knocks takes a place before a door, and rings at the desks: far fewer than of anything else. */
const LIMITS = { read: 600, write: 300, knock: 10 } as const;
const SAFE = ['GET', 'HEAD', 'OPTIONS'];
/** Whoever is sent to the OpenID provider is written down first, known or not. */
const WRITING = '/operatore/oidc';
const KNOCKING = ['/ricevimento/:office/bussa', '/api/v1/offices/:office_id/knocks'];

type Kind = keyof typeof LIMITS;

/** How a client stands in the present window. */
interface Allowance {
  readonly limit: number;
  readonly remaining: number;
  /** Seconds until the window ends. */
  readonly reset: number;
  readonly exceeded: boolean;
}

/** Counts what each client asks in windows of a minute, in memory: an instance counts for itself. */
export class RateLimits {
  #counts = new Map<string, number>();
  #window = -1;

  constructor(private readonly clock: Clock) {}

  take(client: string, kind: Kind): Allowance {
    const now = this.clock.now();
    const window = Math.floor(now / WINDOW_MS);
    if (window !== this.#window) {
      this.#window = window;
      this.#counts = new Map();
    }
    const key = `${kind} ${client}`;
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    const limit = LIMITS[kind];
    const reset = Math.ceil(((window + 1) * WINDOW_MS - now) / 1000);
    return { limit, remaining: Math.max(0, limit - count), reset, exceeded: count > limit };
  }
}

/** An IPv6 customer has a whole /64: its addresses are one client. Whoever has hung up already has no address. */
export const clientOf = (ip = ''): string => {
  if (!isIPv6(ip) || ip.includes('.')) return ip;
  const [head = '', tail = ''] = ip.split('::');
  const left = head.split(':').filter(Boolean);
  const right = tail.split(':').filter(Boolean);
  const zeros = ip.includes('::') ? Array<string>(8 - left.length - right.length).fill('0') : [];
  return [...left, ...zeros, ...right].slice(0, 4).join(':');
};

function kindOf(request: FastifyRequest): Kind {
  const path = askedPath(request);
  if (SAFE.includes(request.method)) return path === WRITING ? 'write' : 'read';
  return KNOCKING.includes(path) ? 'knock' : 'write';
}

/** Every write counts, and a knock for itself; reads count on the API only. */
export function limitRates(fastify: FastifyInstance, limits: RateLimits): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    const kind = kindOf(request);
    if (kind === 'read' && !isApi(request)) return done();
    const allowance = limits.take(clientOf(request.ip), kind);
    tell(request, reply, allowance);
    return allowance.exceeded ? done(new Refusal('too-many-requests')) : done();
  });
}

function tell(request: FastifyRequest, reply: FastifyReply, { limit, remaining, reset, exceeded }: Allowance): void {
  if (isApi(request))
    void reply.headers({ 'ratelimit-limit': limit, 'ratelimit-remaining': remaining, 'ratelimit-reset': reset });
  if (exceeded) void reply.header('retry-after', reset);
}
