// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Language } from '../bookings/booking.ts';

/** The language of an Accept-Language header (RFC 9110, 12.5.4) that we speak best; Italian when it names none. */
export function wantedLanguage(header: string | undefined): Language {
  const wanted = (header ?? '')
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.split(';').map((p) => p.trim().toLowerCase());
      const q = parameters.find((p) => p.startsWith('q='));
      return { language: tag.split('-')[0], weight: q ? Number(q.slice(2)) : 1 };
    })
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight)
    .find(({ language }) => language === 'it' || language === 'en' || language === '*');
  return wanted?.language === 'en' ? 'en' : 'it';
}
