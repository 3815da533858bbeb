// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Minute } from '../time/interval.ts';

/** Every reason for which the house may say no. What a caller hears of each stands in one table at the door. */
export type Reason =
  | 'slot-taken'
  | 'hold-expired'
  | 'already-booked'
  | 'cancelled'
  | 'changed'
  | 'too-late'
  | 'off-grid'
  | 'closed'
  | 'too-soon'
  | 'too-far'
  | 'nonexistent-local-time'
  | 'invalid'
  | 'door-closed'
  | 'door-paused'
  | 'taken-over'
  | 'idempotency-mismatch'
  | 'idempotency-in-progress'
  | 'not-found'
  | 'too-many-requests'
  | 'unavailable';

/** A field that is wrong: a dotted path (`citizen.email`) and a sentence. */
export interface FieldError {
  readonly field: string;
  readonly detail: string;
}

/** A place that is free instead. */
export interface Place {
  readonly officeId: string;
  readonly start: Minute;
}

/** What is told with a no. */
interface More {
  readonly errors?: readonly FieldError[];
  readonly alternatives?: readonly Place[];
  /** When the virtual door opens next; null when that is more than a year away. */
  readonly nextOpening?: Minute | null;
  /** The sentence on a door that is paused, or the name of the staff who was faster. */
  readonly said?: string;
}

/** A no the caller may be told. Everything else that is thrown is a fault. */
export class Refusal extends Error {
  constructor(
    readonly reason: Reason,
    readonly more: More = {},
  ) {
    super(reason);
  }
}

export const invalid = (field: string, detail: string): Refusal =>
  new Refusal('invalid', { errors: [{ field, detail }] });
