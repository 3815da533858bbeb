// SPDX-License-Identifier: AGPL-3.0-or-later
import { createHash, createHmac } from 'node:crypto';
import type { Config } from '../../config.ts';
import type { Millis } from '../../time/clock.ts';

/** An `RTCIceServer` (W3C WebRTC, 4.2.4). */
export interface IceServer {
  readonly urls: readonly string[];
  readonly username?: string;
  readonly credential?: string;
}

/** A call that lasts longer goes on: coturn looks at them when a relay is asked for, not after. */
const CREDENTIALS_MS: Millis = 10 * 60_000;

/**
 * What finds browsers a way to each other: STUN, and coturn with credentials of its REST API (`use-auth-secret`;
 * draft-uberti-behave-turn-rest): a username that says when it ends, and its HMAC under the secret we share.
 * @param who the same for one browser in one call, so that coturn can count what it uses; not told as it is
 */
export function iceServersFor({ stunUrls, turn }: Config['video'], who: string, now: Millis): IceServer[] {
  const stun = stunUrls.length ? [{ urls: stunUrls }] : [];
  if (!turn) return stun;
  const opaque = createHash('sha256').update(who).digest('base64url').slice(0, 16);
  const username = `${Math.floor((now + CREDENTIALS_MS) / 1000)}:${opaque}`;
  const credential = createHmac('sha1', turn.secret).update(username).digest('base64');
  return [...stun, { urls: turn.urls, username, credential }];
}
