// SPDX-License-Identifier: AGPL-3.0-or-later
import { faultOfRole, isOfOffices, type Newcomer, type RoleFault } from '../../access/newcomer.ts';
import { firstPassword, hashPassword, SALT_BYTES } from '../../access/password.ts';
import { newStaff, type Staff } from '../../access/staff.ts';
import { isEmail, isOneLine, lengthOf, LONGEST_NAME } from '../../bookings/contact.ts';
import type { Chance } from '../../bookings/chance.ts';
import { Refusal } from '../../bookings/refusal.ts';
import type { AccessLog, Doer } from '../../database/staff/access-log.ts';
import type { Sessions } from '../../database/staff/sessions.ts';
import type { StaffBook } from '../../database/staff/staff-book.ts';
import { DuplicateKey, type Transaction } from '../../database/engine/transaction.ts';
import type { Authority } from '../../offices/authority.ts';
import type { Role } from '../../offices/definition.ts';
import type { Issuer } from '../issuer.ts';

/** What keeps somebody from being added. */
export type NewcomerFault = 'name' | 'email' | 'taken' | RoleFault;

/** What keeps somebody from being changed; `last` would leave no administrator. */
export type ChangeFault = RoleFault | 'last';

/** Somebody with the password for their first entry: told once, kept nowhere. */
export interface FirstEntry {
  readonly staff: Staff;
  readonly password: string;
}

/** Who may enter, and as what. Each change is written in the access log. */
export class StaffDesk {
  constructor(
    private readonly staff: StaffBook,
    private readonly sessions: Sessions,
    private readonly log: AccessLog,
    private readonly issuer: Issuer,
    private readonly chance: Chance,
  ) {}

  of(authority: Authority): Promise<Staff[]> {
    return this.staff.of(authority.id);
  }

  /** @throws Refusal `not-found` */
  async find(authority: Authority, id: string): Promise<Staff> {
    const staff = await this.staff.find(authority.id, id);
    if (!staff) throw new Refusal('not-found');
    return staff;
  }

  async add(authority: Authority, newcomer: Newcomer, by: Doer): Promise<FirstEntry | NewcomerFault> {
    const fault = faultOf(newcomer, authority);
    if (fault) return fault;
    const password = firstPassword(this.chance.bytes(SALT_BYTES));
    const passwordHash = await hashPassword(password, this.chance.bytes(SALT_BYTES));
    const staff = this.#made(authority, newcomer, passwordHash);
    try {
      await this.staff.add(staff);
    } catch (thrown) {
      if (thrown instanceof DuplicateKey) return 'taken';
      throw thrown;
    }
    await this.log.note(authority, by, 'staff-added', { staff: staff.id, role: staff.role });
    return { staff, password };
  }

  async changeRole(
    authority: Authority,
    staff: Staff,
    to: Pick<Newcomer, 'role' | 'offices'>,
    by: Doer,
  ): Promise<ChangeFault | null> {
    const fault = faultOfRole(to, idsOf(authority));
    if (fault) return fault;
    const { role } = to;
    const offices = isOfOffices(role) ? to.offices : [];
    const now = this.issuer.now();
    const done = await this.#keepingOne(authority, (tx) =>
      this.staff.setRole(tx, staff.id, role as Role, offices, now),
    );
    if (!done) return 'last';
    await this.log.note(authority, by, 'staff-role', { staff: staff.id, role, offices: offices.join(',') });
    return null;
  }

  /** Shuts the door at once, also where they are signed in now. */
  async disable(authority: Authority, staff: Staff, by: Doer): Promise<'last' | null> {
    const now = this.issuer.now();
    const done = await this.#keepingOne(authority, (tx) => this.staff.setDisabled(tx, staff.id, now, now));
    if (!done) return 'last';
    await this.sessions.endAll(staff.id);
    await this.log.note(authority, by, 'staff-disabled', { staff: staff.id });
    return null;
  }

  async enable(authority: Authority, staff: Staff, by: Doer): Promise<void> {
    await this.#keepingOne(authority, (tx) => this.staff.setDisabled(tx, staff.id, null, this.issuer.now()));
    await this.log.note(authority, by, 'staff-enabled', { staff: staff.id });
  }

  /** For who forgot their password, or who locked themselves out: a new first one, and all sessions end. */
  async reset(authority: Authority, staff: Staff, by: Doer): Promise<string> {
    const password = firstPassword(this.chance.bytes(SALT_BYTES));
    const hash = await hashPassword(password, this.chance.bytes(SALT_BYTES));
    await this.staff.setPassword(staff.id, hash, 1, this.issuer.now());
    await this.sessions.endAll(staff.id);
    await this.log.note(authority, by, 'staff-reset', { staff: staff.id });
    return password;
  }

  #keepingOne(authority: Authority, change: (tx: Transaction) => Promise<unknown>): Promise<boolean> {
    return this.staff.changeKeepingOne(authority.id, change);
  }

  #made(authority: Authority, { name, email, role, offices }: Newcomer, passwordHash: string): Staff {
    const who = {
      id: this.issuer.id(),
      authorityId: authority.id,
      name,
      email: email.toLowerCase(),
      role: role as Role,
      offices: isOfOffices(role) ? offices : [],
      passwordHash,
      mustChange: 1,
      subject: null,
    };
    return newStaff(who, this.issuer.now());
  }
}

function faultOf(newcomer: Newcomer, authority: Authority): NewcomerFault | null {
  const { name, email } = newcomer;
  if (!name || !isOneLine(name) || lengthOf(name) > LONGEST_NAME) return 'name';
  return isEmail(email) ? faultOfRole(newcomer, idsOf(authority)) : 'email';
}

const idsOf = (authority: Authority): string[] => authority.offices.map(({ id }) => id);
