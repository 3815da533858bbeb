// SPDX-License-Identifier: AGPL-3.0-or-later
import { Controller, Get, Param } from '@nestjs/common';
import { Refusal } from '../../bookings/refusal.ts';
import { Timetable } from '../../front-desk/timetable.ts';
import type { Authority } from '../../offices/authority.ts';
import type { Office } from '../../offices/definition.ts';
import { AtAuthority, type AtHost } from '../authority-at-host.ts';
import type { OfficeAnswer } from './answers.ts';
import { sayOffice } from './say-office.ts';

@Controller('api/v1/offices')
export class OfficesController {
  constructor(private readonly timetable: Timetable) {}

  /** At a municipality's own host name, its own offices. */
  @Get()
  listOffices(@AtAuthority() { authority, municipality }: AtHost): { items: OfficeAnswer[] } {
    const here = authority.offices.filter((o) => !municipality || o.municipality === municipality.id);
    return { items: here.map((office) => this.#say(authority, office)) };
  }

  @Get(':office_id')
  readOffice(@AtAuthority() { authority }: AtHost, @Param('office_id') officeId: string): OfficeAnswer {
    const office = authority.office(officeId);
    if (!office) throw new Refusal('not-found');
    return this.#say(authority, office);
  }

  #say(authority: Authority, office: Office): OfficeAnswer {
    const openNow = this.timetable.openNow(authority, office);
    return sayOffice(authority, office, { openNow, nextOpening: this.timetable.nextOpening(authority, office) });
  }
}
