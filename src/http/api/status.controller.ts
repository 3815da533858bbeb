// SPDX-License-Identifier: AGPL-3.0-or-later
import { Controller, Get, Header } from '@nestjs/common';
import { Database } from '../../database/engine/database.ts';
import { Clock } from '../../time/clock.ts';
import { inTime } from '../in-time.ts';
import type { ProblemAnswer } from './answers.ts';

/** Whether the service answers: the national guideline's `/status`. */
@Controller('api/v1/status')
export class StatusController {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  @Get()
  @Header('content-type', 'application/problem+json')
  async readStatus(): Promise<string> {
    await inTime(this.database.rows('SELECT 1 AS answer'), this.clock);
    const body: ProblemAnswer = { type: 'about:blank', title: 'OK', status: 200 };
    return JSON.stringify(body);
  }
}
