// SPDX-License-Identifier: AGPL-3.0-or-later
import { Injectable } from '@nestjs/common';
import type { Booking } from '../../../bookings/booking.ts';
import { LONGEST_NOTE } from '../../../bookings/change.ts';
import { audienceOf } from '../../../front-desk/rules.ts';
import { Timetable } from '../../../front-desk/timetable.ts';
import { Clock, toMinute } from '../../../time/clock.ts';
import { formatTime } from '../../../time/day.ts';
import { dayOf, readStart, timeOf } from '../../../time/zone.ts';
import { addressOf, text } from '../../citizen/choice.ts';
import { offerWithin } from '../../citizen/offer.ts';
import { pickingOf, placeOf } from '../../citizen/picker.ts';
import type { StaffSetting } from '../staff-pages.ts';
import { sheetPath } from './sheets.ts';

/** The times to which staff may move a booking. */
@Injectable()
export class MoveChoice {
  constructor(
    private readonly timetable: Timetable,
    private readonly clock: Clock,
  ) {}

  /** @param query `nuovo` the time chosen, if any; else what the picker is to show */
  async viewOf({ at: { authority }, visit }: StaffSetting, booking: Booking, query: Record<string, unknown>) {
    const look = { timetable: this.timetable, authority, language: visit.language, now: toMinute(this.clock.now()) };
    const { officeId, serviceId, mode, start } = booking;
    const { duration } = authority.service(officeId, serviceId)!;
    const chosen = readStart(text.parse(query['nuovo']).split('@').at(-1)!, authority.zone);
    const offices = [authority.office(officeId)!];
    const asked = { serviceId, offices, mode, except: booking, audience: audienceOf(authority, booking) };
    const slots = 'minute' in chosen ? [] : (await offerWithin(look, asked)).filter((s) => s.start !== start);
    const slot = 'minute' in chosen ? { officeId, start: chosen.minute, end: chosen.minute + duration } : null;
    return {
      ...pickingOf(look, slots, { dal: dayOf(start, authority.zone), ...query }),
      place: slot && placeOf(slot, authority, visit.language, look.now),
      other: { data: dayOf(start, authority.zone), ora: formatTime(timeOf(start, authority.zone)) },
      anywhere: false,
      hidden: {},
      here: (more: Record<string, string>) => addressOf(`${sheetPath(booking)}/sposta`, more),
      longest: LONGEST_NOTE,
    };
  }
}
