// SPDX-License-Identifier: AGPL-3.0-or-later
import { Body, Controller, Get, Param, Post, UseInterceptors } from '@nestjs/common';
import { SendAnswer, type Answer } from '../../answer.ts';
import { AtStaff, mayOr404 } from '../entrance/signed-in.ts';
import type { Typed } from './form.ts';
import { HoursPreviews } from './hours-previews.ts';
import type { StaffSetting } from '../staff-pages.ts';

/** `/operatore/orari/anteprima/{draft}`: which bookings stay and which lose their place, before anything is saved. */
@Controller('operatore/orari/anteprima/:draft')
@UseInterceptors(SendAnswer)
export class HoursPreviewController {
  constructor(private readonly previews: HoursPreviews) {}

  @Get()
  see(@AtStaff() setting: StaffSetting, @Param('draft') draft: string): Promise<Answer> {
    const { staff } = setting;
    mayOr404(staff, 'edit-hours');
    return this.previews.show(setting, draft);
  }

  @Post()
  apply(@AtStaff() setting: StaffSetting, @Param('draft') draft: string, @Body() body: Typed): Promise<Answer> {
    const { staff } = setting;
    mayOr404(staff, 'edit-hours');
    return this.previews.send(setting, draft, body ?? {});
  }
}
