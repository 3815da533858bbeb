// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Language } from '../../../bookings/booking.ts';
import type { Decision, Loss } from '../../../front-desk/hours/hours-desk.ts';
import type { Authority } from '../../../offices/authority.ts';
import { sayMoment, sayWhen } from '../../../time/say.ts';
import type { Minute } from '../../../time/interval.ts';
import type { Say } from '../../page.ts';

/** More rows than this nobody decides one by one: the rest goes as all go. */
const MOST_SHOWN = 200;

/** The choice for every booking of which nothing else is said. */
export const ALL = 'tutti';
const DECISION = 'd.';
const OFFER = 'm.';
const MOVE = 'move:';

interface Shown {
  readonly authority: Authority;
  readonly language: Language;
  readonly now: Minute;
  readonly t: Say;
}

/** Those of which the page says who comes. */
export const shownOf = (losses: readonly Loss[]): readonly Loss[] => losses.slice(0, MOST_SHOWN);

/** The bookings that lose their place, each with what may become of it, and the first new place of each. */
export function lossesView(
  losses: readonly Loss[],
  places: ReadonlyMap<string, readonly Minute[]>,
  decided: Readonly<Record<string, string>>,
  { authority, language, now, t }: Shown,
) {
  const isUndecided = undecided(losses, decided);
  const rows = shownOf(losses).map(({ booking, why }) => ({
    id: booking.id,
    reference: booking.reference,
    when: sayWhen(booking.start, booking.end, authority.zone, language, now),
    service: authority.anyService(booking.officeId, booking.serviceId)?.name ?? booking.serviceId,
    office: authority.anyOffice(booking.officeId)?.name ?? booking.officeId,
    name: `${booking.givenName} ${booking.familyName}`,
    phone: booking.phone,
    email: booking.email,
    why: t(`hours.why.${why}`),
    wrong: isUndecided.includes(booking.id),
    chosen: decided[DECISION + booking.id] ?? '',
    moves: (places.get(booking.id) ?? []).map((start) => ({
      value: `${MOVE}${start}`,
      text:
        start === booking.start
          ? t('hours.reseat')
          : t('hours.move-to', { when: sayMoment(start, authority.zone, language, now) }),
    })),
  }));
  const offers = losses.map(({ booking }) => ({
    name: OFFER + booking.id,
    value: String(places.get(booking.id)?.[0] ?? ''),
  }));
  return { rows, offers, more: losses.length - rows.length, undecided: isUndecided.length };
}

/** What a preview's form decides about the bookings that were on it; what it leaves open is left out. */
export function decisionsIn(form: Readonly<Record<string, string>>): Map<string, Decision> {
  const seen = Object.keys(form).flatMap((name) => (name.startsWith(OFFER) ? [name.slice(OFFER.length)] : []));
  const decisions = seen.map((id): [string, Decision | null] => {
    const choice = form[DECISION + id] || form[ALL] || '';
    return [id, decisionOf(choice === 'move' ? MOVE + (form[OFFER + id] ?? '') : choice)];
  });
  return new Map(decisions.flatMap(([id, decision]) => (decision ? [[id, decision] as const] : [])));
}

function decisionOf(choice: string): Decision | null {
  if (choice === 'keep' || choice === 'cancel') return { to: choice };
  const start = /^move:(\d{1,12})$/.exec(choice)?.[1];
  return start === undefined ? null : { to: 'move', start: Number(start) };
}

/** @returns ids; none before the form was sent. */
function undecided(losses: readonly Loss[], form: Readonly<Record<string, string>>): string[] {
  if (!Object.keys(form).length) return [];
  const decisions = decisionsIn(form);
  return losses.flatMap(({ booking }) => (decisions.has(booking.id) ? [] : [booking.id]));
}
