// SPDX-License-Identifier: AGPL-3.0-or-later
import { Body, Controller, Get, Post, Query, UseInterceptors } from '@nestjs/common';
import { z } from 'zod';
import { Refusal } from '../../../bookings/refusal.ts';
import { Doors } from '../../../front-desk/reception/doors.ts';
import { seeOther, SendAnswer, type Answer } from '../../answer.ts';
import { text } from '../../citizen/choice.ts';
import { AtStaff, mayOr404 } from '../entrance/signed-in.ts';
import type { StaffSetting } from '../staff-pages.ts';
import { WaitingActs } from './waiting-acts.ts';
import { WAITING_ROOM } from './received.ts';
import { WaitingView } from './waiting-view.ts';

const DoorForm = z.object({ ufficio: text, pronta: text, frase: text, riprendi: text });

/** `/operatore/attesa`: who is before the doors of one's offices, and the doors themselves. */
@Controller('operatore/attesa')
@UseInterceptors(SendAnswer)
export class WaitingController {
  constructor(
    private readonly view: WaitingView,
    private readonly acts: WaitingActs,
    private readonly doors: Doors,
  ) {}

  @Get()
  see(@AtStaff() setting: StaffSetting, @Query() query: Record<string, unknown>): Promise<Answer> {
    mayOr404(setting.staff, 'receive');
    return this.view.show(setting, { done: text.parse(query['fatto']) });
  }

  /** Pauses a door with a sentence, one that is ready or one's own, or opens it again. */
  @Post('porta')
  door(@AtStaff() setting: StaffSetting, @Body() body: unknown): Promise<Answer> {
    const { at, staff } = setting;
    const { ufficio, pronta, frase, riprendi } = DoorForm.parse(body ?? {});
    mayOr404(staff, 'receive', ufficio);
    if (!at.authority.office(ufficio)) throw new Refusal('not-found');
    const attempt = { setting, about: ufficio, typed: frase };
    return this.acts.tried(attempt, async () => {
      if (riprendi) await this.doors.resume(at.authority, ufficio);
      else await this.doors.pause(at.authority, ufficio, pronta || frase);
      return seeOther(`${WAITING_ROOM}?fatto=${riprendi ? 'ripresa' : 'pausa'}`);
    });
  }
}
