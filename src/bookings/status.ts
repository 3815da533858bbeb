// SPDX-License-Identifier: AGPL-3.0-or-later

/** `pending` waits for the office's yes; `arrived`, `done` and `no_show` are what staff mark on the day. */
export const STATUSES = ['pending', 'confirmed', 'arrived', 'done', 'no_show', 'cancelled'] as const;
export type Status = (typeof STATUSES)[number];

/** What may follow what. A mark made by mistake can be taken back; a cancelled booking comes back only by its undo link. */
const NEXT: Record<Status, readonly Status[]> = {
  pending: ['confirmed', 'cancelled'],
  confirmed: ['arrived', 'done', 'no_show', 'cancelled'],
  arrived: ['done', 'confirmed'],
  done: ['arrived', 'confirmed'],
  no_show: ['arrived', 'confirmed'],
  cancelled: [],
};

const mayBecome = (from: Status, to: Status): boolean => NEXT[from].includes(to);

/** Whether the appointment is still to be held: only then it can be moved or called off. */
export const isAhead = (status: Status): boolean => status === 'pending' || status === 'confirmed';

/** What staff mark on the day; `confirmed` takes a mark back. */
export const MARKS = ['arrived', 'done', 'no_show', 'confirmed'] as const;
export type Mark = (typeof MARKS)[number];

/** A yes is no mark: a booking that waits is confirmed, with a letter. */
export const mayBeMarked = (from: Status, to: Mark): boolean => from !== 'pending' && mayBecome(from, to);
