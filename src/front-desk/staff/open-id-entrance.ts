// SPDX-License-Identifier: AGPL-3.0-or-later
import { grantedTo, type Granted } from '../../access/grants.ts';
import { newStaff, type Staff } from '../../access/staff.ts';
import { isEmail, LONGEST_NAME } from '../../bookings/contact.ts';
import type { Sessions } from '../../database/staff/sessions.ts';
import type { StaffBook } from '../../database/staff/staff-book.ts';
import { DuplicateKey } from '../../database/engine/transaction.ts';
import type { Authority } from '../../offices/authority.ts';
import type { Entered, Entrance } from './entrance.ts';
import type { Issuer } from '../issuer.ts';

/** Who an OpenID provider says somebody is. */
export interface Identity {
  /** SHA-256 of issuer and subject: what makes two entries the same person's. */
  readonly subject: string;
  readonly name: string;
  readonly email: string | null;
  /** Whether the provider vouches for the address. */
  readonly vouched: boolean;
  readonly groups: readonly string[];
}

/** Why an identity that is certain opens no door: `taken`, the address is another account's. */
export type NoEntry = 'no-grant' | 'no-email' | 'taken' | 'disabled';

/** Entry by OpenID Connect: the authority file says who, and each entry brings the role up to date. */
export class OpenIdEntrance {
  constructor(
    private readonly staff: StaffBook,
    private readonly sessions: Sessions,
    private readonly entrance: Entrance,
    private readonly issuer: Issuer,
  ) {}

  async enter(authority: Authority, identity: Identity, device: string): Promise<Entered | NoEntry> {
    const { email, vouched, groups } = identity;
    const granted = grantedTo({ email: vouched ? email : null, groups }, authority.definition.staff);
    const known = await this.staff.bySubject(authority.id, identity.subject);
    if (!granted) {
      if (known) await this.sessions.endAll(known.id);
      return 'no-grant';
    }
    const staff = known ?? (await this.#first(authority, identity, granted));
    if (typeof staff === 'string') return staff;
    if (staff.disabledAt !== null) return 'disabled';
    return this.entrance.enter(authority, await this.#broughtUpToDate(staff, identity, granted), device);
  }

  /** The first entry: of somebody who has an account with this address, which the provider vouches for, or of nobody known. */
  async #first(authority: Authority, identity: Identity, granted: Granted): Promise<Staff | NoEntry> {
    const email = identity.email?.toLowerCase() ?? '';
    if (!isEmail(email)) return 'no-email';
    const local = await this.staff.byEmail(authority.id, email);
    if (local) return local.subject === null && identity.vouched ? local : 'taken';
    const staff = this.#made(authority, identity, email, granted);
    try {
      await this.staff.add(staff);
      return staff;
    } catch (fault) {
      if (!(fault instanceof DuplicateKey)) throw fault;
      // The same person, twice at once.
      return (await this.staff.bySubject(authority.id, identity.subject)) ?? 'taken';
    }
  }

  async #broughtUpToDate(staff: Staff, { subject }: Identity, { role, offices }: Granted): Promise<Staff> {
    const now = this.issuer.now();
    if (staff.subject !== subject || staff.mustChange === 1) await this.staff.link(staff.id, subject, now);
    if (staff.role !== role || staff.offices.join() !== offices.join())
      // The last administrator remains one, whatever the file says: nobody could name another.
      await this.staff.changeKeepingOne(staff.authorityId, (tx) =>
        this.staff.setRole(tx, staff.id, role, offices, now),
      );
    return (await this.staff.find(staff.authorityId, staff.id)) ?? staff;
  }

  #made(authority: Authority, { subject, name }: Identity, email: string, { role, offices }: Granted): Staff {
    const who = {
      id: this.issuer.id(),
      authorityId: authority.id,
      name: [...(name || email)].slice(0, LONGEST_NAME).join(''),
      email,
      role,
      offices,
      passwordHash: null,
      mustChange: 0,
      subject,
    };
    return newStaff(who, this.issuer.now());
  }
}
