// SPDX-License-Identifier: AGPL-3.0-or-later
import { createParamDecorator, Injectable, type ExecutionContext, type PipeTransform } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Refusal } from '../bookings/refusal.ts';
import { Authorities } from '../database/authorities.ts';
import type { Authority } from '../offices/authority.ts';
import type { Municipality } from '../offices/definition.ts';

/** Whose door was knocked at: the authority, and the municipality when the host name is one municipality's own. */
export interface AtHost {
  readonly authority: Authority;
  readonly municipality?: Municipality;
}

/** Turns a Host header into the authority it names. */
@Injectable()
export class AuthorityByHost implements PipeTransform<string | undefined, Promise<AtHost>> {
  constructor(private readonly authorities: Authorities) {}

  /** @throws Refusal `not-found` when no authority answers that host. */
  async transform(host: string | undefined): Promise<AtHost> {
    const found = await this.authorities.byHost(hostName(host ?? ''));
    if (!found) throw new Refusal('not-found');
    return found;
  }
}

/** The name alone, in lower case: without port, without the root's dot, an IPv6 address without brackets. */
export const hostName = (host: string): string =>
  host
    .trim()
    .toLowerCase()
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');

/** Only the Host header counts: a proxy in front must pass it on, for anyone may write X-Forwarded-Host. */
const HostHeader = createParamDecorator((_: unknown, context: ExecutionContext) => {
  return context.switchToHttp().getRequest<FastifyRequest>().headers.host;
});

/** The parameter is an {@link AtHost}. */
export const AtAuthority = (): ParameterDecorator => HostHeader(AuthorityByHost);
