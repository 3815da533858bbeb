// SPDX-License-Identifier: AGPL-3.0-or-later
import { Controller, Get, Header, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Database } from '../database/engine/database.ts';
import { Clock } from '../time/clock.ts';
import { inTime } from './in-time.ts';
import { Metrics } from './metrics.ts';

/** For whoever keeps the service running: is it alive, may it be sent requests, how is it doing. */
@Controller()
export class HealthController {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
  ) {}

  /** The process answers; nothing else is asked. */
  @Get('health/live')
  @Header('cache-control', 'no-store')
  live(): { status: string } {
    return { status: 'live' };
  }

  /** The database can be written and keeps what it acknowledges; mail is not asked: letters wait. */
  @Get('health/ready')
  @Header('cache-control', 'no-store')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<{ status: string; problems: string[] }> {
    const problems = await inTime(this.database.ready(), this.clock);
    if (problems.length) void reply.status(503).header('retry-after', 5);
    return { status: problems.length ? 'unready' : 'ready', problems };
  }

  @Get('metrics')
  @Header('cache-control', 'no-store')
  async read(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    void reply.type(this.metrics.contentType);
    return this.metrics.text();
  }
}
