// SPDX-License-Identifier: AGPL-3.0-or-later
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { newStaff } from '../../src/access/staff.ts';
import { Rings } from '../../src/courier/rings.ts';
import { PushSubscriptions } from '../../src/database/reception/push-subscriptions.ts';
import { StaffBook } from '../../src/database/staff/staff-book.ts';
import { WebPush } from '../../src/live/web-push.ts';
import { LetterWriter } from '../../src/mail/letter-writer.ts';
import type { Mailer } from '../../src/mail/mailer.ts';
import { SmtpMailer } from '../../src/mail/smtp-mailer.ts';
import type { Authority } from '../../src/offices/authority.ts';
import type { Role } from '../../src/offices/definition.ts';
import type { Arrival } from '../../src/waiting-room/arrival.ts';
import { officeWith, serviceWith } from '../offices/sample.ts';
import { SECRET } from '../kit/app.ts';
import { House, unionWith } from '../kit/desks.ts';
import { engines } from '../kit/engines.ts';
import { freePorts } from '../kit/keeper.ts';
import { MailServer } from '../kit/mailbox.ts';
import { PushService } from '../kit/push-service.ts';

const OPEN = '2027-03-30T10:00:00+02:00';
const SUAP = 'suap@unione.example';
const AUTHORITY = 'protocollo@unione.example';
const CLERK = { id: 'clerk', name: 'Anna Rossi' };
const MINUTE = 60_000;

describe.each(engines)('The rings on $name', (engine) => {
  let house: House;
  let mail: MailServer;
  let push: PushService;
  let authority: Authority;
  let subscriptions: PushSubscriptions;
  let mailers: Mailer[];
  let reports: string[];
  let tests = 0;

  beforeAll(async () => {
    house = await House.open(await engine.freshUrl());
    subscriptions = new PushSubscriptions(house.database);
    push = await PushService.start(new WebPush(SECRET).publicKey);
  });
  afterAll(async () => {
    await push.stop();
    await house.close();
  });
  beforeEach(async () => {
    [mailers, reports] = [[], []];
    push.pushed.length = 0;
    house.clock.set(OPEN);
    mail = await MailServer.start();
    authority = await house.settle(
      unionWith(1, {
        id: `unione-${tests++}`,
        offices: [
          officeWith({ name: 'Sportello Unico', email: SUAP, services: [serviceWith()] }),
          officeWith({ id: 'tributi', name: 'Tributi', services: [] }),
        ],
      }),
    );
  });
  afterEach(async () => {
    expect(push.wrong).toEqual([]);
    for (const mailer of mailers) await mailer.close();
    await mail.stop();
    await house.database.run('DELETE FROM arrivals');
  });

  function ringsBy(url = mail.url): Rings {
    const mailer = new SmtpMailer(url);
    mailers.push(mailer);
    const bells = { subscriptions, push: new WebPush(SECRET, [push.origin]), writer: new LetterWriter(), mailer };
    const report = (event: string): void => void reports.push(event);
    return new Rings(house.registers, { ...bells, publicUrl: 'http://localhost:3000' }, house.clock, report);
  }

  const knock = async (officeId = 'suap', name = 'Ada Canarino'): Promise<Arrival> => {
    const said = { name, reason: 'Bar Canarino', language: 'it' as const };
    return (await house.waiting.knock(authority, authority.office(officeId)!, said)).arrival;
  };
  /** So many seconds later, those who are still there having said so. */
  const later = async (seconds: number, ...there: Arrival[]): Promise<void> => {
    for (let left = seconds; left > 0; left -= 10) {
      house.clock.advance(Math.min(left, 10) * 1000);
      for (const { id } of there) await house.waiting.touch(id);
    }
  };
  const workOff = async (...rings: Rings[]): Promise<void> => {
    while ((await Promise.all(rings.flatMap((each) => [each.pushes(), each.letters()]))).some(Boolean));
  };
  const written = async () => (await mail.letters()).map(({ recipients, email }) => [recipients[0], email.subject]);
  const SUAP_LETTER = [SUAP, 'Qualcuno bussa alla porta di Sportello Unico'];

  async function subscriber(role: Role, offices: string[], disabledAt: number | null = null) {
    const who = { id: house.issuer.id(), authorityId: authority.id, name: 'Mario', role, offices };
    const email = `${who.id}@unione.example`;
    const staff = newStaff({ ...who, email, passwordHash: null, mustChange: 0, subject: null }, house.clock.now());
    await new StaffBook(house.database).add({ ...staff, disabledAt });
    const address = push.subscribe();
    await subscriptions.keep({ authorityId: authority.id, staffId: who.id, createdAt: house.clock.now(), ...address });
    return { path: new URL(address.endpoint).pathname, address, staffId: who.id };
  }
  const pushedTo = () => push.pushed.map(({ path }) => path).toSorted();

  test('At once the browsers of those who receive there hear of it, and not who it is', async () => {
    const operator = await subscriber('operator', ['suap']);
    const administrator = await subscriber('administrator', []);
    for (const [role, offices, disabledAt] of [
      ['operator', ['tributi'], null],
      ['privacy', [], null],
      ['operator', ['suap'], 1],
    ] as const)
      await subscriber(role, [...offices], disabledAt);
    const rings = ringsBy();
    await knock();
    await workOff(rings);
    expect(pushedTo()).toEqual([operator.path, administrator.path].toSorted());
    expect(JSON.stringify(push.pushed)).not.toContain('Canarino');
    const [{ payload, subject }] = push.pushed as [(typeof push.pushed)[0]];
    expect([payload, subject]).toEqual([
      {
        title: 'Qualcuno bussa alla porta di Sportello Unico',
        body: "Apri la sala d'attesa",
        tag: expect.any(String),
        url: '/operatore/attesa',
      },
      `mailto:${AUTHORITY}`,
    ]);
    await workOff(rings);
    expect(push.pushed).toHaveLength(2);
  });

  test('Twenty seconds later the office is written to, once, and not who it is', async () => {
    const rings = ringsBy();
    const waiting = await knock();
    await workOff(rings);
    await later(19, waiting);
    await workOff(rings);
    expect(await written()).toEqual([]);
    await later(1, waiting);
    await workOff(rings);
    expect(await written()).toEqual([SUAP_LETTER]);
    const [letter] = await mail.letters();
    expect(letter!.raw).not.toContain('Canarino');
    for (const said of [letter!.email.text, letter!.email.html])
      expect(said).toContain('http://localhost:3000/operatore/attesa');
    await later(300, waiting);
    await workOff(rings);
    expect(await written()).toHaveLength(1);
  });

  test('A line that was on its way while it rang does not make it ring again', async () => {
    await subscriber('operator', ['suap']);
    const rings = ringsBy();
    const unrung = await knock();
    await workOff(rings);
    await house.waiting.say(unrung, 'Sono qui');
    await workOff(rings);
    expect(push.pushed).toHaveLength(1);
    const unwritten = (await house.opening.find(authority, unrung.id))!;
    await later(20, unrung);
    await workOff(rings);
    await house.waiting.say(unwritten, 'Sono ancora qui');
    await later(120, unrung);
    await workOff(rings);
    expect(await written()).toEqual([SUAP_LETTER]);
  });

  test('An office without an address is written to at the authority', async () => {
    const rings = ringsBy();
    const waiting = await knock('tributi');
    await workOff(rings);
    await later(20, waiting);
    await workOff(rings);
    expect(await written()).toEqual([[AUTHORITY, 'Qualcuno bussa alla porta di Tributi']]);
  });

  test('Who was let in, left or is gone is no longer rung for', async () => {
    const rings = ringsBy();
    const [opened, left, gone] = [await knock(), await knock(), await knock()];
    await workOff(rings);
    await house.opening.open(authority, opened, CLERK);
    await house.waiting.withdraw((await house.opening.find(authority, left.id))!);
    await later(31);
    await workOff(rings);
    expect(await written()).toEqual([]);
    const due = await house.database.rows('SELECT id FROM arrivals WHERE ring_at IS NOT NULL');
    expect([due, gone.status]).toEqual([[], 'waiting']);
  });

  test('While somebody waits of whom the office has read, a crowd is no heap of letters', async () => {
    const rings = ringsBy();
    const first = await knock();
    const second = await knock();
    await workOff(rings);
    await later(20, first, second);
    await workOff(rings);
    const third = await knock();
    await workOff(rings);
    await later(20, first, second, third);
    await workOff(rings);
    expect(await written()).toEqual([SUAP_LETTER]);
    for (const { id } of [first, second, third])
      await house.opening.open(authority, (await house.opening.find(authority, id))!, CLERK);
    const fourth = await knock();
    await workOff(rings);
    await later(20, fourth);
    await workOff(rings);
    expect(await written()).toEqual([SUAP_LETTER, SUAP_LETTER]);
  });

  test('Who is handed over rings at the other door, by push and by letter', async () => {
    const [suap, tributi] = [await subscriber('operator', ['suap']), await subscriber('operator', ['tributi'])];
    const rings = ringsBy();
    const waiting = await knock();
    await workOff(rings);
    await later(20, waiting);
    await workOff(rings);
    await house.opening.hand(authority, (await house.opening.find(authority, waiting.id))!, 'tributi', CLERK);
    await workOff(rings);
    expect(push.pushed.map(({ path }) => path)).toEqual([suap.path, tributi.path]);
    await later(20, waiting);
    await workOff(rings);
    expect(await written()).toEqual([SUAP_LETTER, [AUTHORITY, 'Qualcuno bussa alla porta di Tributi']]);
  });

  test('A browser that has left is forgotten, one whose service is down is not, and the knock waits as before', async () => {
    const [gone, down, well] = [
      await subscriber('operator', ['suap']),
      await subscriber('operator', ['suap']),
      await subscriber('operator', ['suap']),
    ];
    push.answer(gone.address, 410);
    push.answer(down.address, 503);
    const rings = ringsBy();
    const waiting = await knock();
    await workOff(rings);
    expect(pushedTo()).toContain(well.path);
    expect([await subscriptions.of(gone.staffId), await subscriptions.of(down.staffId)]).toEqual([
      [],
      [expect.objectContaining({ endpoint: down.address.endpoint })],
    ]);
    expect(reports).toEqual(['push delayed']);
    await later(20, waiting);
    await workOff(rings);
    expect(await written()).toEqual([SUAP_LETTER]);
    expect((await house.opening.open(authority, waiting, CLERK)).status).toBe('called');
  });

  test('A mail server that is away is asked again, five times in ten minutes at most', async () => {
    const [nobody = 0] = await freePorts(1);
    const away = ringsBy(`smtp://127.0.0.1:${nobody}`);
    const waiting = await knock();
    await workOff(away);
    for (let seconds = 0; seconds < 30 * 60; seconds += 10) {
      await later(10, waiting);
      await workOff(away);
      if (seconds === 9 * 60) expect(reports).toHaveLength(5);
    }
    expect(reports).toEqual(Array.from({ length: 5 }, () => 'letter delayed'));
    expect((await house.opening.open(authority, waiting, CLERK)).status).toBe('called');
  });

  test('One that says nothing keeps no browser from ringing', async () => {
    const { path } = await subscriber('operator', ['suap']);
    let isAsked: (() => void) | undefined;
    const asked = new Promise<void>((resolve) => (isAsked = resolve));
    mail.answer = ({ verb }) => {
      if (verb === 'MAIL') isAsked?.();
      return verb === 'MAIL' ? 'silent' : undefined;
    };
    const rings = ringsBy();
    const waiting = await knock();
    await workOff(rings);
    await later(20, waiting);
    let isWritten = false;
    const writing = rings.letters().then(() => (isWritten = true));
    await asked;
    await knock();
    await rings.pushes();
    expect([pushedTo(), isWritten]).toEqual([[path, path], false]);
    await mailers.at(-1)!.close();
    await mail.stop();
    await writing;
    expect(reports).toEqual(['letter delayed']);
  });

  test('When it is back the letter leaves, and one it will never take is not tried again', async () => {
    mail.answer = ({ verb, count }) =>
      verb === 'RCPT' && count === 1 ? { code: 450, text: '4.2.1 later' } : undefined;
    const rings = ringsBy();
    const waiting = await knock();
    await workOff(rings);
    await later(20, waiting);
    await workOff(rings);
    expect(await written()).toEqual([]);
    await later(30, waiting);
    await workOff(rings);
    expect(await written()).toEqual([SUAP_LETTER]);
    mail.answer = ({ verb }) => (verb === 'RCPT' ? { code: 550, text: '5.1.1 nobody' } : undefined);
    reports.length = 0;
    const other = await knock('tributi');
    await workOff(rings);
    await later(300, other);
    await workOff(rings);
    await later(300, other);
    await workOff(rings);
    expect(reports).toEqual(['letter delayed']);
  });

  test('Of two couriers one rings, and one that dies is followed by the other', async () => {
    await subscriber('operator', ['suap']);
    const [one, other] = [ringsBy(), ringsBy()];
    const crowd = await Promise.all(Array.from({ length: 12 }, () => knock()));
    await workOff(one, other);
    expect(push.pushed).toHaveLength(12);
    const due = await house.database.rows<{ ring_step: number }>('SELECT ring_step FROM arrivals');
    expect(due.map(({ ring_step }) => ring_step)).toEqual(crowd.map(() => 1));
    const last = await knock();
    await house.database.run('UPDATE arrivals SET ring_at = ? WHERE id = ?', [house.clock.now() + 90_000, last.id]);
    await workOff(one, other);
    expect(push.pushed).toHaveLength(12);
    await later(90, last);
    await workOff(other);
    expect(push.pushed).toHaveLength(13);
  });

  test('Who may no longer enter has no browsers any more', async () => {
    const { staffId } = await subscriber('operator', ['suap']);
    const book = new StaffBook(house.database);
    await subscriber('administrator', []);
    await book.changeKeepingOne(authority.id, (tx) => book.setDisabled(tx, staffId, MINUTE, MINUTE));
    expect(await subscriptions.of(staffId)).toEqual([]);
  });

  test('A browser is of whoever subscribed it last, and nobody has more than ten', async () => {
    const [anna, bruno] = [await subscriber('operator', ['suap']), await subscriber('operator', ['suap'])];
    const keep = (staffId: string, address = push.subscribe()) => {
      house.clock.advance(1000);
      return subscriptions.keep({ authorityId: authority.id, staffId, createdAt: house.clock.now(), ...address });
    };
    await keep(bruno.staffId, anna.address);
    expect([await subscriptions.of(anna.staffId), (await subscriptions.of(bruno.staffId)).length]).toEqual([[], 2]);
    for (let i = 0; i < 12; i++) await keep(bruno.staffId);
    const kept = await subscriptions.of(bruno.staffId);
    expect(kept).toHaveLength(10);
    await subscriptions.forgetOwn(anna.staffId, kept[0]!.id);
    expect(await subscriptions.of(bruno.staffId)).toHaveLength(10);
    await subscriptions.forgetOwn(bruno.staffId, kept[0]!.id);
    expect(await subscriptions.of(bruno.staffId)).toHaveLength(9);
  });
});
