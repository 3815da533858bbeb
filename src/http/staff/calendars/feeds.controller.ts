// SPDX-License-Identifier: AGPL-3.0-or-later
import { Controller, Param, Post, UseInterceptors } from '@nestjs/common';
import { Refusal } from '../../../bookings/refusal.ts';
import { AccessLog } from '../../../database/staff/access-log.ts';
import { FeedDesk } from '../../../front-desk/feed-desk.ts';
import { seeOther, SendAnswer, type Answer } from '../../answer.ts';
import { AtStaff } from '../entrance/signed-in.ts';
import { CalendarsView } from './calendars-view.ts';
import { counterOf, pageOf } from './counter-of.ts';
import type { StaffSetting } from '../staff-pages.ts';

/** The private addresses at which other calendar programs read a counter's appointments. */
@Controller('operatore/calendari/:counter/indirizzi')
@UseInterceptors(SendAnswer)
export class FeedsController {
  constructor(
    private readonly feeds: FeedDesk,
    private readonly view: CalendarsView,
    private readonly log: AccessLog,
  ) {}

  /** The address is shown in the answer itself: it stands in no other, and nothing keeps it. */
  @Post()
  async create(@AtStaff() setting: StaffSetting, @Param('counter') id: string): Promise<Answer> {
    const { at, staff } = setting;
    const counter = counterOf(staff, at.authority, id);
    await this.log.note(at.authority, staff, 'feed', { counter: id, done: 'created' });
    const { token } = await this.feeds.create(at.authority, counter.key, staff);
    return this.view.counter(setting, counter, { token });
  }

  @Post(':feed/revoca')
  async revoke(
    @AtStaff() { at: { authority }, staff }: StaffSetting,
    @Param('counter') id: string,
    @Param('feed') feedId: string,
  ): Promise<Answer> {
    const counter = counterOf(staff, authority, id);
    const feed = (await this.feeds.list(authority, counter.key)).find((f) => f.id === feedId);
    if (!feed) throw new Refusal('not-found');
    await this.log.note(authority, staff, 'feed', { counter: id, done: 'revoked' });
    await this.feeds.revoke(authority, feed.id);
    return seeOther(pageOf(id, '?fatto=revocato'));
  }
}
