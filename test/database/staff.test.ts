// SPDX-License-Identifier: AGPL-3.0-or-later
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newStaff, Staff } from '../../src/access/staff.ts';
import { AccessLog } from '../../src/database/staff/access-log.ts';
import { Database } from '../../src/database/engine/database.ts';
import { StaffBook } from '../../src/database/staff/staff-book.ts';
import { SystemClock } from '../../src/time/clock.ts';
import { SeededChance } from '../kit/chance.ts';
import { ManualClock } from '../kit/clock.ts';
import { engines } from '../kit/engines.ts';

const SECRET = 'the secret of the chain';
const anna = { id: 'anna', name: 'Anna' };
const all = { from: 0, until: Number.MAX_SAFE_INTEGER };

const person = (id: string, parts: Partial<Staff> = {}): Staff => {
  const who = {
    id,
    authorityId: 'union',
    name: id,
    email: `${id}@union.example`,
    role: 'administrator',
    offices: [],
    passwordHash: 'x',
    mustChange: 0,
    subject: null,
  } as const;
  return new Staff({ ...newStaff(who, 0), ...parts });
};

describe.each(engines)('On $name', (engine) => {
  let database: Database;
  let beside: Database;
  const clock = new ManualClock('2027-03-01T07:00:00+01:00');

  beforeAll(async () => {
    const url = await engine.freshUrl();
    database = await Database.open(url, new SystemClock(), new SeededChance('staff'));
    beside = await Database.open(url, new SystemClock(), new SeededChance('beside'), false);
  });
  afterAll(async () => {
    await beside.close();
    await database.close();
  });

  test('Entries written at once, by two instances, are one chain without gaps, an authority each', async () => {
    const logs = [database, beside].map((one) => new AccessLog(one, clock, SECRET));
    const notes = Array.from({ length: 40 }, (_, i) =>
      logs[i % 2]!.note({ id: i % 4 < 2 ? 'union' : 'other' }, anna, 'sheet', { reference: `REF${i}` }),
    );
    await Promise.all(notes);
    for (const authority of ['union', 'other']) {
      expect(await logs[0]!.verify(authority)).toEqual({ entries: 20, first: 1 });
      const entries = await logs[0]!.find(authority, all, 100);
      expect(entries.map(({ number }) => number)).toEqual(Array.from({ length: 20 }, (_, i) => 20 - i));
    }
    expect(await logs[0]!.verify('nobody')).toEqual({ entries: 0, first: 1 });
  });

  test('Entries are found by moment, person and reference', async () => {
    const log = new AccessLog(database, clock, SECRET);
    const authority = { id: 'found' };
    await log.note(authority, anna, 'sheet', { reference: 'ABC2345' });
    const later = clock.now() + 1000;
    clock.set(later);
    await log.note(authority, { id: 'bruno', name: 'Bruno' }, 'sheet', { reference: 'ABC2345' });
    await log.note(authority, { id: 'bruno', name: 'Bruno' }, 'agenda', { day: '2027-03-01' });
    const found = async (parts: object) =>
      (await log.find('found', { ...all, ...parts }, 100)).map(({ number }) => number);
    expect(await found({})).toEqual([3, 2, 1]);
    expect(await found({ from: later })).toEqual([3, 2]);
    expect(await found({ until: later })).toEqual([1]);
    expect(await found({ staffId: 'bruno' })).toEqual([3, 2]);
    expect(await found({ reference: 'ABC2345' })).toEqual([2, 1]);
    expect(await found({ reference: 'ABC234' })).toEqual([]);
  });

  test.each([
    ['altered', "UPDATE access_log SET what = 'agenda' WHERE number = 2", 2],
    ['moved in time', 'UPDATE access_log SET at = at + 1 WHERE number = 2', 2],
    ['given to another', "UPDATE access_log SET staff_name = 'Bruno' WHERE number = 3", 3],
    ['removed', 'DELETE FROM access_log WHERE number = 1', 1],
    ['removed at the end', 'DELETE FROM access_log WHERE number = 4', 4],
    ['removed all', 'DELETE FROM access_log WHERE number > 0', 1],
    ['removed with its end', 'DELETE FROM access_log WHERE number = 0', 5],
  ])('An entry %s is told', async (how, sql, brokenAt) => {
    const log = new AccessLog(database, clock, SECRET);
    const authority = { id: `tampered ${how}` };
    for (let i = 0; i < 4; i++) await log.note(authority, anna, 'sheet', { reference: `REF${i}` });
    expect(await log.verify(authority.id)).toEqual({ entries: 4, first: 1 });
    await database.run(`${sql} AND authority_id = ?`, [authority.id]);
    expect(await log.verify(authority.id)).toEqual({ brokenAt });
    await log.note(authority, anna, 'sheet');
    expect(await log.verify(authority.id)).toHaveProperty('brokenAt');
  });

  test('Whoever takes the end away, and makes the head say so, is told also after the next entry', async () => {
    const log = new AccessLog(database, clock, SECRET);
    const authority = { id: 'shortened' };
    for (let i = 0; i < 3; i++) await log.note(authority, anna, 'sheet', { reference: `REF${i}` });
    const [second] = await log.find(authority.id, { ...all, reference: 'REF1' }, 1);
    const forge = (sql: string, values: string[]) =>
      database.run(`${sql} AND authority_id = ?`, [...values, authority.id]);
    await forge('DELETE FROM access_log WHERE number = 3', []);
    await forge(`UPDATE access_log SET about = '{"last":2}', previous_hash = ? WHERE number = 0`, [second!.hash]);
    await log.note(authority, anna, 'sheet');
    expect(await log.verify(authority.id)).toEqual({ brokenAt: 3 });
  });

  describe('What is old is cut off', () => {
    const START = Date.parse('2027-03-01T06:00:00Z');
    const HOUR = 3_600_000;
    /** One an hour. */
    const logOf = async (authority: { id: string }, entries: number) => {
      const log = new AccessLog(database, clock, SECRET);
      for (let i = 0; i < entries; i++) {
        clock.set(START + i * HOUR);
        await log.note(authority, anna, 'sheet', { reference: `REF${i}` });
      }
      return log;
    };

    test('and the rest proves itself, from the first that is left', async () => {
      const authority = { id: 'cut' };
      const log = await logOf(authority, 7);
      expect(await log.cut(authority.id, START, 10)).toBe(0);
      expect(await log.cut(authority.id, START + 5 * HOUR, 3)).toBe(3);
      expect(await log.verify(authority.id)).toEqual({ entries: 4, first: 4 });
      const theirs = new AccessLog(beside, clock, SECRET);
      const both = await Promise.all([log, theirs].map((one) => one.cut(authority.id, START + 5 * HOUR, 10)));
      expect(new Set(both)).toEqual(new Set([0, 2]));
      expect(await log.verify(authority.id)).toEqual({ entries: 2, first: 6 });
      await log.note(authority, anna, 'sheet');
      expect(await log.verify(authority.id)).toEqual({ entries: 3, first: 6 });
      expect(await log.cut(authority.id, START + 99 * HOUR, 10)).toBe(3);
      expect(await log.verify(authority.id)).toEqual({ entries: 0, first: 9 });
      await log.note(authority, anna, 'sheet');
      expect(await log.verify(authority.id)).toEqual({ entries: 1, first: 9 });
    });

    test.each([
      ['another beginning', `UPDATE access_log SET about = '{"last":5,"cut":3}' WHERE number = 0`],
      ['no head', 'DELETE FROM access_log WHERE number = 0'],
      ['one entry less', 'DELETE FROM access_log WHERE number = 3'],
    ])('but not by whoever gives it %s', async (how, sql) => {
      const authority = { id: `cut ${how}` };
      const log = await logOf(authority, 5);
      await log.cut(authority.id, START + 2 * HOUR, 10);
      expect(await log.verify(authority.id)).toEqual({ entries: 3, first: 3 });
      await database.run(`${sql} AND authority_id = ?`, [authority.id]);
      expect(await log.verify(authority.id)).toHaveProperty('brokenAt');
    });

    test('and what was made to look old stays, to be seen', async () => {
      const authority = { id: 'aged' };
      const log = await logOf(authority, 4);
      await database.run(`UPDATE access_log SET at = 0 WHERE number IN (2, 3) AND authority_id = ?`, [authority.id]);
      expect(await log.cut(authority.id, START + HOUR, 10)).toBe(1);
      expect(await log.cut(authority.id, START + 2 * HOUR, 10)).toBe(0);
      expect(await log.verify(authority.id)).toEqual({ brokenAt: 2 });
    });
  });

  test('Whoever rewrites the chain without the secret is told too', async () => {
    const forger = new AccessLog(database, clock, 'another secret');
    await forger.note({ id: 'forged' }, anna, 'sheet');
    expect(await forger.verify('forged')).toEqual({ entries: 1, first: 1 });
    expect(await new AccessLog(database, clock, SECRET).verify('forged')).toEqual({ brokenAt: 1 });
  });

  test('Two administrators who shut each other out at once do not both succeed', async () => {
    const books = [database, beside].map((one) => new StaffBook(one));
    for (let round = 0; round < 10; round++) {
      const authorityId = `pair ${round}`;
      const pair = [`a${round}`, `b${round}`];
      for (const id of pair) await books[0]!.add(person(id, { authorityId }));
      const done = await Promise.all(
        pair.map((id, i) => books[i]!.changeKeepingOne(authorityId, (tx) => books[i]!.setDisabled(tx, id, 1, 1))),
      );
      expect(done.filter(Boolean)).toHaveLength(1);
      const left = (await books[0]!.of(authorityId)).filter(({ disabledAt }) => disabledAt === null);
      expect(left).toHaveLength(1);
    }
  });

  test('Of attempts that saw the same count one is counted', async () => {
    const book = new StaffBook(database);
    const staff = person('guessed');
    await book.add(staff);
    const counted = await Promise.all(Array.from({ length: 10 }, () => book.attempt(staff, 0)));
    expect(counted.filter(Boolean)).toHaveLength(1);
    expect((await book.find('union', 'guessed'))?.failures).toBe(1);
  });
});
