// SPDX-License-Identifier: AGPL-3.0-or-later
import { Body, Controller, Get, Param, Post, Query, UseInterceptors } from '@nestjs/common';
import { z } from 'zod';
import type { Booking } from '../../bookings/booking.ts';
import { Refusal, type Reason } from '../../bookings/refusal.ts';
import { ChangeDesk } from '../../front-desk/change-desk.ts';
import { audienceOf } from '../../front-desk/rules.ts';
import { Timetable } from '../../front-desk/timetable.ts';
import type { Authority } from '../../offices/authority.ts';
import type { Minute } from '../../time/interval.ts';
import { Clock, toMinute } from '../../time/clock.ts';
import { readStart, rfc3339 } from '../../time/zone.ts';
import { Addresses } from '../addresses.ts';
import { seeOther, SendAnswer, type Answer } from '../answer.ts';
import { AtAuthority, type AtHost } from '../authority-at-host.ts';
import { AtVisit, type Visit } from '../visit.ts';
import { Appointments } from './appointments.ts';
import { addressOf, text } from './choice.ts';
import { offerWithin } from './offer.ts';
import { pickingOf, placeOf, type Lost } from './picker.ts';

const MoveForm = z.object({ start: text });

type Query = Record<string, unknown>;

const WHY: Partial<Record<Reason, Lost>> = { 'slot-taken': 'occupato', 'already-booked': 'limite' };

/** `/appuntamento/{token}/sposta`: another time for an appointment, chosen as the first was. */
@Controller('appuntamento/:token/sposta')
@UseInterceptors(SendAnswer)
export class MoveController {
  constructor(
    private readonly appointments: Appointments,
    private readonly changes: ChangeDesk,
    private readonly timetable: Timetable,
    private readonly addresses: Addresses,
    private readonly clock: Clock,
  ) {}

  @Get()
  async choose(
    @AtAuthority() at: AtHost,
    @AtVisit() visit: Visit,
    @Param('token') token: string,
    @Query() query: Query,
  ): Promise<Answer> {
    const booking = await this.appointments.find(at, 'manage', token);
    const isStillGiven = at.authority.service(booking.officeId, booking.serviceId) !== undefined;
    if (!isStillGiven || !this.appointments.view(at, visit, booking).changeable)
      return this.appointments.show('unchangeable', at, visit, booking, { to: 'move' });
    const chosen = readStart(text.parse(query['nuovo']).split('@').at(-1)!, at.authority.zone);
    const more =
      'minute' in chosen
        ? this.#chosen(at.authority, visit, booking, chosen.minute)
        : await this.#choice(at.authority, visit, booking, query);
    return this.appointments.show('minute' in chosen ? 'move-confirm' : 'move', at, visit, booking, more);
  }

  @Post()
  async move(@AtAuthority() at: AtHost, @Param('token') token: string, @Body() body: unknown): Promise<Answer> {
    const booking = await this.appointments.find(at, 'manage', token);
    const paths = this.addresses.pathsOf(booking);
    const start = readStart(MoveForm.parse(body ?? {}).start, at.authority.zone);
    if (!('minute' in start)) return seeOther(paths.move);
    try {
      await this.changes.move(at.authority, booking, start.minute);
      return seeOther(`${paths.manage}?spostato=1`);
    } catch (fault) {
      if (!(fault instanceof Refusal)) throw fault;
      const why: Lost = WHY[fault.reason] ?? 'passato';
      return seeOther(addressOf(paths.move, { [why]: rfc3339(start.minute, at.authority.zone) }));
    }
  }

  #chosen(authority: Authority, { language }: Visit, { officeId, serviceId }: Booking, to: Minute) {
    const slot = { officeId, start: to, end: to + authority.service(officeId, serviceId)!.duration };
    const place = placeOf(slot, authority, language, toMinute(this.clock.now()));
    return { place, start: rfc3339(to, authority.zone) };
  }

  async #choice(authority: Authority, { language }: Visit, booking: Booking, query: Query) {
    const look = { timetable: this.timetable, authority, language, now: toMinute(this.clock.now()) };
    const { serviceId, officeId, mode } = booking;
    const offered = await offerWithin(look, {
      serviceId,
      offices: [authority.office(officeId)!],
      mode,
      except: booking,
      audience: audienceOf(authority, booking),
    });
    const slots = offered.filter((s) => s.start !== booking.start);
    const { move } = this.addresses.pathsOf(booking);
    return {
      ...pickingOf(look, slots, query),
      anywhere: false,
      hidden: {},
      here: (more: Record<string, string>) => addressOf(move, more),
    };
  }
}
