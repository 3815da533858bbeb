// SPDX-License-Identifier: AGPL-3.0-or-later
import { Controller, Get, Param, Post, Query, UseInterceptors } from '@nestjs/common';
import { Refusal } from '../../bookings/refusal.ts';
import { ChangeDesk } from '../../front-desk/change-desk.ts';
import { Addresses } from '../addresses.ts';
import { Answer, seeOther, SendAnswer } from '../answer.ts';
import { AtAuthority, type AtHost } from '../authority-at-host.ts';
import { InviteFile } from '../invite-file.ts';
import { AtVisit, type Visit } from '../visit.ts';
import { Appointments } from './appointments.ts';

/** `/appuntamento/{token}`: see and call off an appointment. Whoever has the link may; a GET changes nothing. */
@Controller('appuntamento/:token')
@UseInterceptors(SendAnswer)
export class AppointmentController {
  constructor(
    private readonly appointments: Appointments,
    private readonly changes: ChangeDesk,
    private readonly file: InviteFile,
    private readonly addresses: Addresses,
  ) {}

  @Get()
  async see(
    @AtAuthority() at: AtHost,
    @AtVisit() visit: Visit,
    @Param('token') token: string,
    @Query() query: Record<string, unknown>,
  ): Promise<Answer> {
    const booking = await this.appointments.find(at, 'manage', token);
    return this.appointments.show('appointment', at, visit, booking, { moved: 'spostato' in query });
  }

  @Get('confermato')
  async confirmed(@AtAuthority() at: AtHost, @AtVisit() visit: Visit, @Param('token') token: string): Promise<Answer> {
    const booking = await this.appointments.find(at, 'manage', token);
    if (!booking.isLive) return seeOther(this.addresses.pathsOf(booking).manage);
    return this.appointments.show('confirmed', at, visit, booking);
  }

  @Get('invito.ics')
  async invite(@AtAuthority() at: AtHost, @Param('token') token: string): Promise<Answer> {
    const booking = await this.appointments.find(at, 'manage', token);
    const headers = {
      ...this.file.headersOf(booking),
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    };
    return new Answer(200, headers, this.file.textOf(at.authority, booking));
  }

  @Get('annulla')
  async askToCancel(
    @AtAuthority() at: AtHost,
    @AtVisit() visit: Visit,
    @Param('token') token: string,
  ): Promise<Answer> {
    const booking = await this.appointments.find(at, 'manage', token);
    if (!booking.isLive) return seeOther(this.addresses.pathsOf(booking).manage);
    const { changeable } = this.appointments.view(at, visit, booking);
    return this.appointments.show(changeable ? 'cancel' : 'unchangeable', at, visit, booking, { to: 'cancel' });
  }

  @Post('annulla')
  async cancel(@AtAuthority() at: AtHost, @Param('token') token: string): Promise<Answer> {
    const booking = await this.appointments.find(at, 'manage', token);
    const paths = this.addresses.pathsOf(booking);
    try {
      await this.changes.cancel(at.authority, booking);
      return seeOther(paths.manage);
    } catch (fault) {
      if (fault instanceof Refusal && fault.reason === 'too-late') return seeOther(paths.cancel);
      throw fault;
    }
  }
}
