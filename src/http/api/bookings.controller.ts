// SPDX-License-Identifier: AGPL-3.0-or-later
import { Body, Controller, Get, Headers, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Booking } from '../../bookings/booking.ts';
import { normalised } from '../../bookings/reference.ts';
import { Refusal } from '../../bookings/refusal.ts';
import { BookingDesk, type BookingRequest as Asked } from '../../front-desk/booking-desk.ts';
import { ChangeDesk } from '../../front-desk/change-desk.ts';
import type { Authority } from '../../offices/authority.ts';
import { rfc3339 } from '../../time/zone.ts';
import { Addresses } from '../addresses.ts';
import { AtAuthority, type AtHost } from '../authority-at-host.ts';
import { InviteFile } from '../invite-file.ts';
import { jsonHash } from '../json-hash.ts';
import { wantedLanguage } from '../wanted-language.ts';
import type { BookingAnswer } from './answers.ts';
import { bearerOf, idempotencyKeyOf, startOf } from './read-request.ts';
import { BookingRequest, CancellationRequest, MoveRequest } from './requests.ts';

/** Callers without a key of their own count as one. */
const ANYONE = 'anonymous';

@Controller('api/v1/bookings')
export class BookingsController {
  constructor(
    private readonly desk: BookingDesk,
    private readonly changes: ChangeDesk,
    private readonly addresses: Addresses,
    private readonly invites: InviteFile,
  ) {}

  @Post()
  async createBooking(
    @AtAuthority() { authority }: AtHost,
    @Req() request: FastifyRequest,
    @Body({ schema: BookingRequest }) body: BookingRequest,
    @Headers('idempotency-key') header?: string,
  ): Promise<BookingAnswer> {
    const key = idempotencyKeyOf(header);
    const language = wantedLanguage(request.headers['accept-language']);
    const asked = { ...wishOf(body, authority), language: body.language ?? language };
    const repeat = { caller: ANYONE, key, bodyHash: jsonHash(request.body) };
    return this.#say(authority, await this.desk.book(authority, asked, repeat));
  }

  @Get(':reference')
  async readBooking(
    @AtAuthority() { authority }: AtHost,
    @Param('reference') reference: string,
    @Headers('authorization') authorization?: string,
  ): Promise<BookingAnswer> {
    return this.#say(authority, await this.#find(authority, reference, authorization));
  }

  @Post(':reference/move')
  @HttpCode(200)
  async moveBooking(
    @AtAuthority() { authority }: AtHost,
    @Param('reference') reference: string,
    @Body({ schema: MoveRequest }) { start }: MoveRequest,
    @Headers('authorization') authorization?: string,
  ): Promise<BookingAnswer> {
    const booking = await this.#find(authority, reference, authorization);
    return this.#say(authority, await this.changes.move(authority, booking, startOf(start, authority.zone)));
  }

  @Post(':reference/cancellation')
  @HttpCode(200)
  async cancelBooking(
    @AtAuthority() { authority }: AtHost,
    @Param('reference') reference: string,
    @Body({ schema: CancellationRequest }) _nothing: unknown,
    @Headers('authorization') authorization?: string,
  ): Promise<BookingAnswer> {
    const booking = await this.#find(authority, reference, authorization);
    return this.#say(authority, await this.changes.cancel(authority, booking));
  }

  @Get(':reference/invite.ics')
  async downloadInvite(
    @AtAuthority() { authority }: AtHost,
    @Param('reference') reference: string,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Headers('authorization') authorization?: string,
  ): Promise<string> {
    const booking = await this.#find(authority, reference, authorization);
    void reply.headers(this.invites.headersOf(booking));
    return this.invites.textOf(authority, booking);
  }

  /** @throws Refusal `not-found` for a missing booking, another's token and no token alike. */
  async #find(authority: Authority, reference: string, authorization?: string): Promise<Booking> {
    const booking = await this.desk.byToken(authority, 'manage', bearerOf(authorization));
    if (booking?.reference !== normalised(reference)) throw new Refusal('not-found');
    return booking;
  }

  #say(authority: Authority, booking: Booking): BookingAnswer {
    const links = this.addresses.linksOf(authority, booking);
    return {
      reference: booking.reference,
      status: booking.status,
      office_id: booking.officeId,
      service_id: booking.serviceId,
      counter: authority.counterByKey(booking.counter)?.id ?? null,
      start: rfc3339(booking.start, authority.zone),
      end: rfc3339(booking.end, authority.zone),
      mode: booking.mode,
      meeting_url: links.meeting ?? undefined,
      manage_url: links.manage,
      manage_token: this.addresses.manageTokenOf(booking),
      sequence: booking.sequence,
    };
  }
}

function wishOf(body: BookingRequest, { zone }: Authority): Omit<Asked, 'language'> {
  const fields = Object.entries(body.fields ?? {}).map(([id, value]) => [id, String(value)]);
  return {
    officeId: body.office_id,
    serviceId: body.service_id,
    start: startOf(body.start, zone),
    mode: body.mode,
    citizen: {
      givenName: body.citizen.given_name,
      familyName: body.citizen.family_name,
      email: body.citizen.email,
      phone: body.citizen.phone ?? null,
    },
    reason: body.reason || null,
    fields: Object.fromEntries(fields) as Record<string, string>,
    caseNumber: body.case_number ?? null,
    hold: body.hold,
  };
}
