// SPDX-License-Identifier: AGPL-3.0-or-later
import { Controller, Headers, HttpCode, Post } from '@nestjs/common';
import { CalendarChannels } from '../front-desk/calendar/channels.ts';
import { Log } from './logging.ts';

/** Where Google says that a calendar has changed: `POST /google/notifiche`, with everything it says in headers. */
@Controller('google/notifiche')
export class GooglePushController {
  constructor(
    private readonly channels: CalendarChannels,
    private readonly log: Log,
  ) {}

  /** Always 200: whoever forges a notice learns nothing, and Google would repeat one that was refused. */
  @Post()
  @HttpCode(200)
  async hear(
    @Headers('x-goog-channel-id') channel = '',
    @Headers('x-goog-channel-token') token = '',
    @Headers('x-goog-resource-state') state = '',
  ): Promise<void> {
    await this.channels.told(channel, token, state).catch((fault: unknown) => this.log.fault('google notice', fault));
  }
}
