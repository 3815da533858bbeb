// SPDX-License-Identifier: AGPL-3.0-or-later
import { createHmac } from 'node:crypto';
import { SignJWT } from 'jose';
import { toMillis, type Clock, type Millis } from '../time/clock.ts';
import type { Call } from './call.ts';
import type { Person, Provider } from './provider.ts';

interface JitsiSettings {
  /** Without a slash at the end. */
  readonly url: string;
  readonly appId: string;
  readonly secret: string;
}

const ROOM_CHARACTERS = 32;
/** A little in the past, for a clock that is behind ours. */
const SKEW_MS: Millis = 60_000;
/** One who comes late, or again. */
const AFTER_THE_END_MS: Millis = 60 * 60_000;

/**
 * A Jitsi Meet of one's own that asks for a JSON Web Token (HS256). It has no API: a room is there as soon as somebody
 * enters it, under a name that nobody can guess, with a token of their own that says who is its moderator.
 */
export class Jitsi implements Provider {
  readonly name = 'jitsi';

  constructor(
    private readonly settings: JitsiSettings,
    private readonly clock: Clock,
  ) {}

  async enter(call: Call, who: Person): Promise<string> {
    const room = this.#roomOf(call);
    return `${this.settings.url}/${room}?${new URLSearchParams({ jwt: await this.#tokenFor(room, call, who) }).toString()}`;
  }

  /** The same for all who enter; letters and digits only, for some installations strip the rest. */
  #roomOf({ bookingId, generation }: Call): string {
    return createHmac('sha256', this.settings.secret)
      .update(`room:${bookingId}:${generation}`)
      .digest('hex')
      .slice(0, ROOM_CHARACTERS);
  }

  /** As lib-jitsi-meet reads it: `context.user` holds strings only, and a feature that is not named is not given: no recording. */
  #tokenFor(room: string, { end }: Call, { role, name }: Person): Promise<string> {
    const now = this.clock.now();
    const isStaff = role === 'staff';
    const user = {
      name,
      affiliation: isStaff ? 'owner' : 'member',
      moderator: String(isStaff),
      lobby_bypass: String(isStaff),
    };
    return new SignJWT({ room, context: { user, features: {} } })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setAudience('jitsi')
      .setIssuer(this.settings.appId)
      .setSubject('*')
      .setNotBefore(seconds(now - SKEW_MS))
      .setExpirationTime(seconds(Math.max(now, toMillis(end)) + AFTER_THE_END_MS))
      .sign(new TextEncoder().encode(this.settings.secret));
  }
}

const seconds = (ms: Millis): number => Math.floor(ms / 1000);
