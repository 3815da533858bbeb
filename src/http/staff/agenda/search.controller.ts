// SPDX-License-Identifier: AGPL-3.0-or-later
import { Controller, Get, Query, UseInterceptors } from '@nestjs/common';
import { AccessLog } from '../../../database/staff/access-log.ts';
import { Diary } from '../../../database/diary.ts';
import { Clock, toMinute } from '../../../time/clock.ts';
import { SendAnswer, type Answer } from '../../answer.ts';
import { text } from '../../citizen/choice.ts';
import { AtStaff, mayOr404 } from '../entrance/signed-in.ts';
import { StaffPages, type StaffSetting } from '../staff-pages.ts';
import { bookingLine } from './booking-line.ts';
import { officesSeenBy } from './choice.ts';

const MOST_FOUND = 50;

/** `/operatore/cerca?q=`: a booking by its reference, or by the name of who comes. */
@Controller('operatore/cerca')
@UseInterceptors(SendAnswer)
export class SearchController {
  constructor(
    private readonly diary: Diary,
    private readonly log: AccessLog,
    private readonly pages: StaffPages,
    private readonly clock: Clock,
  ) {}

  @Get()
  async search(@AtStaff() setting: StaffSetting, @Query() query: Record<string, unknown>): Promise<Answer> {
    const { at, visit, staff } = setting;
    mayOr404(staff, 'see-agenda');
    const { authority } = at;
    const q = text.parse(query['q']);
    const offices = officesSeenBy(staff, authority).map((o) => o.id);
    const now = Math.floor(toMinute(this.clock.now()));
    const found = q && offices.length ? await this.diary.search(authority.id, offices, q, now, MOST_FOUND) : [];
    const references = found.map(({ reference }) => reference).join(' ');
    if (q) await this.log.note(authority, staff, 'search', { found: found.length, references });
    const look = { authority, language: visit.language, now };
    const lines = found.map((booking) => bookingLine(booking, look));
    return this.pages.show('staff/search', setting, { q, lines, all: found.length < MOST_FOUND });
  }
}
