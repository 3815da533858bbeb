// SPDX-License-Identifier: AGPL-3.0-or-later
import { describe, expect, test } from '@jest/globals';
import { grantedTo } from '../../src/access/grants.ts';
import { lockFor } from '../../src/access/lockout.ts';
import { faultOfRole } from '../../src/access/newcomer.ts';
import { faultOfPassword, firstPassword, hashPassword, isPassword, isWeak } from '../../src/access/password.ts';
import { mayDo, type Action } from '../../src/access/permissions.ts';
import { isLive, isSeenAnew, LONGEST_SESSION_MS } from '../../src/access/session.ts';
import { ROLES, type Grant, type Role } from '../../src/offices/definition.ts';
import { SeededChance } from '../kit/chance.ts';

const chance = new SeededChance('access');
const MINUTE = 60_000;

describe('A password', () => {
  test('is known again, whole and exactly, and no other', async () => {
    const kept = await hashPassword('una frase lunga', chance.bytes(16));
    expect(kept).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(await isPassword('una frase lunga', kept)).toBe(true);
    for (const other of ['una frase lung', 'una frase lunga ', 'Una frase lunga', ''])
      expect(await isPassword(other, kept)).toBe(false);
    expect(await isPassword('una frase lunga', null)).toBe(false);
  });

  test('has its own salt, and is one however an accent was typed', async () => {
    const hashes = await Promise.all([1, 2].map(() => hashPassword('perché no? perché sì', chance.bytes(16))));
    expect(new Set(hashes).size).toBe(2);
    expect(await isPassword('perché no? perché sì'.normalize('NFD'), hashes[0]!)).toBe(true);
  });

  test('hashed when less was asked for still opens, and is told to be weak', async () => {
    // Made with the reference implementation: echo -n password | argon2 somesalt -id -t 2 -k 65536 -p 1
    const other = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
    expect(await isPassword('password', other)).toBe(true);
    expect(isWeak(other)).toBe(true);
    expect(isWeak(await hashPassword('password', chance.bytes(16)))).toBe(false);
    await expect(isPassword('password', '$2b$10$abc')).rejects.toThrow('not argon2id');
  });

  test.each([
    ['corta 1 due', 'short'],
    ['x'.repeat(201), 'long'],
    ['la vecchia password', 'same'],
    ['sono Mario@Comune.it io', 'email'],
    ['abababababab', 'simple'],
    ['una bella frase', null],
  ])('%s is %s', (password, fault) => {
    expect(faultOfPassword(password, 'la vecchia password', 'mario@comune.it')).toBe(fault);
  });

  test('for the first entry can be read aloud', () => {
    const made = Array.from({ length: 200 }, () => firstPassword(chance.bytes(16)));
    expect(new Set(made).size).toBe(200);
    for (const one of made) expect(one).toMatch(/^([a-km-np-z2-9]{4}-){3}[a-km-np-z2-9]{4}$/);
    expect(faultOfPassword(made[0]!, '', 'mario@comune.it')).toBeNull();
  });
});

test('Wrong passwords cost nothing four times, then 1, 2, 4 minutes and at most an hour', () => {
  expect([1, 4, 5, 6, 7, 8, 10, 11, 1000].map((n) => lockFor(n) / MINUTE)).toEqual([0, 0, 1, 2, 4, 8, 32, 60, 60]);
});

test('A session ends after an hour unseen or twelve hours in all, and is written down once a minute', () => {
  const session = { seenAt: 1000, expiresAt: 1000 + LONGEST_SESSION_MS };
  expect(isLive(session, 1000 + 60 * MINUTE - 1)).toBe(true);
  expect(isLive(session, 1000 + 60 * MINUTE)).toBe(false);
  const busy = { ...session, seenAt: session.expiresAt - 1 };
  expect(isLive(busy, session.expiresAt - 1)).toBe(true);
  expect(isLive(busy, session.expiresAt)).toBe(false);
  expect([MINUTE - 1, MINUTE].map((after) => isSeenAnew(session, 1000 + after))).toEqual([false, true]);
});

test('Who may do what is one table, and offices bind operators and heads only', () => {
  const actions: Action[] = [
    'see-agenda',
    'change-bookings',
    'edit-hours',
    'link-calendars',
    'link-own-calendar',
    'edit-authority',
    'manage-staff',
    'read-access-log',
  ];
  const at = (role: Role, office: string) =>
    actions.filter((action) => mayDo({ role, offices: ['suap'] }, action, office)).join(' ');
  expect(Object.fromEntries(ROLES.map((role) => [role, [at(role, 'suap'), at(role, 'sue')]]))).toEqual({
    operator: ['see-agenda change-bookings link-own-calendar', ''],
    head: ['see-agenda change-bookings edit-hours link-calendars link-own-calendar', ''],
    administrator: [actions.slice(0, 7).join(' '), actions.slice(0, 7).join(' ')],
    privacy: ['read-access-log', 'read-access-log'],
  });
  expect(mayDo({ role: 'operator', offices: [] }, 'see-agenda')).toBe(true);
});

test('Of several grants the highest counts, at the offices of all that give it', () => {
  const grants: Grant[] = [
    { email: 'Anna@comune.it', role: 'operator', offices: ['sindaco'] },
    { group: 'capi', role: 'head', offices: ['suap'] },
    { group: 'tecnici', role: 'head', offices: ['suap', 'sue'] },
    { group: 'dpo', role: 'privacy', offices: [] },
    { group: 'admin', role: 'administrator', offices: [] },
  ];
  const granted = (email: string | null, ...groups: string[]) => grantedTo({ email, groups }, grants);
  expect(granted('anna@COMUNE.it')).toEqual({ role: 'operator', offices: ['sindaco'] });
  expect(granted('anna@comune.it', 'capi', 'tecnici')).toEqual({ role: 'head', offices: ['suap', 'sue'] });
  expect(granted(null, 'dpo', 'admin', 'capi')).toEqual({ role: 'administrator', offices: [] });
  expect(granted(null, 'dpo')).toEqual({ role: 'privacy', offices: [] });
  for (const nobody of [granted(null), granted('', ''), granted('altri@comune.it', 'Capi')]) expect(nobody).toBeNull();
});

test('An operator and a head need an office that is there; others need none', () => {
  const fault = (role: string, ...offices: string[]) => faultOfRole({ role, offices }, ['suap', 'sue']);
  expect([fault('operator'), fault('head', 'suap', 'sindaco'), fault('re'), fault('__proto__')]).toEqual([
    'no-office',
    'unknown-office',
    'role',
    'role',
  ]);
  expect([fault('operator', 'suap'), fault('administrator'), fault('privacy')]).toEqual([null, null, null]);
});
