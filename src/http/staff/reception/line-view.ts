// SPDX-License-Identifier: AGPL-3.0-or-later
import { spaced } from '../../../bookings/reference.ts';
import type { QueueLine } from '../../../front-desk/reception/opening-desk.ts';
import type { WayIn } from '../../../front-desk/rooms/ways-in.ts';
import { toMinute, type Millis } from '../../../time/clock.ts';
import { sayTime } from '../../../time/say.ts';
import { sayAhead } from '../../citizen/ahead.ts';
import type { Say } from '../../page.ts';
import type { Look } from '../agenda/booking-line.ts';
import { sayTrouble } from '../video-trouble.ts';
import { roomPath, WAITING_ROOM } from './received.ts';

/** How somebody in the queue stands, as staff see it; each has a word, an icon and its own buttons. */
export type Stage = 'waiting' | 'gone' | 'with-me' | 'with-another' | 'held' | 'call-back';

const ICONS: Record<Stage, string> = {
  waiting: 'clock',
  gone: 'close-circle',
  'with-me': 'video',
  'with-another': 'user',
  held: 'minus-circle',
  'call-back': 'telephone',
};

/** With whose eyes the queue is looked at. */
export interface QueueLook extends Look {
  readonly staffId: string;
  readonly t: Say;
}

/** Somebody before a door, as a line of the page. @param way where the call will be held */
export function lineView(line: QueueLine, way: WayIn | null, look: QueueLook) {
  const { arrival, office, booking, gone } = line;
  const stage = stageOf(line, look.staffId);
  return {
    id: arrival.id,
    path: `${WAITING_ROOM}/${arrival.id}`,
    room: roomPath(arrival.id),
    stage,
    icon: ICONS[stage],
    name: booking?.isForgotten ? spaced(booking.reference) : arrival.name,
    number: arrival.number,
    officeId: office.id,
    office: office.name,
    from: arrival.handedFrom && (look.authority.anyOffice(arrival.handedFrom)?.name ?? arrival.handedFrom),
    by: arrival.staffName,
    waits: stage === 'waiting',
    isLate: line.unanswered && !gone,
    since: sayTime(Math.floor(toMinute(arrival.arrivedAt)), look.authority.zone, look.language),
    waited: waitedOf(arrival.arrivedAt, look),
    reason: arrival.reason,
    said: arrival.said,
    told: arrival.told,
    phone: arrival.phone,
    speaks: arrival.language === 'it' ? null : arrival.language,
    booked: booking && {
      href: `/operatore/appuntamenti/${booking.reference}`,
      time: sayTime(booking.start, look.authority.zone, look.language),
      service: look.authority.anyService(booking.officeId, booking.serviceId)?.name ?? '',
    },
    provider: way?.url ? look.t(`video.name.${way.provider}`) : null,
    trouble: way && sayTrouble(way, look.t),
  };
}

export type LineView = ReturnType<typeof lineView>;

function stageOf({ arrival, gone }: QueueLine, staffId: string): Stage {
  if (gone) return 'gone';
  if (arrival.status === 'called') return arrival.staffId === staffId ? 'with-me' : 'with-another';
  if (arrival.status === 'held') return 'held';
  return arrival.status === 'call_back' ? 'call-back' : 'waiting';
}

function waitedOf(since: Millis, { now, t }: QueueLook): string {
  const minutes = Math.floor(now - toMinute(since));
  return minutes < 1 ? t('queue.waited-now') : t('queue.waited', { time: sayAhead(minutes, t) });
}
