// SPDX-License-Identifier: AGPL-3.0-or-later
import { Controller, Get, Headers, Query, UseInterceptors } from '@nestjs/common';
import { Refusal } from '../../../bookings/refusal.ts';
import { Config } from '../../../config.ts';
import { Entrance } from '../../../front-desk/staff/entrance.ts';
import { OpenIdEntrance } from '../../../front-desk/staff/open-id-entrance.ts';
import type { Authority } from '../../../offices/authority.ts';
import { publicUrlOf } from '../../../offices/public-address.ts';
import { Answer, seeOther, SendAnswer } from '../../answer.ts';
import { AtAuthority, type AtHost } from '../../authority-at-host.ts';
import { text } from '../../citizen/choice.ts';
import { AtVisit, type Visit } from '../../visit.ts';
import { deviceOf } from './device.ts';
import { Errands } from './errands.ts';
import { Errand, OpenId, OpenIdFault } from './open-id.ts';
import { StaffCookie } from './staff-cookie.ts';
import { wayOn } from './way-on.ts';

/** `/operatore/oidc`: to the OpenID provider and back. */
@Controller('operatore/oidc')
@UseInterceptors(SendAnswer)
export class OpenIdController {
  constructor(
    private readonly openId: OpenId,
    private readonly openIdEntrance: OpenIdEntrance,
    private readonly entrance: Entrance,
    private readonly cookie: StaffCookie,
    private readonly errands: Errands,
    private readonly config: Config,
  ) {}

  @Get()
  async begin(@AtAuthority() { authority }: AtHost, @Query() query: Record<string, unknown>): Promise<Answer> {
    this.#needed();
    try {
      const poi = wayOn(text.parse(query['poi']));
      const { url, errand } = await this.openId.begin(this.#returnOf(authority).href, poi);
      return seeOther(url, await this.errands.begin('oidc', authority, errand));
    } catch (fault) {
      return explained(fault);
    }
  }

  @Get('ritorno')
  async finish(
    @AtAuthority() { authority }: AtHost,
    @AtVisit() visit: Visit,
    @Headers('user-agent') agent: string | undefined,
  ): Promise<Answer> {
    this.#needed();
    const errand = Errand.safeParse(await this.errands.end('oidc', authority, visit)).data;
    if (!errand || errand.state !== visit.query.get('state')) return atTheDoor('expired');
    try {
      const back = this.#returnOf(authority);
      back.search = visit.query.toString();
      const identity = await this.openId.finish(back, errand);
      const entered = await this.openIdEntrance.enter(authority, identity, deviceOf(agent));
      if (typeof entered === 'string') return atTheDoor(entered);
      const before = this.cookie.read(authority, visit);
      if (before) await this.entrance.forget(before);
      return seeOther(errand.poi, this.cookie.give(authority, entered.token));
    } catch (fault) {
      return explained(fault);
    }
  }

  #returnOf(authority: Authority): URL {
    return new URL(`${publicUrlOf(this.config.publicUrl, authority)}/operatore/oidc/ritorno`);
  }

  /** @throws Refusal `not-found` where there is no provider. */
  #needed(): void {
    if (!this.openId.name) throw new Refusal('not-found');
  }
}

const atTheDoor = (why: string): Answer => seeOther(`/operatore/accesso?perche=${why}`);

function explained(fault: unknown): Answer {
  if (!(fault instanceof OpenIdFault)) throw fault;
  return atTheDoor('provider');
}
