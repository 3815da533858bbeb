// SPDX-License-Identifier: AGPL-3.0-or-later
import { hashPassword, SALT_BYTES } from '../../src/access/password.ts';
import { newStaff, Staff } from '../../src/access/staff.ts';
import { Chance } from '../../src/bookings/chance.ts';
import { sha256 } from '../../src/bookings/token.ts';
import { Authorities } from '../../src/database/authorities.ts';
import { Sessions } from '../../src/database/staff/sessions.ts';
import { StaffBook } from '../../src/database/staff/staff-book.ts';
import { LONGEST_SESSION_MS } from '../../src/access/session.ts';
import { Clock } from '../../src/time/clock.ts';
import type { RunningApp } from './app.ts';

/** Of everyone in the tests. */
export const PASSWORD = 'una parola lunga di prova';

let hash: Promise<string> | undefined;
let people = 0;

/** Somebody who works for the authority (the only one unless named) and has a password of their own. */
export async function employ({ app }: Pick<RunningApp, 'app'>, parts: Partial<Staff> = {}): Promise<Staff> {
  const [authority] = await app.get(Authorities).all();
  const now = app.get(Clock).now();
  hash ??= hashPassword(PASSWORD, app.get(Chance).bytes(SALT_BYTES));
  const n = people++;
  const who = {
    id: `staff-${n}`,
    authorityId: authority!.id,
    name: `Operatrice ${n}`,
    email: `staff-${n}@unione.example`,
    role: 'operator',
    offices: ['suap'],
    passwordHash: await hash,
    mustChange: 0,
    subject: null,
  } as const;
  const staff = new Staff({ ...newStaff(who, now), ...parts });
  await app.get(StaffBook).add(staff);
  return staff;
}

/** Signs in without the page. @returns the value of the Cookie header. */
export async function signedIn(running: Pick<RunningApp, 'app'>, parts: Partial<Staff> = {}): Promise<string> {
  const { app } = running;
  const staff = await employ(running, parts);
  const token = app.get(Chance).text(32);
  const now = app.get(Clock).now();
  await app.get(Sessions).begin({
    tokenHash: sha256(token),
    staffId: staff.id,
    authorityId: staff.authorityId,
    device: 'test',
    createdAt: now,
    seenAt: now,
    expiresAt: now + LONGEST_SESSION_MS,
  });
  return `sportello-staff=${token}`;
}
