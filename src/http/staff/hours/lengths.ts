// SPDX-License-Identifier: AGPL-3.0-or-later
import { formatDuration, parseDuration } from '../../../time/duration.ts';
import type { Say } from '../../page.ts';

const UNITS = ['day', 'hour', 'minute'] as const;

/** `PT1H30M` as a person would write it: `1 ora e 30 minuti`. What is no length is left as it is. */
export function sayLength(length: string, t: Say): string {
  const duration = parsed(length);
  if (!duration) return length;
  const { days, minutes } = duration;
  const counts = { day: days, hour: Math.floor(minutes / 60), minute: minutes % 60 };
  const said = UNITS.filter((unit) => counts[unit]).map((unit) => sayCount(counts[unit], unit, t));
  return said.join(t('ahead.and')) || sayCount(0, 'minute', t);
}

const sayCount = (n: number, unit: (typeof UNITS)[number], t: Say): string =>
  t(`ahead.${unit}${n === 1 ? '' : 's'}`, { n });

/** The words people use, in both languages, and the letters of ISO 8601 after them. */
const PART = /(\d{1,6})\s*(giorn[oi]|days?|gg?|or[ae]|hours?|h|minut[oi]|minutes?|min|m)(?![a-z])/gi;

/** `1 ora e 30 minuti`, `90 min` or `PT90M` as the file writes it; what cannot be understood as it was written. */
export function readLength(text: string): string {
  const written = text.trim();
  if (/^P/i.test(written)) return written.toUpperCase();
  if (written.replace(PART, '').replace(/\b(e|and)\b|[\s,]/gi, '')) return written;
  let days = 0;
  let minutes = 0;
  for (const [, count, unit = ''] of written.matchAll(PART)) {
    if (/^[dg]/i.test(unit)) days += Number(count);
    else minutes += Number(count) * (/^[oh]/i.test(unit) ? 60 : 1);
  }
  return written && formatDuration({ days, minutes });
}

function parsed(length: string): { days: number; minutes: number } | null {
  try {
    return parseDuration(length);
  } catch {
    return null;
  }
}
