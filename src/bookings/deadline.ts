// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Office } from '../offices/definition.ts';
import { toMinute } from '../time/clock.ts';
import { after } from '../time/duration.ts';
import type { Minute } from '../time/interval.ts';
import type { Booking } from './booking.ts';

/** Until when the office may say yes to a booking that waits: not beyond its start. */
export const answerBy = (
  { createdAt, start }: Pick<Booking, 'createdAt' | 'start'>,
  { answerWithin }: Pick<Office, 'answerWithin'>,
  zone: string,
): Minute => Math.min(start, after(Math.floor(toMinute(createdAt)), answerWithin, zone));
