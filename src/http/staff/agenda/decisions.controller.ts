// SPDX-License-Identifier: AGPL-3.0-or-later
import { Controller, Get, UseInterceptors } from '@nestjs/common';
import type { Booking } from '../../../bookings/booking.ts';
import { answerBy } from '../../../bookings/deadline.ts';
import { Diary } from '../../../database/diary.ts';
import type { Question } from '../../../database/rows.ts';
import { Clock, toMinute } from '../../../time/clock.ts';
import { sayMoment } from '../../../time/say.ts';
import { SendAnswer, type Answer } from '../../answer.ts';
import { sayAhead } from '../../citizen/ahead.ts';
import { Pages } from '../../page.ts';
import { Looks } from '../looks.ts';
import { AtStaff, mayOr404 } from '../entrance/signed-in.ts';
import { StaffPages, type StaffSetting } from '../staff-pages.ts';
import { bookingLine, type Look } from './booking-line.ts';
import { officesSeenBy } from './choice.ts';

/** `/operatore/decisioni`: what waits for somebody's word. */
@Controller('operatore/decisioni')
@UseInterceptors(SendAnswer)
export class DecisionsController {
  constructor(
    private readonly diary: Diary,
    private readonly looks: Looks,
    private readonly pages: StaffPages,
    private readonly words: Pages,
    private readonly clock: Clock,
  ) {}

  @Get()
  async see(@AtStaff() setting: StaffSetting): Promise<Answer> {
    const { at, visit, staff } = setting;
    mayOr404(staff, 'see-agenda');
    const { authority } = at;
    const look: Look = { authority, language: visit.language, now: toMinute(this.clock.now()) };
    const offices = officesSeenBy(staff, authority).map((o) => o.id);
    if (!offices.length) return this.pages.show('staff/no-office', setting, {});
    const [pending, questions, unreachable] = await Promise.all([
      this.diary.pending(authority.id, offices, look.now),
      this.diary.openQuestions(authority.id, offices),
      this.diary.unreachable(authority.id, offices, look.now),
    ]);
    const shown = [...pending, ...questions.map(({ booking }) => booking), ...unreachable];
    const references = [...new Set(shown.map(({ reference }) => reference))].join(' ');
    await this.looks.note(authority, staff, 'decisions', { references });
    const view = {
      pending: pending.map((booking) => this.#waiting(booking, look)).sort((a, b) => a.until - b.until),
      questions: questions.map(({ question, booking }) => ({
        question,
        line: bookingLine(booking, look),
        moved: movedTo(question, look),
      })),
      outcome: visit.query.get('esito'),
      unreachable: unreachable.map((booking) => bookingLine(booking, look)),
    };
    return this.pages.show('staff/decisions', setting, view);
  }

  #waiting(booking: Booking, look: Look) {
    const { authority, language, now } = look;
    const until = answerBy(booking, authority.anyOffice(booking.officeId)!, authority.zone);
    return {
      ...bookingLine(booking, look),
      until,
      left: sayAhead(until - now, this.words.words(language)),
      deadline: sayMoment(until, authority.zone, language, now),
    };
  }
}

/** Where staff moved the event in their calendar, if the appointment can still follow it. */
function movedTo({ detail }: Question, { authority, language, now }: Look): string | null {
  const start = Number(detail['start']);
  return start > now ? sayMoment(start, authority.zone, language, now) : null;
}
