// SPDX-License-Identifier: AGPL-3.0-or-later
import { Controller, Get, Headers, Query, UseInterceptors } from '@nestjs/common';
import { Chance } from '../../../bookings/chance.ts';
import { Refusal } from '../../../bookings/refusal.ts';
import { sha256 } from '../../../bookings/token.ts';
import { Config } from '../../../config.ts';
import { Drafts } from '../../../database/drafts.ts';
import { Entrance } from '../../../front-desk/staff/entrance.ts';
import { OpenIdEntrance } from '../../../front-desk/staff/open-id-entrance.ts';
import type { Authority } from '../../../offices/authority.ts';
import { publicUrlOf } from '../../../offices/public-address.ts';
import { Answer, seeOther, SendAnswer } from '../../answer.ts';
import { AtAuthority, type AtHost } from '../../authority-at-host.ts';
import { text } from '../../citizen/choice.ts';
import { AtVisit, type Visit } from '../../visit.ts';
import { deviceOf } from './device.ts';
import { Errand, OpenId, OpenIdFault } from './open-id.ts';
import { StaffCookie } from './staff-cookie.ts';
import { wayOn } from './way-on.ts';

/** Long enough to find one's telephone for the second factor. */
const ERRAND_MS = 10 * 60_000;
const COOKIE = 'oidc';

/** `/operatore/oidc`: to the OpenID provider and back. The errand is kept here, under the hash of a cookie. */
@Controller('operatore/oidc')
@UseInterceptors(SendAnswer)
export class OpenIdController {
  constructor(
    private readonly openId: OpenId,
    private readonly openIdEntrance: OpenIdEntrance,
    private readonly entrance: Entrance,
    private readonly cookie: StaffCookie,
    private readonly drafts: Drafts,
    private readonly chance: Chance,
    private readonly config: Config,
  ) {}

  @Get()
  async begin(@AtAuthority() { authority }: AtHost, @Query() query: Record<string, unknown>): Promise<Answer> {
    this.#needed();
    try {
      const poi = wayOn(text.parse(query['poi']));
      const { url, errand } = await this.openId.begin(this.#returnOf(authority).href, poi);
      const name = this.chance.text(32);
      await this.drafts.write(keyOf(authority, name), authority.id, errand, ERRAND_MS);
      return seeOther(url, this.cookie.giveNamed(COOKIE, authority, name, ERRAND_MS / 1000));
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
    const errand = await this.#errandOf(authority, visit);
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

  /** An errand is done once, however it ends. */
  async #errandOf(authority: Authority, visit: Visit): Promise<Errand | null> {
    const name = this.cookie.readNamed(COOKIE, authority, visit);
    const kept = name && (await this.drafts.read(keyOf(authority, name)));
    if (!kept) return null;
    await this.drafts.write(keyOf(authority, name), authority.id, {}, 0);
    return Errand.safeParse(kept.answers).data ?? null;
  }

  #returnOf(authority: Authority): URL {
    return new URL(`${publicUrlOf(this.config.publicUrl, authority)}/operatore/oidc/ritorno`);
  }

  /** @throws Refusal `not-found` where there is no provider. */
  #needed(): void {
    if (!this.openId.name) throw new Refusal('not-found');
  }
}

const keyOf = (authority: Authority, name: string): string => sha256(`oidc/${authority.id}/${name}`);

const atTheDoor = (why: string): Answer => seeOther(`/operatore/accesso?perche=${why}`);

function explained(fault: unknown): Answer {
  if (!(fault instanceof OpenIdFault)) throw fault;
  return atTheDoor('provider');
}
