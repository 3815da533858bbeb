// SPDX-License-Identifier: AGPL-3.0-or-later
import { Controller, Get, Param, Post, Query, UseInterceptors } from '@nestjs/common';
import { CITIZEN } from '../../bookings/change.ts';
import { Refusal, type Reason } from '../../bookings/refusal.ts';
import { ChangeDesk } from '../../front-desk/change-desk.ts';
import { Addresses } from '../addresses.ts';
import { seeOther, SendAnswer, type Answer } from '../answer.ts';
import { AtAuthority, type AtHost } from '../authority-at-host.ts';
import { AtVisit, type Visit } from '../visit.ts';
import { Appointments } from './appointments.ts';
import { addressOf } from './choice.ts';

/** It stands again already, or can no longer: its own page says which. */
const SETTLED: readonly Reason[] = ['changed', 'too-late'];

/** `/appuntamento/{token}/riprendi`: the way back when the answer of a calendar called an appointment off. */
@Controller('appuntamento/:token/riprendi')
@UseInterceptors(SendAnswer)
export class RestoreController {
  constructor(
    private readonly appointments: Appointments,
    private readonly changes: ChangeDesk,
    private readonly addresses: Addresses,
  ) {}

  @Get()
  async ask(
    @AtAuthority() at: AtHost,
    @AtVisit() visit: Visit,
    @Param('token') token: string,
    @Query() query: Record<string, unknown>,
  ): Promise<Answer> {
    const booking = await this.appointments.find(at, 'manage', token);
    if (!this.appointments.view(at, visit, booking).restorable) return seeOther(this.addresses.pathsOf(booking).manage);
    return this.appointments.show('restore', at, visit, booking, { taken: 'occupato' in query });
  }

  @Post()
  async restore(@AtAuthority() at: AtHost, @Param('token') token: string): Promise<Answer> {
    const booking = await this.appointments.find(at, 'manage', token);
    const paths = this.addresses.pathsOf(booking);
    try {
      await this.changes.restore(at.authority, booking, CITIZEN);
    } catch (fault) {
      if (!(fault instanceof Refusal)) throw fault;
      if (!SETTLED.includes(fault.reason)) return seeOther(addressOf(paths.restore, { occupato: '1' }));
    }
    return seeOther(paths.manage);
  }
}
