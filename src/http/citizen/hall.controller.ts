// SPDX-License-Identifier: AGPL-3.0-or-later
import { Controller, Get, Query, UseInterceptors } from '@nestjs/common';
import { Timetable } from '../../front-desk/timetable.ts';
import { Clock, toMinute } from '../../time/clock.ts';
import { AtAuthority, type AtHost } from '../authority-at-host.ts';
import { Pages } from '../page.ts';
import { SendAnswer, type Answer } from '../answer.ts';
import { readChoice } from './choice.ts';
import { hallOf } from './hall.ts';
import { AtVisit, type Visit } from '../visit.ts';

/** `/`: every office with its hours, open or closed now, and the way to book. */
@Controller()
@UseInterceptors(SendAnswer)
export class HallController {
  constructor(
    private readonly pages: Pages,
    private readonly timetable: Timetable,
    private readonly clock: Clock,
  ) {}

  @Get()
  hall(@AtAuthority() at: AtHost, @AtVisit() visit: Visit, @Query() query: unknown): Answer {
    const { servizio: serviceId } = readChoice(query);
    const question = { ...at, serviceId, language: visit.language, now: toMinute(this.clock.now()) };
    return this.pages.show('hall', { at, visit }, hallOf(question, this.timetable));
  }
}
