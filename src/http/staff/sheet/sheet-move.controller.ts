// SPDX-License-Identifier: AGPL-3.0-or-later
import { Body, Controller, Get, Param, Post, Query, UseInterceptors } from '@nestjs/common';
import type { Booking } from '../../../bookings/booking.ts';
import { ChangeDesk } from '../../../front-desk/change-desk.ts';
import { seeOther, SendAnswer, type Answer } from '../../answer.ts';
import { AtStaff } from '../entrance/signed-in.ts';
import { StaffPages, type StaffSetting } from '../staff-pages.ts';
import { MoveChoice } from './move-choice.ts';
import { changeOf, readForm, type SheetForm } from './sheet-form.ts';
import { readMove } from './move-form.ts';
import { sheetPath, Sheets, statusOf, type Attempt } from './sheets.ts';

/** `/operatore/appuntamenti/{reference}/sposta`: another time, among the free ones or, with a reason, any. */
@Controller('operatore/appuntamenti/:reference/sposta')
@UseInterceptors(SendAnswer)
export class SheetMoveController {
  constructor(
    private readonly sheets: Sheets,
    private readonly choice: MoveChoice,
    private readonly pages: StaffPages,
    private readonly changes: ChangeDesk,
  ) {}

  @Get()
  async choose(
    @AtStaff() setting: StaffSetting,
    @Param('reference') asked: string,
    @Query() query: Record<string, unknown>,
  ): Promise<Answer> {
    const booking = await this.sheets.find(setting, asked, 'change-bookings');
    return this.#show(setting, booking, query);
  }

  @Post()
  async move(
    @AtStaff() setting: StaffSetting,
    @Param('reference') asked: string,
    @Body() body: unknown,
  ): Promise<Answer> {
    const { at, staff } = setting;
    const booking = await this.sheets.find(setting, asked, 'change-bookings');
    const form = readForm(body);
    const wanted = readMove(form, at.authority.zone, this.sheets.say(setting));
    if ('problems' in wanted) return this.#again(setting, booking, form, { problems: wanted.problems });
    try {
      const change = { ...changeOf(staff, form), overrule: wanted.overrule };
      await this.changes.move(at.authority, booking, wanted.start, change);
    } catch (fault) {
      return this.sheets.refused(setting, booking, fault, (current, refused) =>
        this.#again(setting, current, form, { refused }),
      );
    }
    await this.sheets.noteChange(setting, booking, 'sposta');
    return seeOther(`${sheetPath(booking)}?fatto=sposta`);
  }

  /** Nothing of what was typed is lost; a time that is taken is no longer the one in hand. */
  #again(
    setting: StaffSetting,
    booking: Booking,
    form: SheetForm,
    why: Pick<Attempt, 'problems' | 'refused'>,
  ): Promise<Answer> {
    const query = why.refused === 'slot-taken' ? { occupato: form.posto.split('@').at(-1) } : { nuovo: form.posto };
    return this.#show(setting, booking, query, { act: 'sposta', form, ...why });
  }

  async #show(
    setting: StaffSetting,
    booking: Booking,
    query: Record<string, unknown>,
    attempt?: Attempt,
  ): Promise<Answer> {
    const sheet = await this.sheets.viewOf(setting, booking);
    if (!sheet.movable) return attempt ? this.sheets.show(setting, booking, attempt) : seeOther(sheetPath(booking));
    await this.sheets.noteReading(setting, booking);
    const view = {
      sheet,
      problems: [],
      ...(await this.choice.viewOf(setting, booking, query)),
      ...this.sheets.outcomeOf(sheet, attempt),
    };
    return this.pages.show('staff/sheet-move', setting, view, { status: statusOf(attempt) });
  }
}
