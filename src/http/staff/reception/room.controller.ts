// SPDX-License-Identifier: AGPL-3.0-or-later
import { Controller, Get, Param, UseInterceptors } from '@nestjs/common';
import { Refusal } from '../../../bookings/refusal.ts';
import { Registers } from '../../../database/registers.ts';
import { OpeningDesk } from '../../../front-desk/reception/opening-desk.ts';
import { WaysIn } from '../../../front-desk/rooms/ways-in.ts';
import { Clock, toMinute } from '../../../time/clock.ts';
import type { Arrival } from '../../../waiting-room/arrival.ts';
import { seeOther, SendAnswer, type Answer } from '../../answer.ts';
import { Pages } from '../../page.ts';
import { AtStaff, mayOr404 } from '../entrance/signed-in.ts';
import { Looks } from '../looks.ts';
import { StaffPages, type StaffSetting } from '../staff-pages.ts';
import { WAITING_ROOM } from './received.ts';
import { roomView } from './room-view.ts';

/** `/operatore/attesa/{id}/stanza`: the call with somebody who was let in. */
@Controller('operatore/attesa/:id/stanza')
@UseInterceptors(SendAnswer)
export class StaffRoomController {
  constructor(
    private readonly opening: OpeningDesk,
    private readonly registers: Registers,
    private readonly ways: WaysIn,
    private readonly looks: Looks,
    private readonly pages: StaffPages,
    private readonly words: Pages,
    private readonly clock: Clock,
  ) {}

  /** Whoever receives at that office may come in: to help a colleague, or to take the call up when it is held. */
  @Get()
  async enter(@AtStaff() setting: StaffSetting, @Param('id') id: string): Promise<Answer> {
    const { at, visit, staff } = setting;
    const arrival = await this.opening.find(at.authority, id);
    if (!arrival) throw new Refusal('not-found');
    mayOr404(staff, 'receive', arrival.officeId);
    if (arrival.status !== 'called' && arrival.status !== 'held') return seeOther(afterCall(arrival));
    const booking = arrival.kind === 'booking' ? await this.registers.books.byId(arrival.id) : null;
    if (booking)
      await this.looks.note(at.authority, staff, 'call', { reference: booking.reference, booking: booking.id });
    const way = await this.ways.of(at.authority, booking, arrival, { role: 'staff', name: staff.name });
    const { language } = visit;
    const look = { authority: at.authority, language, now: toMinute(this.clock.now()), t: this.words.words(language) };
    const view = roomView({ arrival, booking, way }, staff, look);
    if (arrival.status === 'held') return this.pages.show('staff/room-held', setting, view);
    if (way.url !== null) return this.pages.show('room/elsewhere', setting, view);
    return this.pages.show('room/room', setting, view, { call: true });
  }
}

/** Back to the waiting room, which says why when it was the citizen who went. */
function afterCall({ status }: Arrival): string {
  if (status === 'withdrawn') return `${WAITING_ROOM}?fatto=uscita`;
  return status === 'call_back' ? `${WAITING_ROOM}?fatto=telefono` : WAITING_ROOM;
}
