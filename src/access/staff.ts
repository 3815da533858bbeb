// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Role } from '../offices/definition.ts';
import type { Millis } from '../time/clock.ts';

/** Someone who works for an authority and signs in. */
export class Staff {
  id!: string;
  authorityId!: string;
  name!: string;
  /** In lower case; unique in the authority. */
  email!: string;
  role!: Role;
  /** The offices of an operator and of a head; empty for the other roles, whose office is the authority. */
  offices!: readonly string[];
  /** PHC string; null for who enters by OpenID Connect only. */
  passwordHash!: string | null;
  /** 1 until the first password, which someone else knows, has been changed. */
  mustChange!: number;
  /** SHA-256 of OpenID Connect's issuer and subject; null for who never entered that way. */
  subject!: string | null;
  /** Wrong passwords since the last right one. */
  failures!: number;
  lockedUntil!: Millis;
  disabledAt!: Millis | null;
  createdAt!: Millis;
  updatedAt!: Millis;

  constructor(values: Staff) {
    Object.assign(this, values);
  }
}

/** Who somebody new is; all else begins in the same way for everyone. */
type Who = Pick<
  Staff,
  'id' | 'authorityId' | 'name' | 'email' | 'role' | 'offices' | 'passwordHash' | 'mustChange' | 'subject'
>;

export const newStaff = (who: Who, now: Millis): Staff =>
  new Staff({ ...who, failures: 0, lockedUntil: 0, disabledAt: null, createdAt: now, updatedAt: now });
