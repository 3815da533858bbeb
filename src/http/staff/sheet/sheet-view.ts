// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Booking } from '../../../bookings/booking.ts';
import type { HistoryEntry } from '../../../bookings/change.ts';
import { spaced } from '../../../bookings/reference.ts';
import { answerBy } from '../../../bookings/deadline.ts';
import { markableFrom } from '../../../bookings/marking.ts';
import { isAhead, MARKS, mayBeMarked } from '../../../bookings/status.ts';
import type { KeyedCounter } from '../../../offices/authority.ts';
import { standsOutside } from '../../../front-desk/hours/standing.ts';
import { toMinute } from '../../../time/clock.ts';
import { sayMoment, sayWhen } from '../../../time/say.ts';
import { dayOf } from '../../../time/zone.ts';
import { bookingLine, type Look } from '../agenda/booking-line.ts';

/** A booking with what is known beside it. */
export interface Known {
  readonly booking: Booking;
  readonly history: readonly HistoryEntry[];
  /** Other counters that are free at its time. */
  readonly seats: readonly KeyedCounter[];
}

/** Everything about one booking, as staff read it. */
export function sheetView({ booking, history, seats }: Known, look: Look) {
  const { authority, language, now } = look;
  const { zone } = authority;
  const office = authority.anyOffice(booking.officeId)!;
  const day = dayOf(booking.start, zone);
  return {
    ...bookingLine(booking, look),
    code: booking.reference,
    version: booking.version,
    isForgotten: booking.isForgotten,
    who: booking.isForgotten ? spaced(booking.reference) : `${booking.givenName} ${booking.familyName}`,
    when: sayWhen(booking.start, booking.end, zone, language, now),
    email: booking.email,
    speaks: booking.language,
    isVideo: booking.mode === 'video',
    why: isAhead(booking.status) ? standsOutside(authority, booking) : null,
    answerBy: booking.status === 'pending' ? sayMoment(answerBy(booking, office, zone), zone, language, now) : null,
    agenda: `/operatore/agenda?${new URLSearchParams({ ufficio: office.id, giorno: day }).toString()}`,
    ...actsOf(booking, look),
    seats: booking.isLive && !booking.isForgotten ? seats.map(({ key, name }) => ({ key, name })) : [],
    history: history.map((entry) => entryView(entry, look)),
  };
}

/** What may be done with it now. */
function actsOf(booking: Booking, { authority, now }: Look) {
  const { status, mode, start, isForgotten } = booking;
  if (isForgotten) return { isWaiting: false, isAhead: false, movable: false, marks: [] };
  const given = authority.service(booking.officeId, booking.serviceId)?.modes.includes(mode) === true;
  const marks = MARKS.filter((mark) => mayBeMarked(status, mark) && markableFrom(mark, start, authority.zone) <= now);
  return { isWaiting: status === 'pending', isAhead: isAhead(status), movable: isAhead(status) && given, marks };
}

export type SheetView = ReturnType<typeof sheetView>;

/** One line of the history. */
function entryView({ at, actor, staffName, what, note, detail }: HistoryEntry, look: Look) {
  const { authority, language, now } = look;
  const sayAt = (minute: number) => sayMoment(minute, authority.zone, language, now);
  const { from, to, overruled, said, answer, sure } = detail as Detail;
  const nameOf = (key: number) => authority.counterByKey(key)?.name ?? '';
  return {
    when: sayAt(Math.floor(toMinute(at))),
    actor,
    name: staffName,
    what,
    note,
    overruled: overruled === true,
    said: said ?? null,
    answer: answer ?? null,
    isDoubtful: sure === false,
    times:
      from?.start === undefined || to?.start === undefined ? null : { from: sayAt(from.start), to: sayAt(to.start) },
    seats:
      from?.counter === undefined || to?.counter === undefined
        ? null
        : { from: nameOf(from.counter), to: nameOf(to.counter) },
  };
}

/** What the history keeps beside the words. */
interface Detail {
  readonly from?: { readonly start?: number; readonly counter?: number };
  readonly to?: { readonly start?: number; readonly counter?: number };
  readonly overruled?: boolean;
  readonly said?: string;
  /** What a calendar answered, and whether it was the citizen's for certain. */
  readonly answer?: 'accepted' | 'tentative' | 'declined';
  readonly sure?: boolean;
}
