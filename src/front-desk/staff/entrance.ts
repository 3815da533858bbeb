// SPDX-License-Identifier: AGPL-3.0-or-later
import { KnownBrowsers } from '../../access/known-browser.ts';
import { lockFor } from '../../access/lockout.ts';
import {
  faultOfPassword,
  hashPassword,
  isPassword,
  isWeak,
  SALT_BYTES,
  type PasswordFault,
} from '../../access/password.ts';
import { isLive, isSeenAnew, LONGEST_SESSION_MS } from '../../access/session.ts';
import type { Staff } from '../../access/staff.ts';
import type { Chance } from '../../bookings/chance.ts';
import { sha256 } from '../../bookings/token.ts';
import type { AccessLog } from '../../database/staff/access-log.ts';
import type { Session } from '../../database/rows.ts';
import type { Sessions } from '../../database/staff/sessions.ts';
import type { StaffBook } from '../../database/staff/staff-book.ts';
import type { Authority } from '../../offices/authority.ts';
import type { Clock } from '../../time/clock.ts';

/** Somebody who is signed in, and the session they are signed in by. */
export interface SignedIn {
  readonly staff: Staff;
  readonly session: Session;
}

/** A session just begun: its token is for the cookie and is kept nowhere. */
export interface Entered {
  readonly staff: Staff;
  readonly token: string;
}

/** Attempts that meet each other are counted one after the other. */
const MOST_TRIES = 8;

/** Somebody who came in with a password; `mark` is for their browser to keep. */
export interface EnteredHere extends Entered {
  readonly mark: string;
}

/** Where staff come in and go out. */
export class Entrance {
  readonly #known: KnownBrowsers;

  constructor(
    private readonly staff: StaffBook,
    private readonly sessions: Sessions,
    private readonly log: AccessLog,
    private readonly clock: Clock,
    private readonly chance: Chance,
    secret: string,
    /** False in development and tests only: no account is ever locked. */
    private readonly locks = true,
  ) {
    this.#known = new KnownBrowsers(secret);
  }

  /** Whose token it is; null for one unknown, ended, left alone too long, or of somebody who may no longer enter. */
  async who(authority: Authority, token: string): Promise<SignedIn | null> {
    const session = await this.sessions.find(sha256(token));
    const now = this.clock.now();
    if (!session || session.authorityId !== authority.id || !isLive(session, now)) return null;
    const staff = await this.staff.find(authority.id, session.staffId);
    if (!staff || staff.disabledAt !== null) return null;
    if (isSeenAnew(session, now)) await this.sessions.seen(session.tokenHash, now);
    return { staff, session };
  }

  /**
   * @param mark what the browser has kept of an earlier sign-in
   * @returns null for an unknown address, a wrong password, a locked or disabled account alike, after the same time.
   */
  async signIn(
    authority: Authority,
    { email, password, mark = '' }: { readonly email: string; readonly password: string; readonly mark?: string },
    device: string,
  ): Promise<EnteredHere | null> {
    const staff = await this.#counted(authority, email, mark);
    const right = await isPassword(password, staff?.passwordHash ?? null);
    if (!staff) return null;
    if (!right) {
      await this.log.note(authority, staff, 'sign-in-failed');
      return null;
    }
    await this.#forgive(staff, mark);
    if (isWeak(staff.passwordHash!)) await this.#setPassword(staff, password, staff.mustChange === 1);
    return this.#enterHere(authority, staff, device);
  }

  /** Begins a session for somebody whose identity is certain. */
  async enter(authority: Authority, staff: Staff, device: string): Promise<Entered> {
    const token = this.chance.text(32);
    const now = this.clock.now();
    await this.sessions.begin({
      tokenHash: sha256(token),
      staffId: staff.id,
      authorityId: authority.id,
      device,
      createdAt: now,
      seenAt: now,
      expiresAt: now + LONGEST_SESSION_MS,
    });
    await this.log.note(authority, staff, 'sign-in');
    return { staff, token };
  }

  /** Ends a session that another follows in the same browser. */
  async forget(token: string): Promise<void> {
    await this.sessions.end(sha256(token));
  }

  async leave(authority: Authority, { staff, session }: SignedIn): Promise<void> {
    await this.sessions.end(session.tokenHash);
    await this.log.note(authority, staff, 'sign-out');
  }

  /** Where somebody is signed in now, the latest first. */
  async sessionsOf(staff: Staff): Promise<Session[]> {
    const now = this.clock.now();
    return (await this.sessions.of(staff.id)).filter((session) => isLive(session, now));
  }

  /** Leaves everywhere else. */
  async leaveElsewhere(authority: Authority, { staff, session }: SignedIn): Promise<void> {
    await this.sessions.endAll(staff.id, session.tokenHash);
    await this.log.note(authority, staff, 'sign-out', { elsewhere: true });
  }

  /**
   * Ends every session and begins a new one.
   * @returns what is wrong with the new password, or `wrong` when the old one is not theirs
   */
  async changePassword(
    authority: Authority,
    { staff, session }: SignedIn,
    { before, after }: { readonly before: string; readonly after: string },
  ): Promise<EnteredHere | PasswordFault | 'wrong'> {
    const counted = await this.#counted(authority, staff.email);
    if (!(await isPassword(before, counted?.passwordHash ?? null))) return 'wrong';
    await this.staff.forgive(staff.id);
    const fault = faultOfPassword(after, before, staff.email);
    if (fault) return fault;
    await this.#setPassword(staff, after, false);
    await this.sessions.endAll(staff.id);
    await this.log.note(authority, staff, 'password');
    return this.#enterHere(authority, staff, session.device);
  }

  /** The password may just have been hashed anew. */
  async #enterHere(authority: Authority, staff: Staff, device: string): Promise<EnteredHere> {
    const current = (await this.staff.find(authority.id, staff.id)) ?? staff;
    return { ...(await this.enter(authority, staff, device)), mark: this.#known.markOf(current) };
  }

  /** Who may try a password now, the attempt already counted as a wrong one. */
  async #counted(authority: Authority, email: string, mark = ''): Promise<Staff | null> {
    for (let tried = 0; tried < MOST_TRIES; tried++) {
      const staff = await this.staff.byEmail(authority.id, email);
      const now = this.clock.now();
      if (!staff?.passwordHash || staff.disabledAt !== null) return null;
      if (this.#known.isMarked(staff, mark)) return !this.locks || this.#known.mayTry(staff, now) ? staff : null;
      if (this.locks && now < staff.lockedUntil) return null;
      const lockedUntil = now + lockFor(staff.failures + 1);
      if (await this.staff.attempt(staff, lockedUntil)) return staff;
    }
    return null;
  }

  /** What strangers tried stays counted when a known browser enters: they would have four guesses more each time. */
  async #forgive(staff: Staff, mark: string): Promise<void> {
    if (this.#known.isMarked(staff, mark)) this.#known.forgive(staff);
    else await this.staff.forgive(staff.id);
  }

  async #setPassword(staff: Staff, password: string, mustChange: boolean): Promise<void> {
    const hash = await hashPassword(password, this.chance.bytes(SALT_BYTES));
    await this.staff.setPassword(staff.id, hash, mustChange ? 1 : 0, this.clock.now());
  }
}
