// SPDX-License-Identifier: AGPL-3.0-or-later
import type { PushSubscription } from '../../../database/rows.ts';
import { toMinute } from '../../../time/clock.ts';
import { sayDay } from '../../../time/say.ts';
import type { Look } from '../agenda/booking-line.ts';

/** Whose push service it is, by the end of its host: as much as is known of a browser. */
const BROWSERS: Record<string, string> = {
  'googleapis.com': 'Chrome',
  'mozilla.com': 'Firefox',
  'windows.com': 'Edge',
  'apple.com': 'Safari',
};

/** A browser that is told of knocks, as its owner knows it again. */
export function browserView({ id, endpoint, createdAt }: PushSubscription, { authority, language, now }: Look) {
  const { hostname } = new URL(endpoint);
  const name = Object.entries(BROWSERS).find(([host]) => hostname.endsWith(`.${host}`))?.[1];
  return { id, name: name ?? hostname, day: sayDay(Math.floor(toMinute(createdAt)), authority.zone, language, now) };
}
