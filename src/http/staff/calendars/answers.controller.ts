// SPDX-License-Identifier: AGPL-3.0-or-later
import { Body, Controller, Param, Post, UseInterceptors } from '@nestjs/common';
import { z } from 'zod';
import { Refusal } from '../../../bookings/refusal.ts';
import { AccessLog } from '../../../database/staff/access-log.ts';
import { CalendarAnswers, type CalendarAnswer } from '../../../front-desk/calendar/answers.ts';
import { seeOther, SendAnswer, type Answer } from '../../answer.ts';
import { text } from '../../citizen/choice.ts';
import { AtStaff, mayOr404 } from '../entrance/signed-in.ts';
import { isSentence } from '../sheet/sheet-form.ts';
import type { StaffSetting } from '../staff-pages.ts';

const Form = z.object({ risposta: z.enum(['annulla', 'rimetti', 'sposta']), nota: text });

const ANSWERS: Record<z.infer<typeof Form>['risposta'], CalendarAnswer> = {
  annulla: 'cancel',
  rimetti: 'put-back',
  sposta: 'move',
};

/** What staff answer to a question of their calendar, asked on `/operatore/decisioni`. */
@Controller('operatore/decisioni/:question')
@UseInterceptors(SendAnswer)
export class AnswersController {
  constructor(
    private readonly answers: CalendarAnswers,
    private readonly log: AccessLog,
  ) {}

  @Post()
  async answer(
    @AtStaff() { at: { authority }, staff }: StaffSetting,
    @Param('question') id: string,
    @Body() body: unknown,
  ): Promise<Answer> {
    mayOr404(staff, 'change-bookings');
    const asked = await this.answers.find(authority, id);
    mayOr404(staff, 'change-bookings', asked.question.officeId);
    // Somebody else has answered meanwhile: the page shows what is left.
    if (asked.question.answeredAt !== null) return seeOther('/operatore/decisioni');
    const form = Form.safeParse(body ?? {});
    if (!form.success || !isSentence(form.data.nota)) return seeOther('/operatore/decisioni?esito=rifiutato');
    const { reference, id: booking } = asked.booking;
    await this.log.note(authority, staff, 'change', { reference, booking });
    const note = form.data.nota || undefined;
    try {
      const by = { kind: 'staff', id: staff.id, name: staff.name } as const;
      await this.answers.answer(authority, asked, ANSWERS[form.data.risposta], by, note);
      return seeOther('/operatore/decisioni?esito=fatto');
    } catch (fault) {
      if (!(fault instanceof Refusal)) throw fault;
      return seeOther('/operatore/decisioni?esito=rifiutato');
    }
  }
}
