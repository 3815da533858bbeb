// SPDX-License-Identifier: AGPL-3.0-or-later
import { Controller, Get, Param, UseInterceptors } from '@nestjs/common';
import { linksOf } from '../../bookings/links.ts';
import { Refusal } from '../../bookings/refusal.ts';
import { Tokens } from '../../bookings/token.ts';
import { Config } from '../../config.ts';
import { BookingDesk } from '../../front-desk/booking-desk.ts';
import { publicUrlOf } from '../../offices/public-address.ts';
import { Clock, toMinute } from '../../time/clock.ts';
import { rfc3339 } from '../../time/zone.ts';
import { AtAuthority, type AtHost } from '../authority-at-host.ts';
import { Pages } from '../page.ts';
import { SendAnswer, type Answer } from '../answer.ts';
import { appointmentOf } from './appointment-view.ts';
import { sayAhead } from './ahead.ts';
import { AtVisit, type Visit } from '../visit.ts';

/** `/incontro/{token}`: the one link in every invite to a video appointment, the same for ever. */
@Controller('incontro')
@UseInterceptors(SendAnswer)
export class MeetingController {
  constructor(
    private readonly pages: Pages,
    private readonly desk: BookingDesk,
    private readonly tokens: Tokens,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  @Get(':token')
  async meeting(@AtAuthority() at: AtHost, @AtVisit() visit: Visit, @Param('token') token: string): Promise<Answer> {
    const { authority } = at;
    const booking = await this.desk.byToken(authority, 'meeting', token);
    if (!booking) throw new Refusal('not-found');
    const links = linksOf(booking, this.tokens, publicUrlOf(this.config.publicUrl, authority, booking.officeId));
    const now = this.clock.now();
    // The link of the meeting may be passed on; whoever has it sees when and with whom, and cannot change anything.
    const { stage, office, service, when, phone, again } = appointmentOf(
      authority,
      booking,
      links,
      visit.language,
      now,
    );
    const view = {
      stage: stage === 'confirmed' && booking.start <= toMinute(now) ? 'now' : stage,
      office,
      service,
      when,
      phone,
      again,
      start: rfc3339(booking.start, authority.zone),
      ahead: sayAhead(booking.start - toMinute(now), this.pages.words(visit.language)),
    };
    return this.pages.show('meeting', { at, visit }, view, { kind: 'token' });
  }
}
