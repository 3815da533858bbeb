// SPDX-License-Identifier: AGPL-3.0-or-later
import { Injectable } from '@nestjs/common';
import { LONGEST_SESSION_MS } from '../../../access/session.ts';
import { Config } from '../../../config.ts';
import type { Authority } from '../../../offices/authority.ts';
import { publicUrlOf } from '../../../offices/public-address.ts';
import type { Visit } from '../../visit.ts';

/** 256 bits in base64url. */
const TOKEN = /^[\w-]{43}$/;
/** Half a year. */
const MARK_SECONDS = 180 * 86_400;
/** Lax, not Strict: whoever comes back from the OpenID provider must be known. */
const KEPT = 'Path=/; HttpOnly; SameSite=Lax';

/** The cookies of staff: `__Host-` on https, which no other host and no path can plant; a plain name on http. */
@Injectable()
export class StaffCookie {
  constructor(private readonly config: Config) {}

  /** The session's token. */
  read(authority: Authority, visit: Visit): string | null {
    return this.readNamed('staff', authority, visit);
  }

  give(authority: Authority, token: string): string {
    return this.giveNamed('staff', authority, token, LONGEST_SESSION_MS / 1000);
  }

  takeAway(authority: Authority): string {
    return this.giveNamed('staff', authority, '', 0);
  }

  /** What tells a browser where somebody has signed in before. */
  readMark(authority: Authority, visit: Visit): string | undefined {
    return this.readNamed('known', authority, visit) ?? undefined;
  }

  giveBoth(authority: Authority, { token, mark }: { readonly token: string; readonly mark: string }): string[] {
    return [this.give(authority, token), this.giveNamed('known', authority, mark, MARK_SECONDS)];
  }

  readNamed(name: string, authority: Authority, visit: Visit): string | null {
    const value = visit.cookie(this.#nameOf(name, authority));
    return value && TOKEN.test(value) ? value : null;
  }

  /** @param seconds how long it is kept; 0 takes it away */
  giveNamed(name: string, authority: Authority, value: string, seconds: number): string {
    const secure = this.#isHttps(authority) ? '; Secure' : '';
    return `${this.#nameOf(name, authority)}=${value}; Max-Age=${seconds}; ${KEPT}${secure}`;
  }

  #nameOf(name: string, authority: Authority): string {
    return `${this.#isHttps(authority) ? '__Host-' : ''}sportello-${name}`;
  }

  #isHttps(authority: Authority): boolean {
    return publicUrlOf(this.config.publicUrl, authority).startsWith('https:');
  }
}
