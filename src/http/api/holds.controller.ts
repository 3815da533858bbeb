// SPDX-License-Identifier: AGPL-3.0-or-later
import { Body, Controller, Delete, Headers, HttpCode, Param, Post } from '@nestjs/common';
import { Refusal } from '../../bookings/refusal.ts';
import { HoldDesk } from '../../front-desk/hold-desk.ts';
import { toMinute } from '../../time/clock.ts';
import { rfc3339 } from '../../time/zone.ts';
import { AtAuthority, type AtHost } from '../authority-at-host.ts';
import type { HoldAnswer } from './answers.ts';
import { startOf } from './read-request.ts';
import { HoldRequest } from './requests.ts';

@Controller('api/v1/holds')
export class HoldsController {
  constructor(private readonly desk: HoldDesk) {}

  @Post()
  async createHold(
    @AtAuthority() { authority }: AtHost,
    @Body({ schema: HoldRequest }) asked: HoldRequest,
  ): Promise<HoldAnswer> {
    const { hold, secret } = await this.desk.hold(authority, {
      officeId: asked.office_id,
      serviceId: asked.service_id,
      start: startOf(asked.start, authority.zone),
      mode: asked.mode,
    });
    return { id: hold.id, secret, expires_at: rfc3339(toMinute(hold.expiresAt), authority.zone) };
  }

  @Delete(':hold_id')
  @HttpCode(204)
  async releaseHold(
    @AtAuthority() { authority }: AtHost,
    @Param('hold_id') id: string,
    @Headers('hold-secret') secret?: string,
  ): Promise<void> {
    if (!secret) throw new Refusal('not-found');
    await this.desk.release(authority, { id, secret });
  }
}
