// SPDX-License-Identifier: AGPL-3.0-or-later
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';
import { ImapInbox, type Fate } from '../../src/mail/incoming/imap-inbox.ts';
import type { Incoming } from '../../src/mail/incoming/incoming.ts';
import { LARGEST_READ } from '../../src/mail/incoming/read-message.ts';
import { ManualClock } from '../kit/clock.ts';
import { Dovecot } from '../kit/dovecot.ts';
import { freePorts } from '../kit/keeper.ts';
import { AUTHSERV_ID, replyWith, wordsWith } from './messages.ts';

let dovecot: Dovecot;
let clock: ManualClock;
let taken: string[];
let reports: string[];
let fate: (message: Incoming) => Promise<Fate>;
let inboxes: ImapInbox[];

beforeAll(async () => {
  dovecot = await Dovecot.start();
});
afterAll(() => dovecot.stop());
beforeEach(() => {
  clock = new ManualClock('2027-03-01T07:00:00+01:00');
  [taken, reports, inboxes] = [[], [], []];
  fate = () => Promise.resolve('done');
});
afterEach(async () => {
  await Promise.all(inboxes.map((inbox) => inbox.stop()));
  await dovecot.empty();
});

const saidBy = (message: Incoming): string => (message.kind === 'words' ? message.text : message.kind);

function attend(url = dovecot.url): ImapInbox {
  const inbox = new ImapInbox(url, AUTHSERV_ID, clock, (event, { error }) =>
    reports.push([event, error].filter(Boolean).join(': ')),
  );
  inbox.start((message) => {
    taken.push(saidBy(message));
    return fate(message);
  });
  inboxes.push(inbox);
  return inbox;
}

async function until(met: () => boolean): Promise<void> {
  for (const start = Date.now(); !met(); await wait(10)) {
    if (Date.now() - start > 10_000)
      throw new Error(`taken: ${taken.join()}; ${reports.length} reports, first ${reports[0]}`);
  }
}

test('What is unread is taken, and read once it has been carried out', async () => {
  await dovecot.deliver(replyWith());
  await dovecot.deliver(wordsWith(['Buongiorno']));
  attend();
  await dovecot.untilRead();
  expect(taken).toEqual(['reply', 'Buongiorno']);
  expect(await dovecot.flags()).toEqual([['\\Seen'], ['\\Seen']]);
});

test('What arrives later is taken at once, without a look of the clock', async () => {
  attend();
  await until(() => clock.sleeping === 1);
  await dovecot.deliver(wordsWith(['uno']));
  await until(() => taken.length === 1);
  await dovecot.untilRead();
  await dovecot.deliver(wordsWith(['due']));
  await dovecot.untilRead();
  expect(taken).toEqual(['uno', 'due']);
});

test('What is left to a person is flagged, stays unread, and is not taken again', async () => {
  fate = () => Promise.resolve('left');
  await dovecot.deliver(wordsWith(['uno']));
  attend();
  await dovecot.untilRead();
  await until(() => clock.sleeping === 1);
  clock.advance(60_000);
  await dovecot.deliver(wordsWith(['due']));
  await dovecot.untilRead();
  expect(taken).toEqual(['uno', 'due']);
  expect(await dovecot.flags()).toEqual([['\\Flagged'], ['\\Flagged']]);
});

test('What we stumble over stays unread and is tried again; those after it need not wait', async () => {
  fate = (message) => (saidBy(message) === 'uno' ? Promise.reject(new Error('no database')) : Promise.resolve('done'));
  await dovecot.deliver(wordsWith(['uno']));
  await dovecot.deliver(wordsWith(['due']));
  attend();
  await until(() => taken.length === 2 && clock.sleeping === 1);
  expect(await dovecot.flags()).toEqual([[], ['\\Seen']]);
  expect(reports).toEqual(['message not carried out']);
  fate = () => Promise.resolve('done');
  clock.advance(60_000);
  await dovecot.untilRead();
  expect(taken).toEqual(['uno', 'due', 'uno']);
});

test('Of a huge message only the beginning is fetched', async () => {
  let length = 0;
  fate = (message) => {
    length = message.kind === 'words' ? message.text.length : -1;
    return Promise.resolve('done');
  };
  await dovecot.deliver(wordsWith(['Buongiorno', ...Array.from({ length: 20_000 }, () => 'x'.repeat(70))]));
  attend();
  await dovecot.untilRead();
  expect(length).toBeGreaterThan(10);
  expect(length).toBeLessThan(LARGEST_READ);
});

test('A server that goes and comes back is found again, ever less often asked meanwhile', async () => {
  const [port = 0] = await freePorts(1);
  let other = await Dovecot.start(port);
  attend(other.url);
  await until(() => clock.sleeping === 1);
  await other.stop();
  await until(() => reports.length === 1 && clock.sleeping === 1);
  expect(reports).toEqual(['mailbox hung up']);
  for (const pause of [1_000, 5_000]) {
    const before = reports.length;
    clock.advance(pause);
    await until(() => reports.length > before && clock.sleeping === 1);
  }
  expect(reports.slice(-2)).toEqual(['mailbox not reached: ECONNREFUSED', 'mailbox not reached: ECONNREFUSED']);
  const tried = reports.length;
  clock.advance(14_000);
  expect([reports.length, clock.sleeping]).toEqual([tried, 1]);
  other = await Dovecot.start(port);
  await other.deliver(wordsWith(['uno']));
  clock.advance(1_000);
  await until(() => taken.length === 1);
  await other.untilRead();
  await Promise.all(inboxes.map((inbox) => inbox.stop()));
  await other.stop();
});

test('A wrong password is told without the words of the server', async () => {
  attend(dovecot.url.replace(/:[^:@]+@/, ':sbagliata@'));
  await until(() => reports.length === 1);
  expect(reports).toEqual(['mailbox not reached: authentication refused']);
});

test('It stops at once, also with a message in hand, which is finished first', async () => {
  let finish: (fate: Fate) => void = () => undefined;
  fate = () => new Promise((resolve) => (finish = resolve));
  await dovecot.deliver(wordsWith(['uno']));
  await dovecot.deliver(wordsWith(['due']));
  const inbox = attend();
  await until(() => taken.length === 1);
  const stopped = inbox.stop();
  finish('done');
  await stopped;
  expect(taken).toEqual(['uno']);
  expect(clock.sleeping).toBe(0);
  expect(inbox.place).toMatch(/^imap:\/\/127\.0\.0\.1:\d+\/INBOX$/);
});
