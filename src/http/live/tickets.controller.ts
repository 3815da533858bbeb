// SPDX-License-Identifier: AGPL-3.0-or-later
import { Body, Controller, Header, HttpCode, Param, Post } from '@nestjs/common';
import { z } from 'zod';
import { Refusal } from '../../bookings/refusal.ts';
import { OpeningDesk } from '../../front-desk/reception/opening-desk.ts';
import { RoomDesk } from '../../front-desk/rooms/room-desk.ts';
import { WaitingDesk } from '../../front-desk/reception/waiting-desk.ts';
import { SEAT } from '../../waiting-room/pass.ts';
import { AtAuthority, type AtHost } from '../authority-at-host.ts';
import { AtStaff, mayOr404 } from '../staff/entrance/signed-in.ts';
import type { StaffSetting } from '../staff/staff-pages.ts';

const Wish = z.object({ seat: z.string().regex(SEAT) });

/** @throws Refusal `not-found`, as for all else that is wrong here. */
function seatIn(body: unknown): string {
  const { success, data } = Wish.safeParse(body);
  if (!success) throw new Refusal('not-found');
  return data.seat;
}

/** `POST …/biglietto`: passes to the live events, good once and for a minute. */
@Controller()
export class TicketsController {
  constructor(
    private readonly waiting: WaitingDesk,
    private readonly opening: OpeningDesk,
    private readonly rooms: RoomDesk,
  ) {}

  @Post('incontro/:token/biglietto')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  async forCitizen(
    @AtAuthority() { authority }: AtHost,
    @Param('token') token: string,
    @Body() body: unknown,
  ): Promise<{ ticket: string }> {
    const seat = seatIn(body);
    const arrival = await this.waiting.find(authority, token);
    if (!arrival?.isLive) throw new Refusal('not-found');
    return { ticket: await this.rooms.ticketFor(arrival, seat) };
  }

  @Post('operatore/attesa/biglietto')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  async forQueue(@AtStaff() { staff }: StaffSetting, @Body() body: unknown): Promise<{ ticket: string }> {
    mayOr404(staff, 'receive');
    return { ticket: await this.rooms.staffTicket(staff, null, seatIn(body)) };
  }

  @Post('operatore/attesa/:id/biglietto')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  async forCall(
    @AtStaff() { at: { authority }, staff }: StaffSetting,
    @Param('id') id: string,
    @Body() body: unknown,
  ): Promise<{ ticket: string }> {
    const arrival = await this.opening.find(authority, id);
    if (!arrival?.isLive) throw new Refusal('not-found');
    mayOr404(staff, 'receive', arrival.officeId);
    return { ticket: await this.rooms.staffTicket(staff, arrival, seatIn(body)) };
  }
}
