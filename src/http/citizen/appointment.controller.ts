// SPDX-License-Identifier: AGPL-3.0-or-later
import { Body, Controller, Get, Param, Post, Query, UseInterceptors } from '@nestjs/common';
import { z } from 'zod';
import type { Booking } from '../../bookings/booking.ts';
import { linksOf } from '../../bookings/links.ts';
import { Refusal } from '../../bookings/refusal.ts';
import { Tokens } from '../../bookings/token.ts';
import { Config } from '../../config.ts';
import { BookingDesk } from '../../front-desk/booking-desk.ts';
import { ChangeDesk } from '../../front-desk/change-desk.ts';
import { publicUrlOf } from '../../offices/public-address.ts';
import { Timetable } from '../../front-desk/timetable.ts';
import type { Authority } from '../../offices/authority.ts';
import { Clock, toMinute } from '../../time/clock.ts';
import { readStart, rfc3339 } from '../../time/zone.ts';
import { AtAuthority, type AtHost } from '../authority-at-host.ts';
import { InviteFile } from '../invite-file.ts';
import { Pages } from '../page.ts';
import { Answer, seeOther, SendAnswer } from './answer.ts';
import { appointmentOf } from './appointment-view.ts';
import { addressOf, text } from './choice.ts';
import { offerWithin } from './offer.ts';
import { pickerOf, placeOf, readLost } from './picker.ts';
import { AtVisit, type Visit } from './visit.ts';

const MoveForm = z.object({ start: text });

/** `/appuntamento/{token}`: see, move and call off an appointment. Whoever has the link may; a GET changes nothing. */
@Controller('appuntamento/:token')
@UseInterceptors(SendAnswer)
export class AppointmentController {
  constructor(
    private readonly pages: Pages,
    private readonly desk: BookingDesk,
    private readonly changes: ChangeDesk,
    private readonly file: InviteFile,
    private readonly timetable: Timetable,
    private readonly tokens: Tokens,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  @Get()
  async see(
    @AtAuthority() at: AtHost,
    @AtVisit() visit: Visit,
    @Param('token') token: string,
    @Query() query: Record<string, unknown>,
  ) {
    const booking = await this.#booking(at.authority, token);
    return this.#show('appointment', at, visit, token, booking, { moved: 'spostato' in query });
  }

  @Get('confermato')
  async confirmed(@AtAuthority() at: AtHost, @AtVisit() visit: Visit, @Param('token') token: string): Promise<Answer> {
    const booking = await this.#booking(at.authority, token);
    if (!booking.isLive) return seeOther(here(token));
    return this.#show('confirmed', at, visit, token, booking);
  }

  @Get('invito.ics')
  async invite(@AtAuthority() { authority }: AtHost, @Param('token') token: string): Promise<Answer> {
    const booking = await this.#booking(authority, token);
    const headers = {
      ...this.file.headersOf(booking),
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    };
    return new Answer(200, headers, this.file.textOf(authority, booking));
  }

  @Get('sposta')
  async chooseNewTime(
    @AtAuthority() at: AtHost,
    @AtVisit() visit: Visit,
    @Param('token') token: string,
    @Query() query: Record<string, unknown>,
  ): Promise<Answer> {
    const { authority } = at;
    const booking = await this.#booking(authority, token);
    const office = authority.office(booking.officeId);
    const service = authority.service(booking.officeId, booking.serviceId);
    if (!office || !service || !this.#view(authority, booking, visit).changeable)
      return this.#show('unchangeable', at, visit, token, booking, { to: 'move' });
    const now = toMinute(this.clock.now());
    const wanted = readStart(text.parse(query['nuovo']).split('@').at(-1)!, authority.zone);
    if ('minute' in wanted) {
      const slot = { officeId: office.id, start: wanted.minute, end: wanted.minute + service.duration };
      const place = placeOf(slot, authority, visit.language, now);
      const start = rfc3339(wanted.minute, authority.zone);
      return this.#show('move-confirm', at, visit, token, booking, { place, start });
    }
    const look = { timetable: this.timetable, authority, language: visit.language, now };
    const asked = { serviceId: service.id, offices: [office], mode: booking.mode, except: booking };
    const offered = await offerWithin(look, asked);
    const slots = offered.filter((s) => s.start !== booking.start);
    const from = text.parse(query['dal']) || text.parse(query['mese']);
    const lost = readLost(query, authority.zone);
    return this.#show('move', at, visit, token, booking, {
      picker: pickerOf({ ...look, slots, from, lost: lost?.start ?? null }),
      lost: lost?.why ?? null,
      anywhere: false,
      hidden: {},
      here: (more: Record<string, string>) => addressOf(`${here(token)}/sposta`, more),
    });
  }

  @Post('sposta')
  async move(
    @AtAuthority() { authority }: AtHost,
    @Param('token') token: string,
    @Body() body: unknown,
  ): Promise<Answer> {
    const booking = await this.#booking(authority, token);
    const start = readStart(MoveForm.parse(body ?? {}).start, authority.zone);
    if (!('minute' in start)) return seeOther(`${here(token)}/sposta`);
    try {
      await this.changes.move(authority, booking, start.minute);
      return seeOther(`${here(token)}?spostato=1`);
    } catch (fault) {
      if (!(fault instanceof Refusal)) throw fault;
      const why = fault.reason === 'slot-taken' ? 'occupato' : 'passato';
      return seeOther(addressOf(`${here(token)}/sposta`, { [why]: rfc3339(start.minute, authority.zone) }));
    }
  }

  @Get('annulla')
  async askToCancel(
    @AtAuthority() at: AtHost,
    @AtVisit() visit: Visit,
    @Param('token') token: string,
  ): Promise<Answer> {
    const booking = await this.#booking(at.authority, token);
    if (!booking.isLive) return seeOther(here(token));
    const { changeable } = this.#view(at.authority, booking, visit);
    return this.#show(changeable ? 'cancel' : 'unchangeable', at, visit, token, booking, { to: 'cancel' });
  }

  @Post('annulla')
  async cancel(@AtAuthority() { authority }: AtHost, @Param('token') token: string): Promise<Answer> {
    const booking = await this.#booking(authority, token);
    try {
      await this.changes.cancel(authority, booking);
      return seeOther(here(token));
    } catch (fault) {
      if (fault instanceof Refusal && fault.reason === 'too-late') return seeOther(`${here(token)}/annulla`);
      throw fault;
    }
  }

  async #booking(authority: Authority, token: string): Promise<Booking> {
    const booking = await this.desk.byToken(authority, 'manage', token);
    if (!booking) throw new Refusal('not-found');
    return booking;
  }

  #links(authority: Authority, booking: Booking) {
    return linksOf(booking, this.tokens, publicUrlOf(this.config.publicUrl, authority, booking.officeId));
  }

  #view(authority: Authority, booking: Booking, { language }: Visit) {
    return appointmentOf(authority, booking, this.#links(authority, booking), language, this.clock.now());
  }

  #show(template: string, at: AtHost, visit: Visit, token: string, booking: Booking, more: object = {}): Answer {
    const view = { ...this.#view(at.authority, booking, visit), base: here(token), ...more };
    return this.pages.show(template, { at, visit }, view, { kind: 'token' });
  }
}

/** Whoever posts here knows the token already: no other site does, and old browsers hide where they come from. */
export const FORMS_UNDER_A_TOKEN = ['appuntamento/:token/sposta', 'appuntamento/:token/annulla'];

/** The page's own address, without a host: a citizen who came by another name of the authority stays there. */
const here = (token: string): string => `/appuntamento/${encodeURIComponent(token)}`;
