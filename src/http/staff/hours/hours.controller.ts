// SPDX-License-Identifier: AGPL-3.0-or-later
import { Body, Controller, Get, Param, Post, UseInterceptors } from '@nestjs/common';
import type { Staff } from '../../../access/staff.ts';
import { Clock, toMinute } from '../../../time/clock.ts';
import { dayOf } from '../../../time/zone.ts';
import { SendAnswer, type Answer } from '../../answer.ts';
import { AtAuthority, type AtHost } from '../../authority-at-host.ts';
import { AtVisit, type Visit } from '../../visit.ts';
import { AtStaff, mayOr404 } from '../entrance/signed-in.ts';
import { StaffPages } from '../staff-pages.ts';
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
  ) {}

  @Get()
  overview(@AtAuthority() at: AtHost, @AtVisit() visit: Visit, @AtStaff() staff: Staff): Answer {
    mayOr404(staff, 'edit-hours');
    const today = dayOf(toMinute(this.clock.now()), at.authority.zone);
    const expired = visit.query.has('scaduto');
    return this.pages.show(
      'staff/hours',
      { at, visit, staff },
      { ...overviewOf(at.authority, staff, visit.language, today), expired },
    );
  }

  @Get('uffici/:office')
  office(
    @AtAuthority() at: AtHost,
    @AtVisit() visit: Visit,
    @AtStaff() staff: Staff,
    @Param('office') office: string,
  ): Promise<Answer> {
    return this.forms.show({ at, visit, staff }, { kind: 'office', office });
  }

  @Post('uffici/:office')
  sendOffice(
    @AtAuthority() at: AtHost,
    @AtVisit() visit: Visit,
    @AtStaff() staff: Staff,
    @Param('office') office: string,
    @Body() body: Typed,
  ): Promise<Answer> {
    return this.forms.send({ at, visit, staff }, { kind: 'office', office }, body ?? {});
  }

  @Get('uffici/:office/servizi/:id')
  service(
    @AtAuthority() at: AtHost,
    @AtVisit() visit: Visit,
    @AtStaff() staff: Staff,
    @Param() asked: { office: string; id: string },
  ): Promise<Answer> {
    return this.forms.show({ at, visit, staff }, serviceIn(asked));
  }

  @Post('uffici/:office/servizi/:id')
  sendService(
    @AtAuthority() at: AtHost,
    @AtVisit() visit: Visit,
    @AtStaff() staff: Staff,
    @Param() asked: { office: string; id: string },
    @Body() body: Typed,
  ): Promise<Answer> {
    return this.forms.send({ at, visit, staff }, serviceIn(asked), body ?? {});
  }

  @Get('sportelli/:id')
  counter(
    @AtAuthority() at: AtHost,
    @AtVisit() visit: Visit,
    @AtStaff() staff: Staff,
    @Param('id') id: string,
  ): Promise<Answer> {
    return this.forms.show({ at, visit, staff }, { kind: 'counter', id: idIn(id) });
  }

  @Post('sportelli/:id')
  sendCounter(
    @AtAuthority() at: AtHost,
    @AtVisit() visit: Visit,
    @AtStaff() staff: Staff,
    @Param('id') id: string,
    @Body() body: Typed,
  ): Promise<Answer> {
    return this.forms.send({ at, visit, staff }, { kind: 'counter', id: idIn(id) }, body ?? {});
  }

  @Get('ente')
  authority(@AtAuthority() at: AtHost, @AtVisit() visit: Visit, @AtStaff() staff: Staff): Promise<Answer> {
    return this.forms.show({ at, visit, staff }, { kind: 'authority' });
  }

  @Post('ente')
  sendAuthority(
    @AtAuthority() at: AtHost,
    @AtVisit() visit: Visit,
    @AtStaff() staff: Staff,
    @Body() body: Typed,
  ): Promise<Answer> {
    return this.forms.send({ at, visit, staff }, { kind: 'authority' }, body ?? {});
  }

  @Get('chiudi')
  closing(@AtAuthority() at: AtHost, @AtVisit() visit: Visit, @AtStaff() staff: Staff): Promise<Answer> {
    return this.forms.show({ at, visit, staff }, { kind: 'closing' });
  }

  @Post('chiudi')
  sendClosing(
    @AtAuthority() at: AtHost,
    @AtVisit() visit: Visit,
    @AtStaff() staff: Staff,
    @Body() body: Typed,
  ): Promise<Answer> {
    return this.forms.send({ at, visit, staff }, { kind: 'closing' }, body ?? {});
  }
}

const serviceIn = ({ office, id }: { office: string; id: string }): Target => ({
  kind: 'service',
  office,
  id: idIn(id),
});
