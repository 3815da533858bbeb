// SPDX-License-Identifier: AGPL-3.0-or-later

/** Whose a live connection is, once their ticket was taken. */
export interface Pass {
  readonly authorityId: string;
  /** Null for staff who watch the queue of their offices. */
  readonly arrivalId: string | null;
  readonly role: 'citizen' | 'staff';
  /** Null for a citizen. */
  readonly staffId: string | null;
  readonly name: string;
  /** Chosen by the browser, a tab each: tells the devices of one call apart, and is the same after a reload. */
  readonly seat: string;
  /** The doors they hear of: staff those of their offices, a citizen the one before which they are. */
  readonly offices: readonly string[];
}

/** What a browser may call its seat. */
export const SEAT = /^[\w-]{1,64}$/;
