// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Office } from '../../offices/definition.ts';
import { toMillis, type Millis } from '../../time/clock.ts';
import type { Arrival } from '../../waiting-room/arrival.ts';

/** Whether somebody has waited longer than the office asks of anybody. */
export const isUnanswered = ({ status, waitsSince }: Arrival, { receptionPatience }: Office, now: Millis): boolean =>
  status === 'waiting' && now >= waitsSince + toMillis(receptionPatience);
