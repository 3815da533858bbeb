// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Office } from '../../../offices/definition.ts';
import { sayMoment, sayTime } from '../../../time/say.ts';
import type { DoorState } from '../../../waiting-room/door.ts';
import type { Say } from '../../page.ts';
import type { Look } from '../agenda/booking-line.ts';

const ICONS: Record<DoorState['state'], string> = {
  open: 'unlocked',
  busy: 'user',
  paused: 'minus-circle',
  closed: 'locked',
  none: 'locked',
};

/** A virtual door as those who receive behind it see it. */
export function doorView({ id, name }: Office, door: DoorState, look: Look) {
  const { authority, language, now } = look;
  const { state, waiting, sentence, until, next } = door;
  return {
    id,
    name,
    state,
    icon: ICONS[state],
    waiting,
    sentence,
    until: until === null ? null : sayTime(until, authority.zone, language),
    next: next === null ? null : sayMoment(next, authority.zone, language, now),
    isPaused: state === 'paused',
    mayPause: state === 'open' || state === 'busy',
  };
}

const STEP = 15;
const SHORTEST_BREAK = 10;

/**
 * Sentences for a pause that need no typing, in the language of the citizens. The time is the next quarter of an hour
 * that leaves ten minutes: each press offers one that is true.
 */
export function readySentences({ authority, now }: Look, italian: Say): string[] {
  const back = Math.ceil((now + SHORTEST_BREAK) / STEP) * STEP;
  return [
    italian('queue.ready.back', { time: sayTime(back, authority.zone, 'it') }),
    italian('queue.ready.soon'),
    italian('queue.ready.booked'),
  ];
}
