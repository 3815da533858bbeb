// SPDX-License-Identifier: AGPL-3.0-or-later
import { Injectable } from '@nestjs/common';
import { Chance } from '../../../bookings/chance.ts';
import { sha256 } from '../../../bookings/token.ts';
import { Drafts } from '../../../database/drafts.ts';
import type { Authority } from '../../../offices/authority.ts';
import type { Visit } from '../../visit.ts';
import { StaffCookie } from './staff-cookie.ts';

/** Long enough to find one's telephone for the second factor. */
const ERRAND_MS = 10 * 60_000;

/** To whom somebody is sent: the OpenID provider, or Google's page of consent. */
type Errand = 'oidc' | 'google';

/** What is remembered of somebody sent to another site, until they are back: kept here, under the hash of a cookie. */
@Injectable()
export class Errands {
  constructor(
    private readonly cookie: StaffCookie,
    private readonly drafts: Drafts,
    private readonly chance: Chance,
  ) {}

  /** @returns the cookie to be given. */
  async begin(errand: Errand, authority: Authority, what: object): Promise<string> {
    const name = this.chance.text(32);
    await this.drafts.write(keyOf(errand, authority, name), authority.id, what, ERRAND_MS);
    return this.cookie.giveNamed(errand, authority, name, ERRAND_MS / 1000);
  }

  /** What was remembered, once: an errand is done, however it ends. */
  async end(errand: Errand, authority: Authority, visit: Visit): Promise<unknown> {
    const name = this.cookie.readNamed(errand, authority, visit);
    const kept = name && (await this.drafts.read(keyOf(errand, authority, name)));
    if (!kept) return null;
    await this.drafts.write(keyOf(errand, authority, name), authority.id, {}, 0);
    return kept.answers;
  }
}

const keyOf = (errand: Errand, authority: Authority, name: string): string =>
  sha256(`${errand}/${authority.id}/${name}`);
