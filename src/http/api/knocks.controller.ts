// SPDX-License-Identifier: AGPL-3.0-or-later
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Refusal } from '../../bookings/refusal.ts';
import { WaitingDesk, type Stage } from '../../front-desk/reception/waiting-desk.ts';
import type { Authority } from '../../offices/authority.ts';
import { formatDuration } from '../../time/duration.ts';
import { toMinute } from '../../time/clock.ts';
import { rfc3339 } from '../../time/zone.ts';
import type { Arrival } from '../../waiting-room/arrival.ts';
import { Addresses } from '../addresses.ts';
import { AtAuthority, type AtHost } from '../authority-at-host.ts';
import { wantedLanguage } from '../wanted-language.ts';
import type { KnockAnswer } from './answers.ts';
import { KnockRequest } from './requests.ts';

/** Knocks at the virtual doors. The id of one is the secret of its link: whoever has it is who knocked. */
@Controller('api/v1')
export class KnocksController {
  constructor(
    private readonly desk: WaitingDesk,
    private readonly addresses: Addresses,
  ) {}

  @Post('offices/:office_id/knocks')
  async createKnock(
    @AtAuthority() { authority }: AtHost,
    @Param('office_id') officeId: string,
    @Req() request: FastifyRequest,
    @Body({ schema: KnockRequest }) asked: KnockRequest,
  ): Promise<KnockAnswer> {
    const office = authority.office(officeId);
    if (!office) throw new Refusal('not-found');
    const language = asked.language ?? wantedLanguage(request.headers['accept-language']);
    const knock = { name: asked.name, reason: asked.reason ?? null, language };
    const { arrival, token } = await this.desk.knock(authority, office, knock);
    return this.#say(authority, arrival, token);
  }

  @Get('knocks/:knock_id')
  async readKnock(@AtAuthority() { authority }: AtHost, @Param('knock_id') id: string): Promise<KnockAnswer> {
    return this.#say(authority, await this.#find(authority, id), id);
  }

  @Delete('knocks/:knock_id')
  @HttpCode(204)
  async withdrawKnock(@AtAuthority() { authority }: AtHost, @Param('knock_id') id: string): Promise<void> {
    await this.desk.withdraw(await this.#find(authority, id));
  }

  /** @throws Refusal `not-found`, also for the link of an appointment: that is no knock */
  async #find(authority: Authority, id: string): Promise<Arrival> {
    const arrival = await this.desk.find(authority, id);
    if (arrival?.kind !== 'knock') throw new Refusal('not-found');
    return arrival;
  }

  async #say(authority: Authority, knocked: Arrival, id: string): Promise<KnockAnswer> {
    const { arrival, stage, ahead, estimate } = await this.desk.look(authority, knocked);
    return {
      id,
      office_id: arrival.officeId,
      status: SAID[stage],
      number: arrival.number,
      ahead,
      estimate: estimate === null ? null : formatDuration({ days: 0, minutes: estimate }),
      url: this.addresses.waitingRoomOf(authority, arrival.officeId, id),
      created_at: rfc3339(toMinute(arrival.arrivedAt), authority.zone),
    };
  }
}

const SAID: Record<Stage, KnockAnswer['status']> = {
  waiting: 'waiting',
  called: 'called',
  held: 'held',
  'call-back': 'call_back',
  gone: 'gone',
  closed: 'closed',
  withdrawn: 'withdrawn',
};
