// SPDX-License-Identifier: AGPL-3.0-or-later
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, isIPv6 } from 'node:net';

/** Loopback, link-local and unique local: as PROXIES of ../server.ts, for requests that Fastify does not see. */
const PROXIES = new BlockList();
PROXIES.addSubnet('127.0.0.0', 8);
PROXIES.addSubnet('169.254.0.0', 16);
PROXIES.addSubnet('10.0.0.0', 8);
PROXIES.addSubnet('172.16.0.0', 12);
PROXIES.addSubnet('192.168.0.0', 16);
PROXIES.addAddress('::1', 'ipv6');
PROXIES.addSubnet('fe80::', 10, 'ipv6');
PROXIES.addSubnet('fc00::', 7, 'ipv6');

const isProxy = (address: string): boolean =>
  isIP(address) !== 0 && PROXIES.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');

/** Where a request came from: the last address that is not a proxy's of ours. */
export function addressOf({ headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>): string {
  const named = String(headers['x-forwarded-for'] ?? '').split(',');
  let address = socket.remoteAddress ?? '';
  for (const before of named.map((name) => name.trim()).toReversed()) {
    if (!before || !isProxy(address)) break;
    address = before;
  }
  return address;
}
