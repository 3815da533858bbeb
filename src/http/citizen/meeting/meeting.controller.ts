// SPDX-License-Identifier: AGPL-3.0-or-later
import { Controller, Get, Param, Query, UseInterceptors } from '@nestjs/common';
import { WaitingDesk } from '../../../front-desk/reception/waiting-desk.ts';
import { Answer, SendAnswer } from '../../answer.ts';
import { AtAuthority, type AtHost } from '../../authority-at-host.ts';
import { AtVisit, type Visit } from '../../visit.ts';
import { MeetingPage, NOTHING_ASKED, type Asked } from './meeting-page.ts';
import { Meetings } from './meetings.ts';

/** Three signs of life in the time after which somebody is gone. */
const PRESENCE =
  '<!doctype html><html lang="it"><meta charset="utf-8"><title>.</title><meta http-equiv="refresh" content="10"></html>';

const PRESENCE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'none'; frame-ancestors 'self'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

/** `/incontro/{token}`: the one link of a video appointment or of a knock, the same for ever. */
@Controller('incontro/:token')
@UseInterceptors(SendAnswer)
export class MeetingController {
  constructor(
    private readonly meetings: Meetings,
    private readonly page: MeetingPage,
    private readonly waiting: WaitingDesk,
  ) {}

  @Get()
  async see(
    @AtAuthority() at: AtHost,
    @AtVisit() visit: Visit,
    @Param('token') token: string,
    @Query() query: Record<string, unknown>,
  ): Promise<Answer> {
    return this.page.show(at, visit, await this.meetings.find(at, token), { ...NOTHING_ASKED, asks: asksIn(query) });
  }

  /** Stands unseen in the page of who types without a script: that one may not load itself again, this one does. */
  @Get('presenza')
  async present(@AtAuthority() at: AtHost, @Param('token') token: string): Promise<Answer> {
    const { arrival } = await this.meetings.find(at, token);
    if (arrival) await this.waiting.touch(arrival.id);
    return new Answer(200, PRESENCE_HEADERS, PRESENCE);
  }
}

function asksIn(query: Record<string, unknown>): Asked['asks'] {
  if ('scrivi' in query) return 'line';
  return 'telefono' in query ? 'phone' : null;
}
