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

/** A no the caller may be told. Everything else that is thrown is a fault. */
export class Refusal extends Error {
  constructor(
    readonly reason: Reason,
    readonly more: { readonly errors?: readonly FieldError[]; readonly alternatives?: readonly Place[] } = {},
  ) {
    super(reason);
  }
}

export const invalid = (field: string, detail: string): Refusal =>
  new Refusal('invalid', { errors: [{ field, detail }] });
