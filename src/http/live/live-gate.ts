// SPDX-License-Identifier: AGPL-3.0-or-later
import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Config } from '../../config.ts';
import { Authorities } from '../../database/authorities.ts';
import { RoomDesk } from '../../front-desk/rooms/room-desk.ts';
import type { Gate, Guest } from '../../live/gate.ts';
import type { Millis } from '../../time/clock.ts';
import type { Pass } from '../../waiting-room/pass.ts';
import { hostName } from '../authority-at-host.ts';
import { clientOf, RateLimits } from '../rate-limits.ts';
import { addressOf } from './address-of.ts';

/** What a page says when it opens a live connection: a ticket, or that it watches the doors. */
const Says = z.union([z.object({ ticket: z.string().max(100) }), z.object({ doors: z.literal(true) })]);

/** Whom the live connections let in. */
@Injectable()
export class LiveGate implements Gate {
  constructor(
    private readonly authorities: Authorities,
    private readonly desk: RoomDesk,
    private readonly limits: RateLimits,
    private readonly config: Config,
  ) {}

  /** Browsers say whose page it is that connects, and send our cookies to nobody but us: another's page is refused. */
  async isOurs(request: IncomingMessage): Promise<boolean> {
    const { origin = '', host = '' } = request.headers;
    if (!host || !URL.canParse(origin) || new URL(origin).host !== host.toLowerCase()) return false;
    if (this.config.rateLimits && this.limits.take(this.clientOf(request), 'read').exceeded) return false;
    return (await this.authorities.byHost(hostName(host))) !== null;
  }

  async admit(request: IncomingMessage, says: unknown): Promise<Guest | null> {
    const { data } = Says.safeParse(says);
    const at = await this.authorities.byHost(hostName(request.headers.host ?? ''));
    if (!data || !at) return null;
    const authorityId = at.authority.id;
    if ('doors' in data) return { authorityId, pass: null };
    const pass = await this.desk.redeem(data.ticket);
    return pass?.authorityId === authorityId ? { authorityId, pass } : null;
  }

  clientOf(request: IncomingMessage): string {
    return clientOf(addressOf(request));
  }

  maySit(pass: Pass): Promise<boolean> {
    return this.desk.maySit(pass);
  }

  officeOf(pass: Pass): Promise<string | null> {
    return this.desk.officeOf(pass);
  }

  alive(pass: Pass, ago?: Millis): Promise<void> {
    return this.desk.alive(pass, ago);
  }

  iceServers(pass: Pass): readonly object[] {
    return this.desk.iceServers(pass);
  }
}
