// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Say } from '../page.ts';

/** How long it still is, in words a person would use: `2 giorni e 3 ore`, `1 ora e 20 minuti`, `5 minuti`. */
export function sayAhead(minutes: number, t: Say): string {
  const left = Math.max(0, Math.ceil(minutes));
  const days = Math.floor(left / 1440);
  const hours = Math.floor((left % 1440) / 60);
  const rest = left % 60;
  const parts = days
    ? [count(days, 'day', t), count(hours, 'hour', t)]
    : [count(hours, 'hour', t), count(rest, 'minute', t)];
  return parts.filter(Boolean).join(t('ahead.and')) || count(1, 'minute', t);
}

const count = (n: number, unit: string, t: Say): string => (n ? t(`ahead.${unit}${n === 1 ? '' : 's'}`, { n }) : '');
