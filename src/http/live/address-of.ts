// SPDX-License-Identifier: AGPL-3.0-or-later
import type { IncomingMessage } from 'node:http';
import proxyAddress from '@fastify/proxy-addr';
import { PROXIES } from '../server.ts';

const isProxy = proxyAddress.compile(PROXIES);

/** Where a request came from that Fastify does not see, found as Fastify does: the last address that is not a proxy's of ours. */
export const addressOf = (request: IncomingMessage): string => proxyAddress(request, isProxy);
