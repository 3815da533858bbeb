// SPDX-License-Identifier: AGPL-3.0-or-later
import { Controller, Get, Param, UseInterceptors } from '@nestjs/common';
import { Clock, toMinute } from '../../time/clock.ts';
import { rfc3339 } from '../../time/zone.ts';
import { SendAnswer, type Answer } from '../answer.ts';
import { AtAuthority, type AtHost } from '../authority-at-host.ts';
import { Pages } from '../page.ts';
import { AtVisit, type Visit } from '../visit.ts';
import { sayAhead } from './ahead.ts';
import { Appointments } from './appointments.ts';

/** Minutes before the start at which the room of a video provider is offered. */
const EARLIEST = 10;

/** `/incontro/{token}`: the one link in every invite to a video appointment, the same for ever. */
@Controller('incontro')
@UseInterceptors(SendAnswer)
export class MeetingController {
  constructor(
    private readonly appointments: Appointments,
    private readonly pages: Pages,
    private readonly clock: Clock,
  ) {}

  @Get(':token')
  async meeting(@AtAuthority() at: AtHost, @AtVisit() visit: Visit, @Param('token') token: string): Promise<Answer> {
    const booking = await this.appointments.find(at, 'meeting', token);
    // The link of the meeting may be passed on; whoever has it sees when and with whom, and cannot change anything.
    const { stage, office, service, when, contact, again } = this.appointments.view(at, visit, booking);
    const now = toMinute(this.clock.now());
    const meets = stage === 'confirmed' && service.video === 'meet' && booking.start - EARLIEST <= now;
    const view = {
      stage: stage === 'confirmed' && booking.start <= now ? 'now' : stage,
      office,
      service,
      when,
      contact,
      again,
      /** Without one the call is held in our own. */
      room: meets ? booking.meetingRoom : null,
      start: rfc3339(booking.start, at.authority.zone),
      ahead: sayAhead(booking.start - now, this.pages.words(visit.language)),
    };
    return this.pages.show('meeting', { at, visit }, view, { kind: 'token' });
  }
}
