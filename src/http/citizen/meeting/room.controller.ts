// SPDX-License-Identifier: AGPL-3.0-or-later
import { Controller, Get, Param, UseInterceptors } from '@nestjs/common';
import { WaitingDesk } from '../../../front-desk/reception/waiting-desk.ts';
import { WaysIn } from '../../../front-desk/rooms/ways-in.ts';
import { toMinute, Clock } from '../../../time/clock.ts';
import type { Arrival } from '../../../waiting-room/arrival.ts';
import { seeOther, SendAnswer, type Answer } from '../../answer.ts';
import { AtAuthority, type AtHost } from '../../authority-at-host.ts';
import { sayWhen } from '../../../time/say.ts';
import { Pages } from '../../page.ts';
import { AtVisit, type Visit } from '../../visit.ts';
import { contactOf } from '../contact.ts';
import { Meetings, pathOf, type Met } from './meetings.ts';

/** The call of whoever has the link of a meeting, and the check of camera and microphone before it. */
@Controller('incontro/:token')
@UseInterceptors(SendAnswer)
export class RoomController {
  constructor(
    private readonly meetings: Meetings,
    private readonly waiting: WaitingDesk,
    private readonly ways: WaysIn,
    private readonly pages: Pages,
    private readonly clock: Clock,
  ) {}

  /** Who tries them while they wait keeps their place, and is brought from here into the call. */
  @Get('prova')
  async check(@AtAuthority() at: AtHost, @AtVisit() visit: Visit, @Param('token') token: string): Promise<Answer> {
    const met = await this.meetings.find(at, token);
    const path = pathOf(met);
    const { arrival } = met;
    if (arrival?.status === 'called') return seeOther(`${path}/stanza`);
    const waits = arrival?.status === 'waiting' || arrival?.status === 'held';
    if (waits && !(await this.waiting.touch(arrival.id))) return seeOther(path);
    const office = at.authority.anyOffice((arrival ?? met.booking)!.officeId)!;
    const view = { back: path, waits, contact: contactOf(at.authority, office) };
    return this.pages.show('room/check', { at, visit }, view, { kind: 'token', call: true });
  }

  /** Only while somebody talks with them: whatever else has become of it, the meeting's page says. */
  @Get('stanza')
  async enter(@AtAuthority() at: AtHost, @AtVisit() visit: Visit, @Param('token') token: string): Promise<Answer> {
    const met = await this.meetings.find(at, token);
    const { booking, arrival } = met;
    if (arrival?.status !== 'called') return seeOther(pathOf(met));
    const view = this.#view(at, visit, met, arrival);
    const who = { role: 'citizen', name: arrival.name } as const;
    const { url, provider } = await this.ways.of(at.authority, booking, arrival, who);
    if (url !== null)
      return this.pages.show('room/elsewhere', { at, visit }, { ...view, url, provider }, { kind: 'token' });
    return this.pages.show('room/room', { at, visit }, view, { kind: 'token', call: true });
  }

  #view({ authority }: AtHost, { language }: Visit, met: Met, arrival: Arrival) {
    const { booking } = met;
    const office = authority.anyOffice(arrival.officeId)!;
    const service = booking && authority.anyService(booking.officeId, booking.serviceId);
    const now = toMinute(this.clock.now());
    const path = pathOf(met);
    return {
      path,
      back: path,
      callBack: `${path}/richiamami`,
      other: office.name,
      about: booking
        ? `${service?.name ?? ''} · ${sayWhen(booking.start, booking.end, authority.zone, language, now)}`
        : authority.definition.name,
      contact: contactOf(authority, office),
      staffSide: null,
    };
  }
}
