// SPDX-License-Identifier: AGPL-3.0-or-later
import { instantOf } from '../time/day.ts';
import type { Minute } from '../time/interval.ts';
import { dayOf } from '../time/zone.ts';
import type { Mark } from './status.ts';

/** From when a mark can be true: nobody comes before the day, and nobody is missing before the time. */
export function markableFrom(mark: Mark, start: Minute, zone: string): Minute {
  if (mark === 'confirmed') return 0;
  return mark === 'no_show' ? start : instantOf(dayOf(start, zone), 0, zone);
}
