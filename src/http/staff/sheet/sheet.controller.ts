// SPDX-License-Identifier: AGPL-3.0-or-later
import { Body, Controller, Get, Param, Post, Query, UseInterceptors } from '@nestjs/common';
import type { Booking } from '../../../bookings/booking.ts';
import type { Change } from '../../../bookings/change.ts';
import { Refusal } from '../../../bookings/refusal.ts';
import { ChangeDesk } from '../../../front-desk/change-desk.ts';
import { seeOther, SendAnswer, type Answer } from '../../answer.ts';
import { text } from '../../citizen/choice.ts';
import { AtStaff } from '../entrance/signed-in.ts';
import type { StaffSetting } from '../staff-pages.ts';
import { changeOf, markOf, problemsInNote, readForm, type Act, type SheetForm } from './sheet-form.ts';
import { sheetPath, Sheets } from './sheets.ts';

/** Carries out a form. */
type Carry = (booking: Booking, change: Change, form: SheetForm) => Promise<Booking>;

/** `/operatore/appuntamenti/{reference}`: everything about one booking, and what may be done with it. */
@Controller('operatore/appuntamenti/:reference')
@UseInterceptors(SendAnswer)
export class SheetController {
  constructor(
    private readonly sheets: Sheets,
    private readonly changes: ChangeDesk,
  ) {}

  @Get()
  async see(
    @AtStaff() setting: StaffSetting,
    @Param('reference') asked: string,
    @Query() query: Record<string, unknown>,
  ): Promise<Answer> {
    const booking = await this.sheets.find(setting, asked, 'see-agenda');
    return this.sheets.show(setting, booking, undefined, text.parse(query['fatto']));
  }

  @Post('conferma')
  confirm(@AtStaff() setting: StaffSetting, @Param('reference') asked: string, @Body() body: unknown): Promise<Answer> {
    const { at } = setting;
    return this.#act(setting, asked, 'conferma', body, (booking, change) =>
      this.changes.confirm(at.authority, booking, change),
    );
  }

  @Post('rifiuta')
  decline(@AtStaff() setting: StaffSetting, @Param('reference') asked: string, @Body() body: unknown): Promise<Answer> {
    const { at } = setting;
    return this.#act(setting, asked, 'rifiuta', body, (booking, change) =>
      this.changes.cancel(at.authority, booking, change),
    );
  }

  @Post('annulla')
  cancel(@AtStaff() setting: StaffSetting, @Param('reference') asked: string, @Body() body: unknown): Promise<Answer> {
    const { at } = setting;
    return this.#act(setting, asked, 'annulla', body, (booking, change) =>
      this.changes.cancel(at.authority, booking, change),
    );
  }

  @Post('stato')
  mark(@AtStaff() setting: StaffSetting, @Param('reference') asked: string, @Body() body: unknown): Promise<Answer> {
    const { at } = setting;
    return this.#act(setting, asked, 'stato', body, (booking, change, form) => {
      const mark = markOf(form);
      if (!mark) throw new Refusal('not-found');
      return this.changes.mark(at.authority, booking, mark, change);
    });
  }

  @Post('sportello')
  reseat(@AtStaff() setting: StaffSetting, @Param('reference') asked: string, @Body() body: unknown): Promise<Answer> {
    const { at } = setting;
    return this.#act(setting, asked, 'sportello', body, (booking, change, form) =>
      this.changes.reseat(at.authority, booking, Number(form.sportello), change),
    );
  }

  async #act(setting: StaffSetting, asked: string, act: Act, body: unknown, carry: Carry): Promise<Answer> {
    const booking = await this.sheets.find(setting, asked, 'change-bookings');
    const form = readForm(body);
    const problems = problemsInNote(act, form, this.sheets.say(setting));
    if (problems.length) return this.sheets.show(setting, booking, { act, form, problems });
    try {
      await carry(booking, changeOf(setting.staff, form), form);
    } catch (fault) {
      return this.sheets.refused(setting, booking, fault, (current, refused) =>
        this.sheets.show(setting, current, { act, form, refused }),
      );
    }
    await this.sheets.noteChange(setting, booking, act);
    return seeOther(`${sheetPath(booking)}?fatto=${act}`);
  }
}
