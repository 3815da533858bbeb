// SPDX-License-Identifier: AGPL-3.0-or-later
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Booking } from '../../../src/bookings/booking.ts';
import { Database } from '../../../src/database/engine/database.ts';
import { bounceWith, replyWith, wordsWith, type ReplyParts } from '../../mail/messages.ts';
import { startApp, type RunningApp } from '../../kit/app.ts';
import { Dovecot } from '../../kit/dovecot.ts';
import { engines } from '../../kit/engines.ts';
import { awaitLetters, calendarOf, lettersIn, type Letter } from '../../kit/mailbox.ts';

const OWN_SERVER = 'posta.unione.example';
const VOUCHED = [`${OWN_SERVER}; dmarc=pass header.from=example.org`];
const OFFICE = 'suap@unione.example';

let dovecot: Dovecot;

beforeAll(async () => {
  dovecot = await Dovecot.start();
});
afterAll(() => dovecot.stop());

describe.each(engines)('The citizen answers from their mail program, on $name', (engine) => {
  let app: RunningApp;
  let bookings = 0;

  beforeEach(async () => {
    const imap = { url: dovecot.url, authservId: OWN_SERVER };
    app = await startApp({ databaseUrl: await engine.freshUrl(), config: { imap } });
  });
  afterEach(async () => {
    await app.close();
    await dovecot.empty();
  });

  const letters = () => lettersIn(app.mailDir);
  const to = (address: string) => async (): Promise<Letter[]> =>
    (await letters()).filter(({ email }) => email.to?.[0]?.address === address);
  const subjects = (found: readonly Letter[]): string[] => found.map(({ email }) => email.subject!.split(':')[0]!);
  const isAbout = (subject: string) => (letter: Letter) => letter.email.subject!.startsWith(subject);
  const letterTo = async (address: string, subject: string, number = 1): Promise<Letter> => {
    const found = await awaitLetters(to(address), (all) => all.filter(isAbout(subject)).length >= number);
    const sequence = (one: Letter) => Number(/SEQUENCE:(\d+)/.exec(calendarOf(one) ?? '')?.[1]);
    return found.filter(isAbout(subject)).sort((a, b) => sequence(a) - sequence(b))[number - 1]!;
  };
  const buttonIn = ({ email }: Letter): string =>
    /Riprendi l'appuntamento:\s+http:\/\/[^/]+(\/\S+)/.exec(email.text!)![1]!;
  const bookingAt = (reference: string) => app.app.get(Database).reading.findOneByOrFail(Booking, { reference });

  /** An appointment of a citizen of their own, whose two letters have left. */
  async function booked(start: string, email: string): Promise<Booking> {
    const citizen = { given_name: 'Anna', family_name: 'Rossi', email };
    const answer = await app.ask('/api/v1/bookings', {
      body: { office_id: 'suap', service_id: 'consulenza', start, mode: 'in_person', citizen },
      headers: { 'idempotency-key': `key ${bookings++}` },
    });
    await awaitLetters(to(email), 1);
    return bookingAt(answer.json<{ reference: string }>().reference);
  }

  const answer = ({ id, email }: Booking, parts: ReplyParts = {}) =>
    dovecot.deliver(
      replyWith({ bookingId: id, from: email!, attendees: [`mailto:${email!}`], results: VOUCHED, ...parts }),
    );

  test('seven mails, each as it is meant', async () => {
    const yes = await booked('2027-03-02T09:00:00+01:00', 'si@example.org');
    const early = await booked('2027-03-02T09:30:00+01:00', 'prima@example.org');
    const no = await booked('2027-03-02T10:00:00+01:00', 'no@example.org');
    const forged = await booked('2027-03-02T10:30:00+01:00', 'forse@example.org');
    const writes = await booked('2027-03-02T11:00:00+01:00', 'scrive@example.org');
    await app.ask(`/api/v1/bookings/${early.reference}/move`, {
      body: { start: '2027-03-02T11:30:00+01:00' },
      headers: { authorization: `Bearer ${await manageTokenOf(early)}` },
    });
    await answer(yes, { partstat: 'ACCEPTED' });
    await answer(early, { sequence: 0 });
    await answer(no, { from: 'altri@example.org', attendees: ['mailto:altri@example.org'] });
    await answer(forged, { results: ['mx.altrove.example; dmarc=pass header.from=example.org'] });
    await answer(no, { method: 'COUNTER' });
    const [first] = await to('scrive@example.org')();
    const inReplyTo = [`In-Reply-To: ${first!.email.messageId}`];
    await dovecot.deliver(wordsWith(['Posso portare mio figlio?'], { from: 'scrive@example.org', headers: inReplyTo }));
    await answer(no);
    await dovecot.untilRead();

    expect(await dovecot.flags()).toEqual(Array.from({ length: 7 }, () => ['\\Seen']));
    const status = async (b: Booking) => (await bookingAt(b.reference)).status;
    expect(await Promise.all([yes, early, no, forged, writes].map(status))).toEqual([
      'confirmed',
      'confirmed',
      'cancelled',
      'confirmed',
      'confirmed',
    ]);
    const asked = await letterTo('forse@example.org', 'Vuoi annullare');
    expect(asked.email.text).toContain(`/annulla`);
    expect(calendarOf(asked)).toBeUndefined();
    const words = await letterTo(OFFICE, 'Avviso');
    expect(words.email.text).toContain('Posso portare mio figlio?');
    expect(words.email.text).not.toMatch(/\/appuntamento\//);
    expect(words.email.replyTo?.[0]?.address).toBe('scrive@example.org');
    const cancelled = await letterTo('no@example.org', 'Appuntamento annullato');
    expect(calendarOf(cancelled)).toMatch(/METHOD:CANCEL[^]*SEQUENCE:1/);
    expect(subjects(await to('si@example.org')())).toEqual(['Appuntamento confermato']);
  });

  test('a no by mistake is taken back by the button of the letter, while the time is free', async () => {
    const booking = await booked('2027-03-02T09:00:00+01:00', 'no@example.org');
    await answer(booking);
    const button = buttonIn(await letterTo('no@example.org', 'Appuntamento annullato'));
    const page = await app.ask(button);
    expect([page.status, page.text]).toEqual([200, expect.stringContaining('Riprendere questo appuntamento?')]);
    expect((await bookingAt(booking.reference)).status).toBe('cancelled');
    const manage = button.replace('/riprendi', '');
    expect((await app.ask(manage)).text).toContain(`href="${button}"`);

    const done = await app.ask(button, { method: 'POST', body: new URLSearchParams() });
    expect([done.status, done.headers['location']]).toEqual([303, manage]);
    expect(await bookingAt(booking.reference)).toMatchObject({ status: 'confirmed', sequence: 2, cancelledBy: null });
    const again = await letterTo('no@example.org', 'Appuntamento confermato', 2);
    expect(calendarOf(again)).toMatch(/METHOD:REQUEST[^]*SEQUENCE:2/);
    for (const method of ['GET', 'POST'] as const) {
      const twice = await app.ask(button, { method, ...(method === 'POST' ? { body: new URLSearchParams() } : {}) });
      expect([twice.status, twice.headers['location']]).toEqual([303, manage]);
    }
    expect((await bookingAt(booking.reference)).sequence).toBe(2);
  });

  test('a no by mistake whose time is gone says so, and offers another', async () => {
    const start = '2027-03-02T09:00:00+01:00';
    const booking = await booked(start, 'no@example.org');
    await answer(booking);
    const button = buttonIn(await letterTo('no@example.org', 'Appuntamento annullato'));
    // Two counters give this consultation.
    await booked(start, 'uno@example.org');
    await booked(start, 'due@example.org');
    const refused = await app.ask(button, { method: 'POST', body: new URLSearchParams() });
    expect(refused.status).toBe(303);
    const page = await app.ask(String(refused.headers['location']));
    expect([page.status, page.text]).toEqual([200, expect.stringContaining('non è più libero')]);
    expect(page.text).toContain('href="/prenota?servizio=consulenza"');
    expect((await bookingAt(booking.reference)).status).toBe('cancelled');
  });

  test('a letter that comes back is told to the office, with the telephone number', async () => {
    const booking = await booked('2027-03-02T09:00:00+01:00', 'sbagliata@example.org');
    const [first] = await to('sbagliata@example.org')();
    const letterId = /<([^.]+)\./.exec(first!.email.messageId!)![1]!;
    await dovecot.deliver(bounceWith({ letterId, recipient: 'sbagliata@example.org' }));
    const told = await letterTo(OFFICE, 'Avviso');
    expect(told.email.text).toContain('il suo indirizzo e-mail non funziona');
    expect((await bookingAt(booking.reference)).addressFails).toBe(1);
  });

  async function manageTokenOf({ email }: Booking): Promise<string> {
    const [letter] = await to(email!)();
    return /\/appuntamento\/([\w-]+)/.exec(letter!.email.text!)![1]!;
  }
});
