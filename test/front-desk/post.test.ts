// SPDX-License-Identifier: AGPL-3.0-or-later
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Booking } from '../../src/bookings/booking.ts';
import { OutboxRow } from '../../src/database/rows.ts';
import { PostDesk } from '../../src/front-desk/post/post-desk.ts';
import { ReplyDesk } from '../../src/front-desk/post/reply-desk.ts';
import { readMessage } from '../../src/mail/incoming/read-message.ts';
import type { Authority } from '../../src/offices/authority.ts';
import { at, House, outcomeOf, unionWith } from '../kit/desks.ts';
import { engines } from '../kit/engines.ts';
import { broken } from '../kit/invariants.ts';
import { AUTHSERV_ID, bounceWith, replyWith, wordsWith, type ReplyParts } from '../mail/messages.ts';
import { officeWith, serviceWith } from '../offices/sample.ts';

const NINE = at('2027-03-02T09:00');
const TEN = at('2027-03-02T10:00');
const CITIZEN = 'anna@example.org';
const BY_CITIZEN = { by: { kind: 'citizen' } } as const;

describe.each(engines)('What the post brings on $name', (engine) => {
  let house: House;
  let post: PostDesk;
  let authority: Authority;
  let booking: Booking;
  let tests = 0;

  beforeAll(async () => {
    house = await House.open(await engine.freshUrl());
    const { registers, changes, issuer } = house;
    post = new PostDesk(registers, new ReplyDesk(registers, changes, issuer), issuer);
  });
  afterAll(() => house.close());
  beforeEach(async () => {
    house.clock.set('2027-03-01T07:00:00+01:00');
    const services = [serviceWith({ cancelUntil: { days: 0, minutes: 60 } })];
    authority = await house.settle(unionWith(1, { id: `unione-${tests++}`, offices: [officeWith({ services })] }));
    booking = await house.book(authority, NINE, { email: CITIZEN });
  });

  const take = async (source: string) => {
    house.clock.advance(1_000);
    return post.take(await readMessage(Buffer.from(source), AUTHSERV_ID));
  };
  const answer = (parts: ReplyParts = {}) => take(replyWith({ bookingId: booking.id, ...parts }));
  const now = async (): Promise<Booking> => (await house.registers.books.byId(booking.id))!;
  const rows = () =>
    house.database.reading.find(OutboxRow, {
      where: { bookingId: booking.id },
      order: { createdAt: 'ASC', recipient: 'ASC' },
    });
  /** Without the letters of the booking itself. */
  const owed = async () => (await rows()).slice(2).map(({ kind, recipient }) => `${kind} ${recipient}`);
  const told = async () =>
    (await house.registers.history.of(booking)).slice(1).map(({ what, actor }) => `${what} ${actor}`);
  const letterId = async () => (await rows()).find(({ recipient }) => recipient === 'citizen')!.id;
  const isWell = async () => expect(await broken(house.registers, authority, house.clock.now())).toEqual([]);
  const unsure = async () => (await owed()).filter((letter) => letter === 'unsure citizen').length;

  test('A no that is the citizen’s for certain calls the appointment off, once however often it comes', async () => {
    const no = replyWith({ bookingId: booking.id });
    expect(await Promise.all([take(no), take(no), take(no)])).toEqual(['done', 'done', 'done']);
    expect(await take(no)).toBe('done');
    expect(await now()).toMatchObject({ status: 'cancelled', cancelledBy: 'reply', sequence: 1 });
    expect(await owed()).toEqual(['cancelled citizen', 'cancelled office']);
    expect(await told()).toEqual(['cancelled reply']);
    expect(await house.listed(authority, '2027-03-02')).toContain('2027-03-02T09:00');
    await isWell();
  });

  test('It is taken up again while the time is free, and the old no does not count any more', async () => {
    const no = replyWith({ bookingId: booking.id });
    await take(no);
    await house.changes.restore(authority, await now(), BY_CITIZEN);
    expect(await now()).toMatchObject({ status: 'confirmed', cancelledBy: null, sequence: 2 });
    await take(no);
    await answer();
    await answer({ sequence: 1 });
    expect(await now()).toMatchObject({ status: 'confirmed', sequence: 2 });
    await answer({ sequence: 2 });
    expect(await now()).toMatchObject({ status: 'cancelled', cancelledBy: 'reply' });
    await isWell();
  });

  test('It is not taken up again when somebody else has the time, or when it was called off otherwise', async () => {
    await answer();
    const cancelled = await now();
    const other = await house.book(authority, NINE);
    expect(await outcomeOf(house.changes.restore(authority, cancelled, BY_CITIZEN))).toBe('slot-taken');
    await house.changes.cancel(authority, other);
    const called = (await house.registers.books.byId(other.id))!;
    expect(await outcomeOf(house.changes.restore(authority, called, BY_CITIZEN))).toBe('changed');
    house.clock.set('2027-03-02T09:00:00+01:00');
    expect(await outcomeOf(house.changes.restore(authority, cancelled, BY_CITIZEN))).toBe('too-late');
    await isWell();
  });

  test('A no that may be anybody’s changes nothing: we ask once for each state of the appointment', async () => {
    const anybodys = { results: [] };
    await Promise.all([answer(anybodys), answer(anybodys)]);
    await answer(anybodys);
    expect(await now()).toMatchObject({ status: 'confirmed', sequence: 0, version: 0 });
    expect(await unsure()).toBe(1);
    house.clock.advance(1_000);
    await house.changes.move(authority, booking, TEN);
    await answer({ ...anybodys, sequence: 1 });
    expect(await unsure()).toBe(2);
    expect(await told()).toEqual([
      'answered reply',
      'answered reply',
      'answered reply',
      'moved citizen',
      'answered reply',
    ]);
    await isWell();
  });

  test('A no that comes too late is answered so, and changes nothing', async () => {
    house.clock.set('2027-03-02T08:30:00+01:00');
    await answer();
    expect(await now()).toMatchObject({ status: 'confirmed' });
    expect(await owed()).toEqual(['unsure citizen']);
    expect((await rows()).at(-1)!.facts).toMatchObject({ by: 'reply', why: 'too-late' });
    house.clock.set('2027-03-02T09:10:00+01:00');
    await answer();
    expect(await owed()).toEqual(['unsure citizen']);
    expect(await told()).toEqual(['answered reply', 'answered reply']);
  });

  test('A yes and a perhaps are only written down, and only when they are the citizen’s', async () => {
    await answer({ partstat: 'ACCEPTED' });
    await answer({ partstat: 'TENTATIVE' });
    await answer({ partstat: 'ACCEPTED', results: [] });
    const details = (await house.registers.history.of(booking)).map(({ detail }) => detail);
    expect(details).toEqual([{}, { answer: 'accepted', sure: true }, { answer: 'tentative', sure: true }]);
    expect(await now()).toEqual(booking);
    expect(await owed()).toEqual([]);
  });

  test('The answer to an earlier invite, of somebody else, or to no appointment of ours is let be', async () => {
    await house.changes.move(authority, booking, TEN);
    expect(await answer({ sequence: 0 })).toBe('done');
    const eva = { from: 'eva@example.org', attendees: ['mailto:eva@example.org'], sequence: 1 };
    expect(await answer(eva)).toBe('done');
    expect(await answer({ bookingId: '0195c3a2-7b1e-7c3d-9f00-000000000000', sequence: 1 })).toBe('done');
    expect(await now()).toMatchObject({ status: 'confirmed', sequence: 1 });
    expect(await told()).toEqual(['moved citizen']);
  });

  test('A no and a change by the office at once: never both', async () => {
    const office = { by: { kind: 'staff', id: 'mario', name: 'Mario' } } as const;
    await Promise.all([answer(), outcomeOf(house.changes.move(authority, booking, TEN, office))]);
    const { status, sequence, start } = await now();
    expect([
      ['cancelled', 1, NINE],
      ['confirmed', 1, TEN],
    ]).toContainEqual([status, sequence, start]);
    await isWell();
  });

  test('A letter that comes back marks the address and tells the office, once', async () => {
    const back = bounceWith({ letterId: await letterId() });
    expect(await Promise.all([take(back), take(back)])).toEqual(['done', 'done']);
    expect(await take(bounceWith({ letterId: await letterId() }))).toBe('done');
    expect(await now()).toMatchObject({ addressFails: 1, status: 'confirmed', sequence: 0, version: 1 });
    expect(await owed()).toEqual(['told office']);
    expect((await rows()).at(-1)!.facts.why).toBe('bounced');
    expect(await told()).toEqual(['bounced reply']);
    await isWell();
  });

  test('A letter that comes back from elsewhere, or never was ours, is left to a person', async () => {
    expect(await take(bounceWith({ letterId: await letterId(), recipient: 'eva@example.org' }))).toBe('left');
    expect(await take(bounceWith({ letterId: '0195c3a2-7b1e-7c3d-9f00-000000000000' }))).toBe('left');
    const office = (await rows()).find(({ recipient }) => recipient === 'office')!;
    expect(await take(bounceWith({ letterId: office.id, recipient: 'suap@unione.example' }))).toBe('left');
    expect(await now()).toEqual(booking);
  });

  test('What somebody writes goes to the office once, with who writes when we do not know them', async () => {
    const headers = [`In-Reply-To: <${await letterId()}.confirmed@unione.example>`];
    const words = wordsWith(['Arrivo tardi.'], { headers });
    expect(await Promise.all([take(words), take(words)])).toEqual(['done', 'done']);
    await take(wordsWith(['Vengo io.'], { headers, from: 'Eva <eva@example.org>' }));
    expect((await rows()).slice(2).map(({ kind, facts }) => [kind, facts.why, facts.note])).toEqual([
      ['told', 'wrote', 'Arrivo tardi.'],
      ['told', 'wrote', 'eva@example.org:\nVengo io.'],
    ]);
    expect(await now()).toEqual(booking);
    await isWell();
  });

  test('Files that come with it, letters about nothing of ours and what cannot be read are left to a person', async () => {
    const headers = [
      `References: <altro@example.org> <${await letterId()}.confirmed@unione.example>`,
      'Content-Type: multipart/mixed; boundary="m"',
    ];
    const lines = ['--m', 'Content-Type: application/pdf; name="a.pdf"', '', 'JVBERi0=', '--m--'];
    const withFile = wordsWith(lines, { headers }).replace('Content-Type: text/plain; charset=utf-8\r\n', '');
    expect(await take(withFile)).toBe('left');
    expect((await rows()).at(-1)!.facts.why).toBe('wrote-with-files');
    expect(await take(wordsWith(['Quando siete aperti?'], { headers: [] }))).toBe('left');
    expect(await answer({ attendees: [] })).toBe('left');
    expect(await take(wordsWith(['Sono in ferie.'], { headers: ['Auto-Submitted: auto-replied'] }))).toBe('done');
    expect(await owed()).toEqual(['told office']);
  });
});
