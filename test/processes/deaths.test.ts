// SPDX-License-Identifier: AGPL-3.0-or-later
import { describe, expect, test } from '@jest/globals';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { AppProcess } from '../kit/app.ts';
import { engines } from '../kit/engines.ts';
import { newFolder } from '../kit/folder.ts';
import { freePorts } from '../kit/keeper.ts';
import { awaitLetters, calendarOf, MailServer, type Letter } from '../kit/mailbox.ts';
import { freshDatabase, MortalMariadb } from '../kit/mariadb.ts';
import { Crowd, killWhileBooking, lossesOf, stopUnderLoad } from './deaths.ts';
import {
  book,
  change,
  contradictions,
  endLeases,
  FIRST_SLOT,
  inBooks,
  requestFor,
  slugOf,
  slotsOf,
  startTown,
  untilAllSent,
} from './town.ts';

const [sqlite, mariadb] = engines;

const endAll = (apps: AppProcess[]): Promise<number[]> => Promise.all(apps.map((app) => app.end('SIGTERM')));

describe('Killed while bookings pour in', () => {
  test('on SQLite, twenty times: every booking answered is there, and its letter arrives', async () => {
    const { acknowledged, askedAgain, losses } = await killWhileBooking([await sqlite!.freshUrl()], 20);
    expect(losses).toEqual([]);
    expect(acknowledged).toBeGreaterThan(200);
    expect(askedAgain).toBeGreaterThan(20);
  }, 180_000);

  test('on MariaDB, four times, one process of two', async () => {
    const url = await mariadb!.freshUrl();
    const { acknowledged, losses } = await killWhileBooking([url, url], 4);
    expect(losses).toEqual([]);
    expect(acknowledged).toBeGreaterThan(40);
  }, 90_000);

  test('a booking or a letter that was lost would be noticed', async () => {
    const url = await sqlite!.freshUrl();
    const { apps, mailDir } = await startTown([url]);
    const crowd = new Crowd((await slotsOf(apps[0]!, 'carta')).slice(0, 4));
    await crowd.throng(apps[0]!, 1);
    expect(await lossesOf(crowd, url, mailDir)).toEqual([]);
    const [first, second] = [...crowd.told.values()].map(({ body }) => body.reference);
    await inBooks(url, (db) => db.run('DELETE FROM bookings WHERE reference = ?', [first!]));
    const letter = readdirSync(mailDir).find((name) => name.includes(`citizen-${second}`));
    rmSync(join(mailDir, letter!));
    const losses = (await lossesOf(crowd, url, mailDir)).join('\n');
    expect(losses).toContain(`lost: ${first}`);
    expect(losses).toMatch(/^0 letters for/m);
    expect(losses).toContain('a claim of nobody');
    await endAll(apps);
  }, 30_000);
});

describe('The courier', () => {
  test('Killed after the mail server said yes and before it is written: the same letter comes once more', async () => {
    const url = await mariadb!.freshUrl();
    const mail = await MailServer.start();
    const { apps, env } = await startTown([url], { SMTP_URL: mail.url });
    mail.answer = ({ verb }) => {
      if (verb === 'DATA') apps[0]!.process.kill('SIGSTOP'); // the yes is sent, and not heard
      return undefined;
    };
    await book(apps[0]!, requestFor({ start: FIRST_SLOT }));
    await awaitLetters(() => mail.letters(), 1);
    await wait(100); // letters already on their way arrive
    const before = await mail.letters();
    await apps[0]!.end('SIGKILL');
    expect(await owed(url)).toBe(2);

    mail.answer = () => undefined;
    await endLeases(url);
    const again = await startTown([url], { ...env, SMTP_URL: mail.url });
    await untilAllSent(url);
    const letters = await mail.letters();
    expect(letters.length).toBe(before.length + 2);
    expect(new Set(letters.map(({ email }) => email.messageId)).size).toBe(2);
    expect(new Set(letters.map(uidAndSequence)).size).toBe(2); // the citizen's invite, and the office's letter
    await endAll(again.apps);
    await mail.stop();
  }, 60_000);

  test('Frozen past its lease, it wakes and overrules nobody', async () => {
    const url = await mariadb!.freshUrl();
    const mail = await MailServer.start();
    const { apps } = await startTown([url], { SMTP_URL: mail.url });
    mail.answer = ({ verb }) => {
      if (verb === 'DATA') apps[0]!.process.kill('SIGSTOP');
      return undefined;
    };
    await book(apps[0]!, requestFor({ start: FIRST_SLOT }));
    await awaitLetters(() => mail.letters(), 1);
    mail.answer = () => undefined;
    await endLeases(url);
    const other = await startTown([url], { SMTP_URL: mail.url });
    await untilAllSent(url);
    const written = await outbox(url);
    expect(written.map(({ lease_no, attempts }) => ({ lease_no, attempts }))).toEqual(
      [0, 1].map(() => ({ lease_no: 2, attempts: 1 })),
    );
    apps[0]!.process.kill('SIGCONT');
    await book(apps[0]!, requestFor({ start: '2027-03-01T09:00:00+01:00' })); // it is awake again
    await untilAllSent(url);
    expect(await outbox(url)).toEqual(expect.arrayContaining(written));
    expect(new Set((await mail.letters()).map(({ email }) => email.messageId)).size).toBe(4);
    await endAll([...apps, ...other.apps]);
    await mail.stop();
  }, 60_000);

  test('Nobody answers at the mail server: bookings are answered at once, letters leave in order afterwards', async () => {
    const [port = 0] = await freePorts(1);
    const url = await sqlite!.freshUrl();
    const { apps } = await startTown([url], { SMTP_URL: `smtp://127.0.0.1:${port}` });
    const [app] = apps as [AppProcess];
    const took: number[] = [];
    const timed = async <T>(work: Promise<T>): Promise<T> => {
      const start = performance.now();
      const result = await work;
      took.push(performance.now() - start);
      return result;
    };
    for (let i = 0; i < 10; i++) {
      const start = `2027-03-02T0${8 + (i % 2)}:${Math.floor(i / 2)}0:00+01:00`;
      const booked = await timed(book(app, requestFor({ start })));
      expect(booked.status).toBe(201);
      const moved = await timed(change(app, booked, 'move', { start: start.replace('03-02', '03-03') }));
      const cancelled = i % 2 ? moved : await timed(change(app, booked, 'cancellation'));
      expect([moved.status, cancelled.status]).toEqual([200, 200]);
    }
    expect(Math.max(...took)).toBeLessThan(2_000);
    const mail = await MailServer.start(port);
    await inBooks(url, (db) => db.run(`UPDATE outbox SET due_at = due_at - 86400000 WHERE status = 'owed'`));
    await untilAllSent(url);
    expect((await mail.letters()).length).toBe(50); // three or two changes, each to the citizen and to the office
    const invites = (await mail.letters()).filter(calendarOf);
    for (const letters of Map.groupBy(invites, readerOf).values()) {
      const sequences = letters.map((letter) => Number(/SEQUENCE:(\d+)/.exec(calendarOf(letter) ?? '')?.[1]));
      expect(sequences).toEqual(sequences.map((_, i) => i));
      expect(sequences.length).toBeGreaterThan(1);
    }
    expect(await contradictions(url)).toEqual([]);
    await endAll(apps);
    await mail.stop();
  }, 60_000);
});

const readerOf = ({ email }: Letter): string => email.to?.[0]?.address ?? '';

const uidAndSequence = (letter: Letter): string =>
  /UID:.*|SEQUENCE:.*/g.exec(calendarOf(letter) ?? '')?.join() ?? letter.email.subject ?? '';

const outbox = (url: string) =>
  inBooks(url, (db) => db.rows('SELECT id, lease_no, attempts, status, finished_at FROM outbox ORDER BY id'));

const owed = async (url: string): Promise<number> =>
  (await outbox(url)).filter(({ status }) => status === 'owed').length;

describe('A database that has frozen', () => {
  test('keeps nobody waiting for long, and those who ask again after it woke are served once', async () => {
    const database = await MortalMariadb.start(newFolder('mortal'));
    const url = await freshDatabase(database.url);
    const { apps } = await startTown([url]);
    const [app] = apps as [AppProcess];
    const starts = (await slotsOf(app, 'carta')).slice(0, 40);
    const requests = starts.map((start) => requestFor({ start }));
    const under = requests.map((request) => book(app, request));
    await Promise.race(under); // some are answered, some are half-way, some wait for a connection
    database.freeze();
    const asked = performance.now();
    const late = requestFor({ start: '2027-03-02T08:00:00+01:00' });
    const answers = await Promise.all([...under, book(app, late)]);
    expect((performance.now() - asked) / 1000).toBeLessThan(12);
    const refused = answers.filter(({ status }) => status !== 201);
    expect(new Set(refused.map(slugOf))).toEqual(new Set(['503 unavailable']));
    expect(refused.length).toBeGreaterThan(1);
    database.thaw();
    const again = await Promise.all([...requests, late].map((request) => book(app, request)));
    expect(again.map(({ status }) => status)).toEqual(again.map(() => 201));
    expect(await contradictions(url)).toEqual([]);
    await endAll(apps);
    await database.stop();
  }, 60_000);
});

describe('Asked to stop', () => {
  test('under load it answers all it has accepted, finishes its letters and ends within ten seconds', async () => {
    const url = await mariadb!.freshUrl();
    const mail = await MailServer.start();
    const { apps } = await startTown([url], { SMTP_URL: mail.url });
    const { answers, code, seconds } = await stopUnderLoad(apps[0]!);
    expect(answers).toEqual({ 200: expect.any(Number), 201: expect.any(Number), ECONNREFUSED: expect.any(Number) });
    expect([0, 143]).toContain(code);
    expect(seconds).toBeLessThan(10);
    const [books] = await inBooks(url, (db) => db.rows('SELECT COUNT(*) AS bookings FROM bookings'));
    expect(books?.['bookings']).toBe(answers[201]);
    const inHand = await inBooks(url, (db) =>
      db.rows(`SELECT id FROM outbox WHERE status = 'owed' AND lease_until > 0`),
    );
    expect(inHand).toEqual([]);
    const sent = (await outbox(url)).filter(({ status }) => status === 'sent').length;
    expect((await mail.letters()).length).toBe(sent);
    expect(await contradictions(url)).toEqual([]);
    await mail.stop();
  }, 60_000);

  test('a mail server that never answers does not keep it', async () => {
    const mail = await MailServer.start();
    mail.answer = ({ verb }) => (verb === 'MAIL' ? 'silent' : undefined);
    const url = await sqlite!.freshUrl();
    const { apps } = await startTown([url], { SMTP_URL: mail.url });
    await book(apps[0]!, requestFor({ start: FIRST_SLOT }));
    await wait(300);
    const asked = performance.now();
    await endAll(apps);
    expect((performance.now() - asked) / 1000).toBeLessThan(10);
    expect(await owed(url)).toBe(2); // and come once their lease has ended
    await mail.stop();
  }, 90_000);

  test('a database that has frozen does not keep it', async () => {
    const database = await MortalMariadb.start(newFolder('mortal'));
    const url = await freshDatabase(database.url);
    const { apps } = await startTown([url]);
    database.freeze();
    const unanswered = book(apps[0]!, requestFor({ start: FIRST_SLOT })).catch(() => 'no answer');
    await wait(200);
    const asked = performance.now();
    await endAll(apps);
    expect((performance.now() - asked) / 1000).toBeLessThan(10);
    expect(await unanswered).toBe('no answer');
    await database.stop();
  }, 60_000);
});
