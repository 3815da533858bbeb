// SPDX-License-Identifier: AGPL-3.0-or-later
import { Controller, Get, Header, Query } from '@nestjs/common';
import { Timetable, type Offer, type SlotQuery } from '../../front-desk/timetable.ts';
import type { Authority } from '../../offices/authority.ts';
import { Clock } from '../../time/clock.ts';
import { rfc3339 } from '../../time/zone.ts';
import { AtAuthority, type AtHost } from '../authority-at-host.ts';
import type { SlotsAnswer } from './answers.ts';
import { SlotsQuery } from './requests.ts';
import { SharedAnswers } from './shared-answers.ts';

@Controller('api/v1/slots')
export class SlotsController {
  readonly #shared: SharedAnswers;

  constructor(
    private readonly timetable: Timetable,
    clock: Clock,
  ) {
    this.#shared = new SharedAnswers(clock, () => timetable.changes);
  }

  @Get()
  @Header('content-type', 'application/json; charset=utf-8')
  listSlots(@AtAuthority() { authority }: AtHost, @Query({ schema: SlotsQuery }) asked: SlotsQuery): Promise<Buffer> {
    const query = slotQuery(asked);
    const key = JSON.stringify([authority.id, authority.revision, query]);
    return this.#shared.answer(key, async () => sayOffer(authority, await this.timetable.offer(authority, query)));
  }
}

/** One form for equal questions. */
const slotQuery = ({ service_id, from, to, office_id, mode }: SlotsQuery): SlotQuery => ({
  serviceId: service_id,
  officeIds: office_id && [...new Set(office_id)].sort(),
  mode,
  from,
  through: to,
});

const sayOffer = ({ zone }: Authority, { slots, closed, nextFree }: Offer): SlotsAnswer => ({
  time_zone: zone,
  items: slots.map(({ officeId, start, end, free }) => ({
    office_id: officeId,
    start: rfc3339(start, zone),
    end: rfc3339(end, zone),
    free,
  })),
  closed: closed.map(({ officeId, date, reason }) => ({ office_id: officeId, date, reason })),
  next_free: nextFree && { office_id: nextFree.officeId, start: rfc3339(nextFree.start, zone) },
});
