// SPDX-License-Identifier: AGPL-3.0-or-later
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { Chance } from '../bookings/chance.ts';
import type { Config } from '../config.ts';
import { unreadableAddress } from './problem-answer.ts';

const LARGEST_BODY = 1_048_576;
/** Whoever sends a body drop by drop keeps a connection no longer. */
const LONGEST_REQUEST_MS = 60_000;
/** Whose word about the client's address is taken: a proxy on this machine or in its private network. */
export const PROXIES = ['loopback', 'linklocal', 'uniquelocal'];

/** Fastify as the house wants it, with no door yet. */
export const serverOf = ({ publicUrl }: Config, chance: Chance): FastifyAdapter =>
  new FastifyAdapter({
    bodyLimit: LARGEST_BODY,
    trustProxy: PROXIES,
    // A connection kept open is answered to the end; new ones are refused by the closed port.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    requestTimeout: LONGEST_REQUEST_MS,
    routerOptions: { ignoreTrailingSlash: true },
    frameworkErrors: unreadableAddress(publicUrl),
    genReqId: () => chance.text(12),
  });
