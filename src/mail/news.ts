// SPDX-License-Identifier: AGPL-3.0-or-later
import type { ActorKind } from '../bookings/change.ts';
import type { CitizenLetterKind, OfficeLetterKind } from '../bookings/notices.ts';
import type { Letter } from './letter.ts';
import type { Words } from './words.ts';

/** Staff, in our pages or in their own calendar. */
const isOffice = (by: ActorKind | undefined): boolean => by === 'staff' || by === 'calendar';

/** What a letter tells the citizen: what the office did says so, and is not taken for their own doing. */
export const citizenNews = (letter: Letter, { citizen }: Words) => citizen[toCitizen(letter)];

export const officeNews = (letter: Letter, { office }: Words) => office[toOffice(letter)];

function toCitizen({ kind, by, why, wasPending }: Letter): keyof Words['citizen'] {
  if (kind === 'moved' && isOffice(by)) return 'movedByOffice';
  if (kind === 'cancelled' && by === 'deadline') return 'unanswered';
  if (kind === 'cancelled' && isOffice(by)) return wasPending ? 'declined' : 'cancelledByOffice';
  if (kind === 'cancelled' && by === 'reply') return 'cancelledByReply';
  if (kind === 'unsure' && why === 'too-late') return 'declinedTooLate';
  return kind as CitizenLetterKind;
}

function toOffice({ kind, by, wasPending }: Letter): keyof Words['office'] {
  if (kind === 'confirmed' && wasPending) return 'accepted';
  if (kind === 'cancelled' && by === 'deadline') return 'unanswered';
  if (kind === 'cancelled' && wasPending && isOffice(by)) return 'declined';
  return kind as OfficeLetterKind;
}

/** Who made the change a letter tells of, when it was not the citizen on our pages, and what the citizen was written. */
export function officeRemarks(
  { kind, by, who, note }: Letter,
  { rows, doneBy }: Words,
): (readonly [string, string | null])[] {
  if (kind === 'told' || !by || by === 'citizen') return [];
  return [
    [rows.doneBy, by === 'staff' ? (who ?? doneBy.staff) : doneBy[by]],
    [rows.written, by === 'staff' ? (note ?? null) : null],
  ];
}
