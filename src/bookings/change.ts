// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Millis } from '../time/clock.ts';

/**
 * Who changes a booking: its citizen; staff; the citizen's mail client answering the invite; the deadline by which the
 * office had to say yes; staff by way of their calendar.
 */
export type Actor =
  | { readonly kind: 'citizen' | 'reply' | 'deadline' | 'calendar' }
  | { readonly kind: 'staff'; readonly id: string; readonly name: string };
export type ActorKind = Actor['kind'];

/** Who changes a booking, what they knew of it, and what they say. */
export interface Change {
  readonly by: Actor;
  /** A sentence to the citizen, for the letter. */
  readonly note?: string;
  /** Why hours, capacity or limits do not bind this time; kept in the history. */
  readonly overrule?: string;
  /** The version they saw; another by now is refused as `changed`. */
  readonly version?: number;
}

export const CITIZEN: Change = { by: { kind: 'citizen' } };

/** Characters of a sentence to the citizen, and of a reason for overruling. */
export const LONGEST_NOTE = 500;

/** Whether hours and capacity do not bind: staff who say why. */
export const overrules = ({ by, overrule }: Change): boolean => by.kind === 'staff' && overrule !== undefined;

/** Whether it is the citizen's own wish: what a service says of moving and cancelling binds nobody else. */
export const isCitizens = ({ by }: Change): boolean => by.kind === 'citizen' || by.kind === 'reply';

export type Happening =
  | 'booked'
  | 'confirmed'
  | 'declined'
  | 'moved'
  | 'cancelled'
  | 'restored'
  | 'arrived'
  | 'done'
  | 'no_show'
  | 'reopened'
  | 'reseated'
  | 'kept'
  | 'put-back'
  | 'answered'
  | 'bounced'
  | 'forgotten';

/** One thing that happened to a booking: nothing of the history is ever rewritten. */
export class HistoryEntry {
  id!: string;
  authorityId!: string;
  bookingId!: string;
  /** Of the booking after it, and so the order of what happened. */
  version!: number;
  at!: Millis;
  actor!: ActorKind;
  /** Of staff only. */
  staffId!: string | null;
  staffName!: string | null;
  what!: Happening;
  /** The sentence to the citizen, or the reason for overruling. */
  note!: string | null;
  /** What it was and what it became: `{ from, to }` of start, counter or status; `overruled: true`. */
  detail!: Record<string, unknown>;

  constructor(values: HistoryEntry) {
    Object.assign(this, values);
  }
}

/** How a booking began: written down when staff made it; that of a citizen says all of it by itself. */
export const beginningOf = ({ id, authorityId, createdAt }: Begun): HistoryEntry =>
  new HistoryEntry({
    id,
    authorityId,
    bookingId: id,
    version: 0,
    at: createdAt,
    actor: 'citizen',
    staffId: null,
    staffName: null,
    what: 'booked',
    note: null,
    detail: {},
  });

interface Begun {
  readonly id: string;
  readonly authorityId: string;
  readonly createdAt: Millis;
}
