// SPDX-License-Identifier: AGPL-3.0-or-later
import { afterEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { fork } from 'node:child_process';
import { createConnection } from 'mysql2/promise';
import { Database } from '../../src/database/engine/database.ts';
import { Claim, Guard } from '../../src/database/rows.ts';
import { DuplicateKey, type Transaction } from '../../src/database/engine/transaction.ts';
import { Registers } from '../../src/database/registers.ts';
import { SystemClock } from '../../src/time/clock.ts';
import { SeededChance } from '../kit/chance.ts';
import { unionWith } from '../kit/desks.ts';
import { engines } from '../kit/engines.ts';

const [sqlite, mariadb] = engines as [(typeof engines)[0], (typeof engines)[0]];
const opened: Database[] = [];

async function open(url: string, alone = true): Promise<Database> {
  const database = await Database.open(url, new SystemClock(), new SeededChance(url), alone);
  opened.push(database);
  return database;
}

afterEach(async () => {
  for (const database of opened.splice(0)) await database.close();
});

const guard = (serviceId: string, bookings = 0): Guard => ({ authorityId: 'a', serviceId, emailHash: 'e', bookings });
const guardsOf = (database: Database) =>
  database.rows<{ service_id: string; bookings: number }>(
    'SELECT service_id, bookings FROM guards ORDER BY service_id',
  );
const claim = (tick: number, holder: string, counter = 1): Claim => ({ counter, tick, holder, expiresAt: null });

class ChangedMyMind extends Error {}

/** As the first version wrote one that had moved three times. */
const OLD_BOOKING = {
  id: 'b1',
  authority_id: 'unione',
  reference: '7K4M9QX',
  office_id: 'suap',
  service_id: 'consulenza',
  counter: 1,
  starts_at: 30_000_000,
  ends_at: 30_000_030,
  busy_until: 30_000_035,
  mode: 'in_person',
  status: 'confirmed',
  sequence: 3,
  generation: 0,
  language: 'it',
  given_name: 'Anna',
  family_name: 'Rossi',
  email: 'anna@example.org',
  email_hash: 'a'.repeat(64),
  fields: '{}',
  manage_hash: 'b'.repeat(64),
  meeting_hash: 'c'.repeat(64),
  created_at: 1,
  updated_at: 2,
};

describe.each(engines)('Tables on $name', (engine) => {
  test('The migrations make exactly the tables the classes are mapped to', async () => {
    const { writer } = await open(await engine.freshUrl());
    const drift = await writer.driver.createSchemaBuilder().log();
    expect(drift.upQueries.map(({ query }) => query)).toEqual([]);
  });

  test('Bookings made by the first version keep all they had, in the order of their letters', async () => {
    const url = await engine.freshUrl();
    const { writer } = await open(url);
    for (let left = writer.migrations.length; left > 1; left--) await writer.undoLastMigration({ transaction: 'none' });
    const { id, ...values } = OLD_BOOKING;
    const columns = Object.keys(values).join(', ');
    const marks = Object.keys(values).map(() => '?');
    await writer.query(`INSERT INTO bookings (id, ${columns}) VALUES (?, ${marks.join(', ')})`, [
      id,
      ...Object.values(values),
    ]);
    await writer.runMigrations({ transaction: 'none' });
    const [row] = (await writer.query('SELECT * FROM bookings')) as Record<string, unknown>[];
    expect(row).toMatchObject({ ...OLD_BOOKING, version: 3, address_fails: 0, cancelled_by: null });
  });

  test('A column that is missing would be seen as drift', async () => {
    const { writer } = await open(await engine.freshUrl());
    await writer.query('DROP INDEX ix_holds_expiry' + (engine.name === 'SQLite' ? '' : ' ON holds'));
    const drift = await writer.driver.createSchemaBuilder().log();
    expect(drift.upQueries).not.toEqual([]);
  });

  test('The migrations go down to nothing and up again', async () => {
    const database = await open(await engine.freshUrl());
    await database.run(`INSERT INTO claims (counter, tick, holder) VALUES (1, 1, 'x')`);
    const { migrations } = database.writer;
    for (let left = migrations.length; left > 0; left--)
      await database.writer.undoLastMigration({ transaction: 'none' });
    const tables = await database.rows(
      engine.name === 'SQLite'
        ? `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('migrations', 'sqlite_sequence')`
        : `SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name <> 'migrations'`,
    );
    expect(tables).toEqual([]);
    await database.writer.runMigrations({ transaction: 'none' });
    expect(await database.rows('SELECT * FROM claims')).toEqual([]);
  });

  test('Opening a second time finds the tables as they were left', async () => {
    const url = await engine.freshUrl();
    const first = await open(url);
    await first.transaction((tx) => tx.insert(Guard, [guard('kept', 7)]));
    await first.close();
    opened.pop();
    expect(await guardsOf(await open(url))).toEqual([{ service_id: 'kept', bookings: 7 }]);
  });
});

describe.each(engines)('Transactions on $name', (engine) => {
  test('Of three hundred at once those that answered are written whole and the others not at all', async () => {
    const database = await open(await engine.freshUrl());
    await database.transaction((tx) => tx.insert(Guard, [guard('sum')]));
    const work = (n: number) => async (tx: Transaction) => {
      await tx.insert(Claim, [claim(2 * n, `${n}`), claim(2 * n + 1, `${n}`)]);
      await tx.run('UPDATE guards SET bookings = bookings + 1');
      if (n % 3 === 0) throw new ChangedMyMind();
      return n;
    };
    const ended = await Promise.allSettled(Array.from({ length: 300 }, (_, n) => database.transaction(work(n))));
    const answered = ended.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []));
    const wrong = ended.filter((end) => end.status === 'rejected' && !(end.reason instanceof ChangedMyMind));
    expect(wrong).toEqual([]);
    expect(answered).toHaveLength(200);
    const claims = await database.rows<{ holder: string; tick: number }>(
      'SELECT holder, tick FROM claims ORDER BY tick',
    );
    expect(claims).toEqual(answered.flatMap((n) => [0, 1].map((i) => ({ holder: `${n}`, tick: 2 * n + i }))));
    expect(await guardsOf(database)).toEqual([{ service_id: 'sum', bookings: 200 }]);
  });

  test('One inside another is an error and undoes the outer one', async () => {
    const database = await open(await engine.freshUrl());
    const nested = database.transaction(async (tx) => {
      await tx.insert(Guard, [guard('outer')]);
      await database.run('DELETE FROM guards');
    });
    await expect(nested).rejects.toThrow('a transaction inside a transaction');
    expect(await guardsOf(database)).toEqual([]);
  });

  test('A reader sees nothing of one that is half done', async () => {
    const database = await open(await engine.freshUrl());
    const seen: unknown[] = [];
    await database.transaction(async (tx) => {
      await tx.insert(Guard, [guard('half')]);
      seen.push(await guardsOf(database), await tx.rows('SELECT service_id FROM guards'));
    });
    expect(seen).toEqual([[], [{ service_id: 'half' }]]);
    expect(await guardsOf(database)).toHaveLength(1);
  });

  test('A tick that is taken refuses a second row, even one written by hand', async () => {
    const database = await open(await engine.freshUrl());
    await database.transaction((tx) => tx.insert(Claim, [claim(10, 'first'), claim(11, 'first')]));
    const byHand = `INSERT INTO claims (counter, tick, holder) VALUES (1, 11, 'second'), (1, 12, 'second')`;
    await expect(database.run(byHand)).rejects.toThrow(/UNIQUE|Duplicate/);
    const refused = database.transaction((tx) => tx.insert(Claim, [claim(9, 'third'), claim(10, 'third')]));
    await expect(refused).rejects.toThrow(DuplicateKey);
    expect(await database.rows('SELECT holder, tick FROM claims ORDER BY tick')).toEqual([
      { holder: 'first', tick: 10 },
      { holder: 'first', tick: 11 },
    ]);
  });

  test('The database says its own time in milliseconds', async () => {
    const database = await open(await engine.freshUrl());
    const [row] = await database.rows<{ time: number }>(`SELECT ${database.time} AS time`);
    expect(Math.abs(row!.time - Date.now())).toBeLessThan(2_000);
  });

  test('An authority saved elsewhere is read again, its counters keeping their keys', async () => {
    const url = await engine.freshUrl();
    const [here, there] = [new Registers(await open(url)), new Registers(await open(url, false))];
    await here.authorities.save(unionWith(1));
    const before = (await here.authorities.find('unione'))!;
    expect(await here.authorities.find('unione')).toBe(before);
    await there.authorities.save(unionWith(2, { name: 'Nuova Unione' }));
    const after = (await here.authorities.find('unione'))!;
    expect([after.name, after.revision]).toEqual(['Nuova Unione', before.revision + 1]);
    expect(after.counters[0]!.key).toBe(before.counters[0]!.key);
    expect(after.counters[1]!.key).toBeGreaterThan(before.counters[0]!.key);
  });
});

describe('Writers that are committed together on SQLite', () => {
  const add = (database: Database, id: string) => database.transaction((tx) => tx.insert(Guard, [guard(id)]));

  test('One that fails undoes nothing of the others', async () => {
    const database = await open(await sqlite.freshUrl());
    const failing = async (tx: Transaction) => {
      await tx.insert(Guard, [guard('b')]);
      await tx.insert(Guard, [guard('a')]);
    };
    const all = [add(database, 'a'), database.transaction(failing), add(database, 'c')];
    const ended = await Promise.allSettled(all);
    expect(ended.map((end) => end.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((await guardsOf(database)).map((g) => g.service_id)).toEqual(['a', 'c']);
  });

  test('Where the database undoes all of them, as on a full disk, nobody hears yes, and the next one is written', async () => {
    const database = await open(await sqlite.freshUrl());
    const full = async (tx: Transaction) => {
      await tx.insert(Guard, [guard('b')]);
      await tx.run('ROLLBACK');
      throw new Error('database or disk is full');
    };
    const all = [add(database, 'a'), database.transaction(full), add(database, 'c')];
    const ended = await Promise.allSettled(all);
    const heard = ended.flatMap((end, i) => (end.status === 'fulfilled' ? ['abc'[i]] : []));
    expect((await guardsOf(database)).map((g) => g.service_id)).toEqual(heard);
    expect(heard).not.toContain('a');
    await add(database, 'd');
    expect((await guardsOf(database)).map((g) => g.service_id)).toContain('d');
  });
});

describe('One instance at a time holds a SQLite file', () => {
  test('A second is refused with one sentence, and may come when the first has gone', async () => {
    const url = await sqlite.freshUrl();
    const first = await open(url);
    const sentence = new RegExp(`^another Sportello already runs on .*sportello.db: [^.]*$`);
    await expect(open(url)).rejects.toThrow(sentence);
    await first.transaction((tx) => tx.insert(Guard, [guard('still writes')]));
    await first.close();
    opened.pop();
    expect(await guardsOf(await open(url))).toHaveLength(1);
  });

  test('An import beside it loses nothing of either', async () => {
    const url = await sqlite.freshUrl();
    const [instance, beside] = [await open(url), new Registers(await open(url, false))];
    for (let n = 0; n < 20; n++) {
      await instance.transaction((tx) => tx.insert(Guard, [guard(`${n}`.padStart(2, '0'))]));
      await beside.authorities.save(unionWith(1, { name: `Unione ${n}` }));
    }
    expect(await guardsOf(instance)).toHaveLength(20);
    expect((await new Registers(instance).authorities.find('unione'))!.name).toBe('Unione 19');
  });

  test('Its lock dies with a process that is killed', async () => {
    const url = await sqlite.freshUrl();
    const file = url.slice('sqlite:'.length);
    const child = fork('test/database/hold-lock.mjs', [file], {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    try {
      await once(child, 'message');
      await expect(open(url)).rejects.toThrow('another Sportello');
    } finally {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    expect(await guardsOf(await open(url))).toEqual([]);
  });
});

describe('Writers that lose to others on MariaDB', () => {
  test('A deadlock is tried again until both are written', async () => {
    const database = await open(await mariadb.freshUrl());
    await database.transaction((tx) => tx.insert(Guard, [guard('a'), guard('b')]));
    const raise = (tx: Transaction, id: string) =>
      tx.run('UPDATE guards SET bookings = bookings + 1 WHERE service_id = ?', [id]);
    let both: () => void = () => undefined;
    const met = new Promise<void>((resolve) => (both = resolve));
    let inside = 0;
    const crossed = (first: string, second: string) =>
      database.transaction(async (tx) => {
        await raise(tx, first);
        if (++inside === 2) both();
        await met;
        await raise(tx, second);
      });
    await Promise.all([crossed('a', 'b'), crossed('b', 'a')]);
    expect((await guardsOf(database)).map((g) => g.bookings)).toEqual([2, 2]);
    expect(database.retries).toBeGreaterThan(0);
  });

  test('A connection that is killed is thrown away and its work done again on another', async () => {
    const url = await mariadb.freshUrl();
    const database = await open(url);
    const killer = await createConnection({ uri: url });
    const used: number[] = [];
    for (let n = 0; n < 20; n++) {
      let tries = 0;
      await database.transaction(async (tx) => {
        const [row] = await tx.rows<{ id: number }>('SELECT CONNECTION_ID() AS id');
        await tx.insert(Guard, [guard(`${n}`.padStart(2, '0'))]);
        if (tries++ === 0) {
          used.push(row!.id);
          await killer.query(`KILL ${row!.id}`);
        }
      });
    }
    const [alive] = await killer.query('SELECT id FROM information_schema.processlist');
    await killer.end();
    const ids = (alive as { id: number }[]).map(({ id }) => id);
    expect(ids.filter((id) => used.includes(id))).toEqual([]);
    expect(await guardsOf(database)).toHaveLength(20);
    // Sixteen at once need the whole pool; a leaked connection would leave one waiting for ever.
    let here = 0;
    let all: () => void = () => undefined;
    const together = new Promise<void>((resolve) => (all = resolve));
    const sessions = await Promise.all(
      Array.from({ length: 16 }, () =>
        database.transaction(async (tx) => {
          if (++here === 16) all();
          await together;
          const [row] = await tx.rows<{ level: string; patience: number }>(
            'SELECT @@tx_isolation AS level, @@innodb_lock_wait_timeout AS patience',
          );
          return `${row!.level} ${row!.patience}`;
        }),
      ),
    );
    expect(new Set(sessions)).toEqual(new Set(['READ-COMMITTED 5']));
  });

  test('One that loses every time hears so in the end', async () => {
    const database = await open(await mariadb.freshUrl());
    let tries = 0;
    const always = database.transaction(() => {
      tries++;
      return Promise.reject(Object.assign(new Error('Deadlock found'), { errno: 1213 }));
    });
    await expect(always).rejects.toThrow('Deadlock found');
    expect(tries).toBe(6);
  });
});
