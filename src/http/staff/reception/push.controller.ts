// SPDX-License-Identifier: AGPL-3.0-or-later
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Body, Controller, Get, Header, Post, UseInterceptors } from '@nestjs/common';
import { z } from 'zod';
import { invalid } from '../../../bookings/refusal.ts';
import { PushSubscriptions } from '../../../database/reception/push-subscriptions.ts';
import { WebPush } from '../../../live/web-push.ts';
import { Clock } from '../../../time/clock.ts';
import { seeOther, SendAnswer, type Answer } from '../../answer.ts';
import { text } from '../../citizen/choice.ts';
import { AtStaff, mayOr404 } from '../entrance/signed-in.ts';
import type { StaffSetting } from '../staff-pages.ts';
import { WAITING_ROOM } from './received.ts';

const WORKER = 'dist/public/push-worker.js';
const Subscription = z.object({ endpoint: text, p256dh: text, auth: text });
const Own = z.object({ id: text });

/** Which browsers are told of knocks while the page is closed. */
@Controller('operatore')
export class PushController {
  #worker: string | undefined;

  constructor(
    private readonly subscriptions: PushSubscriptions,
    private readonly push: WebPush,
    private readonly clock: Clock,
  ) {}

  /** Here and not under `/assets`, for a service worker answers for the pages beside it only. */
  @Get('avvisi.js')
  @Header('content-type', 'text/javascript; charset=utf-8')
  @Header('cache-control', 'no-cache')
  worker(): string {
    return (this.#worker ??= readFileSync(resolve(WORKER), 'utf8'));
  }

  @Post('attesa/avvisi')
  @UseInterceptors(SendAnswer)
  async subscribe(@AtStaff() { at, staff }: StaffSetting, @Body() body: unknown): Promise<Answer> {
    mayOr404(staff, 'receive');
    const address = Subscription.parse(body ?? {});
    if (!this.push.accepts(address)) throw invalid('endpoint', 'is not an address of a push service that we know');
    const whose = { authorityId: at.authority.id, staffId: staff.id, createdAt: this.clock.now() };
    await this.subscriptions.keep({ ...whose, ...address });
    return seeOther(`${WAITING_ROOM}?fatto=avvisi`);
  }

  @Post('attesa/avvisi/togli')
  @UseInterceptors(SendAnswer)
  async unsubscribe(@AtStaff() { staff }: StaffSetting, @Body() body: unknown): Promise<Answer> {
    mayOr404(staff, 'receive');
    await this.subscriptions.forgetOwn(staff.id, Own.parse(body ?? {}).id);
    return seeOther(`${WAITING_ROOM}?fatto=avvisi-tolti`);
  }
}
