// SPDX-License-Identifier: AGPL-3.0-or-later
import { Body, Controller, Get, Param, Post, UseInterceptors } from '@nestjs/common';
import type { Staff } from '../../../access/staff.ts';
import { SendAnswer, type Answer } from '../../answer.ts';
import { AtAuthority, type AtHost } from '../../authority-at-host.ts';
import { AtVisit, type Visit } from '../../visit.ts';
import { AtStaff, mayOr404 } from '../entrance/signed-in.ts';
import type { Typed } from './form.ts';
import { HoursPreviews } from './hours-previews.ts';

/** `/operatore/orari/anteprima/{draft}`: which bookings stay and which lose their place, before anything is saved. */
@Controller('operatore/orari/anteprima/:draft')
@UseInterceptors(SendAnswer)
export class HoursPreviewController {
  constructor(private readonly previews: HoursPreviews) {}

  @Get()
  see(
    @AtAuthority() at: AtHost,
    @AtVisit() visit: Visit,
    @AtStaff() staff: Staff,
    @Param('draft') draft: string,
  ): Promise<Answer> {
    mayOr404(staff, 'edit-hours');
    return this.previews.show({ at, visit, staff }, draft);
  }

  @Post()
  apply(
    @AtAuthority() at: AtHost,
    @AtVisit() visit: Visit,
    @AtStaff() staff: Staff,
    @Param('draft') draft: string,
    @Body() body: Typed,
  ): Promise<Answer> {
    mayOr404(staff, 'edit-hours');
    return this.previews.send({ at, visit, staff }, draft, body ?? {});
  }
}
