// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Waiting } from '../../../front-desk/reception/waiting-desk.ts';
import type { Say } from '../../page.ts';
import { sayAhead } from '../ahead.ts';
import { doorViewOf, type DoorLook } from '../reception/door-view.ts';

/** How somebody waits, as they read it themselves. */
export function waitingViewOf(waiting: Waiting, look: DoorLook) {
  const { arrival, stage, ahead, estimate, door } = waiting;
  const { authority, now, t } = look;
  const office = authority.anyOffice(arrival.officeId)!;
  const from = arrival.handedFrom === null ? undefined : authority.anyOffice(arrival.handedFrom);
  // Whom nobody has answered in time, or who reads that the office pauses, is not told that it is soon.
  const isSlow = waiting.unanswered || door.state === 'paused';
  return {
    number: arrival.number,
    name: arrival.name,
    said: arrival.said,
    told: arrival.told,
    phone: arrival.phone,
    talked: arrival.calledAt !== null,
    handedFrom: from?.name ?? null,
    place: stage === 'waiting' ? sayPlace(ahead, isSlow, t) : null,
    estimate: estimate === null || isSlow ? '' : sayEstimate(estimate, t),
    /** Counted from their appointment, so nothing is promised before it. */
    patience: arrival.due !== null && arrival.due > now ? null : office.receptionPatience,
    door: doorViewOf(office, door, look),
  };
}

function sayPlace(ahead: number, isSlow: boolean, t: Say): string {
  if (ahead === 0) return t(isSlow ? 'meeting.ahead-next' : 'meeting.ahead-none');
  return ahead === 1 ? t('meeting.ahead-one') : t('meeting.ahead-many', { n: ahead });
}

/** A guess sounds like one: no minute is promised. */
const sayEstimate = (minutes: number, t: Say): string =>
  minutes < 2 ? t('meeting.estimate-short') : t('meeting.estimate', { time: sayAhead(rounded(minutes), t) });

const rounded = (minutes: number): number => (minutes < 10 ? Math.ceil(minutes) : Math.ceil(minutes / 5) * 5);
