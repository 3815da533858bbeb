// SPDX-License-Identifier: AGPL-3.0-or-later
import { Controller, Get, Param } from '@nestjs/common';
import { Refusal } from '../../bookings/refusal.ts';
import { Doors } from '../../front-desk/reception/doors.ts';
import { Timetable } from '../../front-desk/timetable.ts';
import type { Authority } from '../../offices/authority.ts';
import type { Office } from '../../offices/definition.ts';
import type { DoorState } from '../../waiting-room/door.ts';
import { AtAuthority, type AtHost } from '../authority-at-host.ts';
import type { OfficeAnswer } from './answers.ts';
import { sayOffice } from './say-office.ts';

@Controller('api/v1/offices')
export class OfficesController {
  constructor(
    private readonly timetable: Timetable,
    private readonly doors: Doors,
  ) {}

  /** At a municipality's own host name, its own offices. */
  @Get()
  async listOffices(@AtAuthority() { authority, municipality }: AtHost): Promise<{ items: OfficeAnswer[] }> {
    const doors = await this.doors.all(authority, municipality);
    return { items: [...doors].map(([id, door]) => this.#say(authority, authority.office(id)!, door)) };
  }

  @Get(':office_id')
  async readOffice(@AtAuthority() { authority }: AtHost, @Param('office_id') officeId: string): Promise<OfficeAnswer> {
    const office = authority.office(officeId);
    if (!office) throw new Refusal('not-found');
    return this.#say(authority, office, await this.doors.of(authority, office));
  }

  #say(authority: Authority, office: Office, door: DoorState): OfficeAnswer {
    const openNow = this.timetable.openNow(authority, office);
    return sayOffice(authority, office, { openNow, nextOpening: this.timetable.nextOpening(authority, office) }, door);
  }
}
