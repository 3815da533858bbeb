// SPDX-License-Identifier: AGPL-3.0-or-later
import { Body, Controller, Get, Param, Post, UseInterceptors } from '@nestjs/common';
import { Config } from '../../../config.ts';
import { Clock, toMinute } from '../../../time/clock.ts';
import { dayOf } from '../../../time/zone.ts';
import { lackingIn } from '../../../video/providers.ts';
import { SendAnswer, type Answer } from '../../answer.ts';
import { AtStaff, mayOr404 } from '../entrance/signed-in.ts';
import { StaffPages, type StaffSetting } from '../staff-pages.ts';
import type { Typed } from './form.ts';
import { HoursForms } from './hours-forms.ts';
import { overviewOf } from './overview.ts';
import type { Target } from './target.ts';

/** In an address, for what is not there yet. */
const NEW = 'nuovo';
const idIn = (id: string): string | null => (id === NEW ? null : id);

/** `/operatore/orari`: the hours, services and counters of the offices one heads, and the form of each. */
@Controller('operatore/orari')
@UseInterceptors(SendAnswer)
export class HoursController {
  constructor(
    private readonly pages: StaffPages,
    private readonly forms: HoursForms,
    private readonly clock: Clock,
    private readonly config: Config,
  ) {}

  @Get()
  overview(@AtStaff() setting: StaffSetting): Answer {
    const { at, visit, staff } = setting;
    mayOr404(staff, 'edit-hours');
    const today = dayOf(toMinute(this.clock.now()), at.authority.zone);
    const expired = visit.query.has('scaduto');
    return this.pages.show('staff/hours', setting, {
      ...overviewOf(at.authority, staff, visit.language, today),
      lacking: lackingIn(at.authority.definition, this.config.video),
      expired,
    });
  }

  @Get('uffici/:office')
  office(@AtStaff() setting: StaffSetting, @Param('office') office: string): Promise<Answer> {
    return this.forms.show(setting, { kind: 'office', office });
  }

  @Post('uffici/:office')
  sendOffice(@AtStaff() setting: StaffSetting, @Param('office') office: string, @Body() body: Typed): Promise<Answer> {
    return this.forms.send(setting, { kind: 'office', office }, body ?? {});
  }

  @Get('uffici/:office/servizi/:id')
  service(@AtStaff() setting: StaffSetting, @Param() asked: { office: string; id: string }): Promise<Answer> {
    return this.forms.show(setting, serviceIn(asked));
  }

  @Post('uffici/:office/servizi/:id')
  sendService(
    @AtStaff() setting: StaffSetting,
    @Param() asked: { office: string; id: string },
    @Body() body: Typed,
  ): Promise<Answer> {
    return this.forms.send(setting, serviceIn(asked), body ?? {});
  }

  @Get('sportelli/:id')
  counter(@AtStaff() setting: StaffSetting, @Param('id') id: string): Promise<Answer> {
    return this.forms.show(setting, { kind: 'counter', id: idIn(id) });
  }

  @Post('sportelli/:id')
  sendCounter(@AtStaff() setting: StaffSetting, @Param('id') id: string, @Body() body: Typed): Promise<Answer> {
    return this.forms.send(setting, { kind: 'counter', id: idIn(id) }, body ?? {});
  }

  @Get('ente')
  authority(@AtStaff() setting: StaffSetting): Promise<Answer> {
    return this.forms.show(setting, { kind: 'authority' });
  }

  @Post('ente')
  sendAuthority(@AtStaff() setting: StaffSetting, @Body() body: Typed): Promise<Answer> {
    return this.forms.send(setting, { kind: 'authority' }, body ?? {});
  }

  @Get('chiudi')
  closing(@AtStaff() setting: StaffSetting): Promise<Answer> {
    return this.forms.show(setting, { kind: 'closing' });
  }

  @Post('chiudi')
  sendClosing(@AtStaff() setting: StaffSetting, @Body() body: Typed): Promise<Answer> {
    return this.forms.send(setting, { kind: 'closing' }, body ?? {});
  }
}

const serviceIn = ({ office, id }: { office: string; id: string }): Target => ({
  kind: 'service',
  office,
  id: idIn(id),
});
