// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Language } from '../../../bookings/booking.ts';
import type { Authority } from '../../../offices/authority.ts';
import type { Office } from '../../../offices/definition.ts';
import type { Minute } from '../../../time/interval.ts';
import { sayDay, sayTime } from '../../../time/say.ts';
import { dayOf } from '../../../time/zone.ts';
import type { DoorState } from '../../../waiting-room/door.ts';
import type { Say } from '../../page.ts';
import { addressOf, publicServices } from '../choice.ts';
import { sayHours } from '../hours.ts';

/** With whose eyes and when a door is looked at. */
export interface DoorLook {
  readonly authority: Authority;
  readonly language: Language;
  readonly now: Minute;
  readonly t: Say;
}

/** An office's virtual door as a citizen reads it. */
export interface DoorView {
  readonly office: Office;
  readonly state: DoorState['state'];
  /** `Occupato, in attesa: 2`. */
  readonly word: string;
  /** Until when, why, or when next: `Torna aperto martedì 30 marzo alle 9:00`; empty for nothing to add. */
  readonly more: string;
  /** The week in one line; empty when it only opens on some days. */
  readonly hours: string;
  /** Whether one may knock now. */
  readonly knocks: boolean;
  readonly knock: string;
  /** Null where nothing can be booked. */
  readonly book: string | null;
}

export function doorViewOf(office: Office, door: DoorState, look: DoorLook): DoorView {
  const { authority, language, now, t } = look;
  return {
    office,
    state: door.state,
    word: t(`door.${door.state}`, { n: door.waiting }),
    more: sayMore(door, look),
    hours: sayHours(office.receptionHours ?? office.openingHours, 'public', language, dayOf(now, authority.zone)),
    knocks: isOpen(door),
    knock: knockOf(office.id),
    book: publicServices(office).length ? addressOf('/prenota', { ufficio: office.id }) : null,
  };
}

export const knockOf = (officeId: string): string => `/ricevimento/${encodeURIComponent(officeId)}`;

/** Whether whoever knocks now is let into the waiting room. */
export const isOpen = ({ state }: DoorState): boolean => state === 'open' || state === 'busy';

function sayMore({ state, sentence, until, next }: DoorState, { authority, language, now, t }: DoorLook): string {
  if (state === 'none') return '';
  if (state === 'paused') return t('door.sentence', { sentence: sentence ?? '' });
  if (state !== 'closed')
    return until === null ? '' : t('door.until', { time: sayTime(until, authority.zone, language) });
  if (next === null) return t('door.never');
  const time = sayTime(next, authority.zone, language);
  if (dayOf(next, authority.zone) === dayOf(now, authority.zone)) return t('door.next-today', { time });
  return t('door.next', { day: sayDay(next, authority.zone, language, now), time });
}
