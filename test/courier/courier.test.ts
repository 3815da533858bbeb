// SPDX-License-Identifier: AGPL-3.0-or-later
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Booking } from '../../src/bookings/booking.ts';
import { Courier } from '../../src/courier/courier.ts';
import { letterOf } from '../../src/courier/letter-of.ts';
import { FolderMailer } from '../../src/mail/folder-mailer.ts';
import { LetterWriter } from '../../src/mail/letter-writer.ts';
import type { Mailer } from '../../src/mail/mailer.ts';
import { nextAttempt } from '../../src/mail/retry.ts';
import { SmtpMailer } from '../../src/mail/smtp-mailer.ts';
import type { Authority } from '../../src/offices/authority.ts';
import { officeWith, serviceWith } from '../offices/sample.ts';
import { at, House, unionWith } from '../kit/desks.ts';
import { engines } from '../kit/engines.ts';
import { newFolder } from '../kit/folder.ts';
import { freePorts } from '../kit/keeper.ts';
import { awaitLetters, calendarOf, lettersIn, MailServer, type Letter } from '../kit/mailbox.ts';

const START = at('2027-03-30T10:00');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const CITIZEN = 'anna@example.org';
const OFFICE = 'suap@unione.example';
const writer = new LetterWriter();

const reminders = [
  { days: 3, minutes: 0 },
  { days: 0, minutes: 120 },
];
const union = (id: string, counters = 2) =>
  unionWith(counters, { id, offices: [officeWith({ email: OFFICE, services: [serviceWith({ reminders })] })] });

/** `REQUEST 1`, or `-` for a letter without an invite. */
function inviteIn(letter: Letter): string {
  const calendar = calendarOf(letter) ?? '';
  const method = /^METHOD:(\w+)/m.exec(calendar)?.[1];
  return method ? `${method} ${/^SEQUENCE:(\d+)/m.exec(calendar)?.[1]}` : '-';
}

describe.each(engines)('The courier on $name', (engine) => {
  let house: House;
  let server: MailServer;
  let authority: Authority;
  let reports: string[];
  let mailers: Mailer[];
  let tests = 0;

  beforeAll(async () => {
    house = await House.open(await engine.freshUrl());
  });
  afterAll(() => house.close());
  beforeEach(async () => {
    [reports, mailers] = [[], []];
    house.clock.set('2027-03-20T08:00:00+01:00');
    server = await MailServer.start();
    authority = await house.settle(union(`unione-${tests++}`));
  });
  afterEach(async () => {
    for (const mailer of mailers) await mailer.close();
    await server.stop();
    await house.database.run('DELETE FROM outbox');
  });

  const smtp = (url = server.url): Mailer => {
    const mailer = new SmtpMailer(url);
    mailers.push(mailer);
    return mailer;
  };
  const courierWith = (mailer: Mailer, registers = house.registers): Courier =>
    new Courier(
      registers,
      { writer, mailer, tokens: house.tokens, publicUrl: 'http://localhost:3000' },
      house.clock,
      (event, about) => reports.push(`${event} ${about.kind ?? ''}`.trim()),
    );
  /** Works until nothing is due any more. @returns how many letters each round took up. */
  async function workOff(courier: Courier): Promise<number[]> {
    const rounds: number[] = [];
    for (let n = await courier.carryOut(); n > 0; n = await courier.carryOut()) rounds.push(n);
    return rounds;
  }
  const outbox = (booking: Booking) =>
    house.database.rows<{
      id: string;
      kind: string;
      recipient: string;
      status: string;
      attempts: number;
      due_at: number;
    }>('SELECT id, kind, recipient, status, attempts, due_at FROM outbox WHERE booking_id = ? ORDER BY position', [
      booking.id,
    ]);
  const fates = async (booking: Booking, recipient = 'citizen') =>
    (await outbox(booking)).filter((l) => l.recipient === recipient).map((l) => `${l.kind} ${l.status}`);
  const arrivedFor = async (address: string) =>
    (await server.letters()).filter((l) => l.recipients.includes(address)).map(inviteIn);
  const book = (start = START) => house.book(authority, start, { email: CITIZEN });
  const state = () => house.registers.outbox.state(house.clock.now(), 'letters');
  const claim = (most = 20) => house.registers.outbox.claim(house.clock.now(), most);
  const releaseLeases = () => house.database.run('UPDATE outbox SET lease_until = 0');

  test('The letters of one booking leave in the order of what happened, to each reader', async () => {
    let booking = await book();
    booking = await house.changes.move(authority, booking, START + 60);
    booking = await house.changes.move(authority, booking, START + 90);
    await house.changes.cancel(authority, booking);
    expect(await state()).toEqual({ pending: 8, dead: 0, oldest: 0 });
    expect(await workOff(courierWith(smtp()))).toEqual([2, 2, 2, 2]);
    expect(await arrivedFor(CITIZEN)).toEqual(['REQUEST 0', 'REQUEST 1', 'REQUEST 2', 'CANCEL 3']);
    expect(await arrivedFor(OFFICE)).toHaveLength(4);
    expect(await fates(booking)).toEqual(['confirmed sent', 'moved sent', 'moved sent', 'cancelled sent']);
    expect(await state()).toEqual({ pending: 0, dead: 0, oldest: 0 });
  });

  test('A reminder leaves at its moment and not before, once, to the citizen alone', async () => {
    const booking = await book();
    const courier = courierWith(smtp());
    await workOff(courier);
    house.clock.set('2027-03-27T09:59:59.999+01:00');
    expect(await workOff(courier)).toEqual([]);
    house.clock.set('2027-03-27T10:00:00+01:00');
    expect(await workOff(courier)).toEqual([1]);
    house.clock.set('2027-03-30T08:00:00+02:00');
    expect(await workOff(courier)).toEqual([1]);
    expect(await fates(booking)).toEqual(['confirmed sent', 'reminder sent', 'reminder sent']);
    expect(await arrivedFor(CITIZEN)).toHaveLength(3);
    expect(await arrivedFor(OFFICE)).toHaveLength(1);
  });

  test('A moved booking is reminded of its new time only, a cancelled or past one not at all', async () => {
    const courier = courierWith(smtp());
    const [moved, cancelled, past] = [await book(), await book(), await book(START + 30)];
    await workOff(courier);
    await house.changes.move(authority, moved, START + 1440);
    await house.changes.cancel(authority, cancelled);
    await workOff(courier);
    house.clock.set('2027-03-27T12:00:00+01:00');
    expect(await workOff(courier)).toEqual([1]);
    house.clock.set(START * MINUTE + 30 * MINUTE);
    await workOff(courier);
    expect(await fates(past)).toEqual(['confirmed sent', 'reminder sent', 'reminder dropped']);
    expect(await fates(cancelled)).toEqual(['confirmed sent', 'cancelled sent']);
    expect(await fates(moved)).toEqual(['confirmed sent', 'moved sent', 'reminder sent', 'reminder owed']);
  });

  test('One the server refused gives way to a later one and is not sent after it', async () => {
    server.answer = ({ verb, address, count }) =>
      verb === 'RCPT' && address === CITIZEN && count <= 2 ? { code: 450, text: '4.2.1 later' } : undefined;
    const courier = courierWith(smtp());
    const booking = await book();
    await workOff(courier);
    expect(await fates(booking)).toEqual(['confirmed owed', 'reminder owed', 'reminder owed']);
    expect((await outbox(booking))[0]).toMatchObject({ attempts: 1, due_at: house.clock.now() + nextAttempt(1)! });
    await house.changes.move(authority, booking, START + 60);
    await workOff(courier);
    house.clock.advance(HOUR);
    await workOff(courier);
    expect(await arrivedFor(CITIZEN)).toEqual(['REQUEST 1']);
    expect((await fates(booking)).slice(0, 2)).toEqual(['confirmed dropped', 'moved sent']);
    expect(await arrivedFor(OFFICE)).toHaveLength(2);
  });

  test('One refused before but in a courier’s hands now is waited for', async () => {
    server.answer = ({ verb, address, count }) =>
      verb === 'RCPT' && address === CITIZEN && count <= 2 ? { code: 450, text: '4.2.1 later' } : undefined;
    const booking = await book();
    await workOff(courierWith(smtp()));
    house.clock.advance(HOUR);
    const [inHand] = await claim();
    expect(inHand!.kind).toBe('confirmed');
    await house.changes.move(authority, booking, START + 60);
    expect((await claim()).map((row) => `${row.kind} ${row.recipient}`)).toEqual(['moved office']);
    await house.registers.outbox.finish(inHand!, house.clock.now(), { status: 'sent' });
    expect((await claim()).map((row) => `${row.kind} ${row.recipient}`)).toEqual(['moved citizen']);
  });

  test('While nobody can be reached nothing is lost and the order stays', async () => {
    const [port] = await freePorts(1);
    const nobody = courierWith(smtp(`smtp://127.0.0.1:${port}`));
    const booking = await book();
    await house.changes.move(authority, booking, START + 60);
    for (let hour = 0; hour < 30; hour++) {
      await workOff(nobody);
      house.clock.advance(HOUR);
    }
    expect(await fates(booking)).toEqual(['confirmed owed', 'moved owed', 'reminder owed', 'reminder owed']);
    expect((await outbox(booking))[0]!.attempts).toBe(30);
    expect(await state()).toEqual({ pending: 4, dead: 0, oldest: 30 * HOUR });
    expect(new Set(reports)).toEqual(new Set(['letter delayed confirmed']));
    await workOff(courierWith(smtp()));
    expect(await arrivedFor(CITIZEN)).toEqual(['REQUEST 0', 'REQUEST 1']);
    expect(await state()).toEqual({ pending: 0, dead: 0, oldest: 0 });
  });

  test('One that will never be taken is dead, is told, and holds nobody up', async () => {
    server.answer = ({ verb, address, count }) =>
      verb === 'RCPT' && address === CITIZEN && count <= 2 ? { code: 550, text: '5.1.1 nobody' } : undefined;
    const courier = courierWith(smtp());
    const booking = await book();
    await workOff(courier);
    expect((await fates(booking))[0]).toBe('confirmed dead');
    expect(reports).toEqual(['letter dead confirmed']);
    expect(await state()).toMatchObject({ pending: 0, dead: 1 });
    const [row] = await house.database.rows(`SELECT last_error FROM outbox WHERE status = 'dead'`);
    expect(row!['last_error']).toMatch(/permanent.*550/);
    expect(JSON.stringify(row)).not.toContain(CITIZEN);
    await house.changes.move(authority, booking, START + 60);
    await workOff(courier);
    expect(await arrivedFor(CITIZEN)).toEqual(['REQUEST 1']);
  });

  test('One that cannot be written is given up after two days, and the others leave meanwhile', async () => {
    const folder = newFolder('poison');
    const courier = courierWith(new FolderMailer(folder));
    const [poisoned, other] = [await book(), await book(START + 30)];
    await house.database.run(`UPDATE outbox SET facts = '{}' WHERE booking_id = ? AND recipient = 'office'`, [
      poisoned.id,
    ]);
    await workOff(courier);
    expect(await lettersIn(folder)).toHaveLength(3);
    expect(await fates(other, 'office')).toEqual(['confirmed sent']);
    for (let hour = 0; hour < 72; hour += 3) {
      house.clock.advance(3 * HOUR);
      await workOff(courier);
    }
    expect(await fates(poisoned, 'office')).toEqual(['confirmed dead']);
    expect((await outbox(poisoned))[1]!.attempts).toBe(9);
    expect(reports.at(-1)).toBe('letter dead confirmed');
  });

  test('What one courier has in hand is nobody else’s until its lease ends', async () => {
    await book();
    const first = await claim();
    expect(first).toHaveLength(2);
    expect(await claim()).toEqual([]);
    await releaseLeases();
    expect((await claim()).map((row) => row.leaseNo)).toEqual([2, 2]);
  });

  test('The word of a courier that slept through its lease does not count', async () => {
    const booking = await book();
    const { outbox: box } = house.registers;
    const now = house.clock.now();
    const sleeper = (await claim()).find((row) => row.recipient === 'citizen')!;
    await releaseLeases();
    const other = (await claim()).find((row) => row.recipient === 'citizen')!;
    expect(await box.finish(sleeper, now, { status: 'dead', error: 'too late' })).toBe(false);
    expect((await fates(booking))[0]).toBe('confirmed owed');
    expect(await box.finish(other, now, { status: 'sent' })).toBe(true);
    expect(await box.finish(sleeper, now, { status: 'owed' })).toBe(false);
    expect((await fates(booking))[0]).toBe('confirmed sent');
  });

  test('A letter sent by a courier that died before it could say so goes again under the same name', async () => {
    const booking = await book();
    const dying = smtp();
    for (const row of await claim()) {
      const letter = letterOf(row, booking, authority, { tokens: house.tokens, base: 'http://localhost:3000' });
      await dying.send(writer.write(letter));
    }
    expect(await workOff(courierWith(smtp()))).toEqual([]);
    await releaseLeases();
    await workOff(courierWith(smtp()));
    const copies = (await server.letters()).filter((l) => l.recipients.includes(CITIZEN));
    expect(copies).toHaveLength(2);
    expect(new Set(copies.map((l) => l.email.messageId)).size).toBe(1);
    expect(new Set(copies.map((l) => l.email.date)).size).toBe(1);
    expect((await fates(booking))[0]).toBe('confirmed sent');
  });

  test('A reminder forgotten while it is claimed holds nothing up', async () => {
    const booking = await book();
    await workOff(courierWith(smtp()));
    house.clock.set('2027-03-27T10:00:00+01:00');
    const claimed = claim();
    await house.changes.cancel(authority, booking);
    expect((await claimed).filter((row) => row.kind === 'reminder').length).toBeLessThanOrEqual(1);
    await releaseLeases();
    const courier = courierWith(smtp());
    await workOff(courier);
    expect((await fates(booking)).at(-1)).toBe('cancelled sent');
  });

  test('Three couriers at one outbox send each letter once', async () => {
    const crowd = await house.settle(union(`unione-${tests++}`, 5));
    for (let n = 0; n < 40; n++)
      await house.book(crowd, START + 30 * (n % 6), { email: `c${n}@example.org` }).catch(() => null);
    const owed = (await state()).pending;
    expect(owed).toBe(60);
    const others =
      engine.name === 'SQLite' ? [house, house] : [house, await House.open(urlOf(house), { clock: house.clock })];
    const couriers = [house, ...others].map((h) => courierWith(smtp(), h.registers));
    await Promise.all(couriers.map(workOff));
    if (others[1] !== house) await others[1]!.close();
    const names = (await server.letters()).map((l) => l.email.messageId);
    expect(names).toHaveLength(owed);
    expect(new Set(names).size).toBe(owed);
  });

  test('A running courier sends at once, sleeps when there is nothing, and stops', async () => {
    const folder = newFolder('running');
    const courier = courierWith(new FolderMailer(folder));
    courier.start();
    try {
      await book();
      const letters = await awaitLetters(() => lettersIn(folder), 2);
      expect(new Set(letters.map((l) => l.email.to?.[0]?.address))).toEqual(new Set([CITIZEN, OFFICE]));
    } finally {
      await courier.stop();
    }
    house.registers.onChange(() => undefined);
    await book(START + 30);
    expect(await lettersIn(folder)).toHaveLength(2);
  });

  const urlOf = (h: House): string => String((h.database.writer.options as { url?: string }).url);
});
