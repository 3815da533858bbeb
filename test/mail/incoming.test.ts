// SPDX-License-Identifier: AGPL-3.0-or-later
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { isVouchedFor } from '../../src/mail/incoming/authenticity.ts';
import { readCalendar } from '../../src/mail/incoming/calendar-answer.ts';
import { ANSWERS, type Incoming } from '../../src/mail/incoming/incoming.ts';
import { LARGEST_READ, readMessage } from '../../src/mail/incoming/read-message.ts';
import { writtenWords } from '../../src/mail/incoming/written-words.ts';
import { letterIdsIn, messageIdOf } from '../../src/mail/message-id.ts';
import {
  AUTHSERV_ID,
  BOOKING,
  bounceWith,
  headOf,
  LETTER,
  replyCalendar,
  replyWith,
  VOUCHED,
  wordsWith,
} from './messages.ts';

const read = (source: string): Promise<Incoming> => readMessage(Buffer.from(source), AUTHSERV_ID);
const kindOf = async (source: string): Promise<string> => (await read(source)).kind;

describe('An answer of a calendar', () => {
  test.each(ANSWERS)('that says %s is read with the booking, who answers and which invite', async (partstat) => {
    expect(await read(replyWith({ partstat, sequence: 3 }))).toEqual({
      kind: 'reply',
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      bookingId: BOOKING,
      attendee: 'anna@example.org',
      answer: partstat,
      sequence: 3,
      authentic: true,
    });
  });

  test('is found as a file too, when the program sends it as one', async () => {
    const source = replyWith().replace(
      'text/calendar; charset=utf-8; method=REPLY',
      'application/octet-stream; name="invite.ics"',
    );
    expect(await read(source)).toMatchObject({ kind: 'reply', answer: 'DECLINED', authentic: true });
  });

  test('is read whatever the case, the encoding of the address and the missing SEQUENCE', () => {
    const text = replyCalendar({ attendees: ['MAILTO:Anna%40Example.org'], partstat: 'declined', sequence: null });
    expect(readCalendar(text.replace('METHOD:REPLY', 'METHOD:reply').replace(BOOKING, BOOKING.toUpperCase()))).toEqual({
      bookingId: BOOKING,
      attendee: 'anna@example.org',
      answer: 'DECLINED',
      sequence: 0,
    });
  });

  test.each<[string, string]>([
    ['two attendees', replyCalendar({ attendees: ['mailto:anna@example.org', 'mailto:eva@example.org'] })],
    ['no attendee', replyCalendar({ attendees: [] })],
    ['an attendee without an address', replyCalendar({ attendees: ['urn:uuid:0'] })],
    ['an address encoded badly', replyCalendar({ attendees: ['mailto:%E0%A4%A@example.org'] })],
    ['a UID that is not ours', replyCalendar({ bookingId: 'riunione' })],
    ['one day of a series', replyCalendar({ more: ['RECURRENCE-ID:20270302T080000Z'] })],
    ['a negative SEQUENCE', replyCalendar({ sequence: -1 })],
    ['two events', replyCalendar().replace(/(BEGIN:VEVENT[^]*END:VEVENT\r\n)/, '$1$1')],
    ['no end', replyCalendar().replace('END:VCALENDAR', '')],
    ['nothing of a calendar', 'buongiorno'],
  ])('with %s is not understood', (_, text) => {
    expect(readCalendar(text)).toBe('broken');
  });

  test('of more than 100 kB is not looked at', async () => {
    const more = [`X-NOTE:${'a'.repeat(100_000)}`];
    expect(await kindOf(replyWith({ more }))).toBe('unreadable');
  });

  test('that proposes another time, or delegates, or invites us, is no answer', async () => {
    expect(await kindOf(replyWith({ method: 'COUNTER' }))).toBe('automatic');
    expect(await kindOf(replyWith({ method: 'REQUEST' }))).toBe('words');
    expect(await kindOf(replyWith({ partstat: 'DELEGATED' }))).toBe('words');
  });

  test('inside a message that somebody passes on is not theirs to give', async () => {
    const passedOn = [
      ...headOf({ results: [VOUCHED] }),
      'Content-Type: multipart/mixed; boundary="m"',
      '',
      '--m',
      'Content-Type: message/rfc822',
      '',
      replyWith(),
      '--m--',
      '',
    ].join('\r\n');
    expect(await kindOf(passedOn)).toBe('words');
  });
});

describe('Whether an answer is the citizen’s own', () => {
  const DOMAIN = 'example.org';
  const isOurs = (...headers: string[]): boolean => isVouchedFor(headers, AUTHSERV_ID, DOMAIN);

  test('is taken from the word of our own mail server about the very domain of From', () => {
    expect(isOurs(`${AUTHSERV_ID}; dmarc=pass header.from=example.org`)).toBe(true);
    expect(isOurs(`MX.Unione.Example 1;\t dmarc=pass (p=NONE dis=none) header.from="Example.ORG"`)).toBe(true);
    expect(isOurs(`${AUTHSERV_ID}; dkim=pass (2048-bit) header.d=example.org header.s=s1`)).toBe(true);
    expect(isOurs(`${AUTHSERV_ID}; spf=pass smtp.mailfrom=x@y; dkim=pass header.i=@example.org`)).toBe(true);
    expect(isVouchedFor([`${AUTHSERV_ID}; dkim=pass header.d=example.org`], AUTHSERV_ID, 'posta.example.org')).toBe(
      true,
    );
  });

  test.each<[string, string[]]>([
    ['nothing at all', []],
    ['our server without a result', [`${AUTHSERV_ID}; none`]],
    ['SPF alone, which is about the envelope', [`${AUTHSERV_ID}; spf=pass smtp.mailfrom=example.org`]],
    ['a failure', [`${AUTHSERV_ID}; dmarc=fail header.from=example.org; dkim=pass header.d=example.org`]],
    ['another domain', [`${AUTHSERV_ID}; dmarc=pass header.from=evil.example; dkim=pass header.d=evil.example`]],
    ['a signature of a domain below', [`${AUTHSERV_ID}; dkim=pass header.d=evil.example.org`]],
    ['a signature of a whole top-level domain', [`${AUTHSERV_ID}; dkim=pass header.d=org`]],
    ['a signature of nobody', [`${AUTHSERV_ID}; dkim=pass`]],
    ['a domain that only ends alike', [`${AUTHSERV_ID}; dkim=pass header.d=xample.org`]],
    ['somebody else’s server', ['mx.evil.example; dmarc=pass header.from=example.org']],
    ['a name that only begins like ours', [`${AUTHSERV_ID}.evil.example; dmarc=pass header.from=example.org`]],
    ['our name, below what our server wrote', [`${AUTHSERV_ID}; dmarc=none`, VOUCHED]],
    ['a result in a comment', [`${AUTHSERV_ID}; dmarc=none (x; dmarc=pass header.from=example.org)`]],
    ['a result in nested comments', [`${AUTHSERV_ID}; spf=fail (a (b) ; dmarc=pass header.from=example.org ;)`]],
    ['a result in quotes', [`${AUTHSERV_ID}; spf=fail reason="; dmarc=pass header.from=example.org;"`]],
  ])('is not taken from %s', (_, headers) => {
    expect(isOurs(...headers)).toBe(false);
  });

  test('needs one From, the attendee’s', async () => {
    expect(await read(replyWith({ from: 'ANNA@example.org' }))).toMatchObject({ authentic: true });
    for (const from of [
      'Eva <eva@example.org>',
      '"anna@example.org" <eva@evil.example>',
      'anna@example.org, eva@example.org',
      'Gruppo: anna@example.org, eva@example.org;',
    ])
      expect(await read(replyWith({ from }))).toMatchObject({ authentic: false });
    expect(await read(replyWith({ headers: ['From: anna@example.org'] }))).toMatchObject({ authentic: false });
    expect(await read(replyWith({ results: [] }))).toMatchObject({ authentic: false });
    expect(await readMessage(Buffer.from(replyWith({})), null)).toMatchObject({ kind: 'reply', authentic: false });
  });
});

describe('A letter that comes back', () => {
  test('for good says whose address fails and which letter it was', async () => {
    expect(await read(bounceWith())).toMatchObject({
      kind: 'bounce',
      recipient: 'anna@example.org',
      status: '5.1.1',
      letters: [LETTER],
    });
  });

  test('with its headers only, or with none but a mention, is known too', async () => {
    const headersOnly = bounceWith().replace('message/rfc822', 'text/rfc822-headers');
    expect(await read(headersOnly)).toMatchObject({ kind: 'bounce', letters: [LETTER] });
    const folded = bounceWith().replace('Message-ID: <0195', 'Message-ID:\r\n <0195');
    expect(await read(folded)).toMatchObject({ kind: 'bounce', letters: [LETTER] });
    const mention = bounceWith()
      .replace('Content-Type: message/rfc822', 'Content-Type: application/octet-stream')
      .replace('Return-Path: <>', `Return-Path: <>\r\nIn-Reply-To: <${LETTER}.moved@unione.example>`);
    expect(await read(mention)).toMatchObject({ kind: 'bounce', letters: [LETTER] });
  });

  test('late, or in time, or of a full mailbox for now, is nothing to do', async () => {
    expect(await kindOf(bounceWith({ action: 'delayed', status: '4.4.1' }))).toBe('automatic');
    expect(await kindOf(bounceWith({ action: 'failed', status: '4.2.2' }))).toBe('automatic');
    expect(await kindOf(bounceWith({ action: 'delivered', status: '2.0.0' }))).toBe('automatic');
    const receipt = bounceWith()
      .replace('message/delivery-status', 'message/disposition-notification')
      .replace('report-type=delivery-status', 'report-type=disposition-notification');
    expect(await kindOf(receipt)).toBe('automatic');
  });
});

describe('What somebody writes', () => {
  const LINK = 'https://prenota.example/appuntamento/AbCdEfGhIjKlMnOpQrStUvWxYz0123456789';

  test('is kept without what it quotes and without our links', async () => {
    const words = await read(
      wordsWith([
        'Buongiorno,',
        '',
        `posso venire alle 11? Ho aperto ${LINK}/sposta ma non capisco.`,
        'Il giorno lun 1 mar 2027 alle 07:30 Unione Collinare <protocollo@unione.example>',
        'ha scritto:',
        `> Vedi: ${LINK}`,
      ]),
    );
    expect(words).toMatchObject({
      kind: 'words',
      from: 'anna@example.org',
      text: 'Buongiorno,\n\nposso venire alle 11? Ho aperto https://prenota.example/appuntamento/…/sposta ma non capisco.',
      letters: [LETTER],
    });
  });

  test.each([
    'On Mon, 1 Mar 2027 at 07:30, Unione <protocollo@unione.example> wrote:',
    '-----Messaggio originale-----',
    '________________________________',
    'Da: Unione Collinare <protocollo@unione.example>',
    'From: Unione Collinare <protocollo@unione.example>',
  ])('ends at «%s»', (mark) => {
    expect(writtenWords(`Arrivo tardi\r\n${mark}\r\n${LINK}`, undefined)).toBe('Arrivo tardi');
  });

  test('is read from HTML when there is nothing else', () => {
    const html = `<head><style>p { color: red }</style></head><p>Arrivo <b>alle 10 &amp; 30</b><br>Anna</p><blockquote>${LINK}</blockquote>`;
    expect(writtenWords(undefined, html)).toBe('Arrivo alle 10 & 30\nAnna');
  });

  test('is short, and nothing in it is invisible', () => {
    const text = writtenWords(`a\u202eb\u0000c\n${'parola '.repeat(5_000)}`, undefined);
    expect(text.startsWith('a b c\nparola')).toBe(true);
    expect(text.length).toBeLessThanOrEqual(3_000);
  });

  test.each([
    'Auto-Submitted: auto-replied',
    'Auto-Submitted: auto-generated (vacation)',
    'Precedence: bulk',
    'X-Autoreply: yes',
    'List-Id: <lista.example.org>',
  ])('by a machine, with «%s», is let be', async (header) => {
    expect(await kindOf(wordsWith(['Sono in ferie.'], { headers: [header] }))).toBe('automatic');
    expect(await kindOf(wordsWith(['Ci sono.'], { headers: ['Auto-Submitted: no'] }))).toBe('words');
  });
});

test('The row of the outbox is found again in the Message-ID, the latest first', () => {
  const own = messageIdOf(LETTER, 'confirmed', 'protocollo@unione.example');
  expect(own).toBe(`<${LETTER}.confirmed@unione.example>`);
  expect(letterIdsIn(`<altro@example.org> ${messageIdOf(BOOKING, 'moved', 'a@b.example')}\r\n ${own}`)).toEqual([
    LETTER,
    BOOKING,
  ]);
  expect(letterIdsIn('<0195.confirmed@unione.example> <x>')).toEqual([]);
});

test('One message is known by its Message-ID, and by all of it when it has none', async () => {
  const hashes = async (...sources: string[]) =>
    new Set(await Promise.all(sources.map(async (source) => (await read(source)).hash))).size;
  const bare = (text: string) => `From: anna@example.org\r\n\r\n${text}\r\n`;
  expect(await hashes(replyWith({ messageId: '<1@x>' }), replyWith({ messageId: '<1@x>', sequence: 2 }))).toBe(1);
  expect(await hashes(replyWith(), replyWith())).toBe(2);
  expect(await hashes(bare('uno'), bare('uno'), bare('due'))).toBe(2);
});

describe('Hostile messages', () => {
  const PIECES = [
    ...[replyWith(), bounceWith(), wordsWith(['> ciao'])].flatMap((source) => source.split('\r\n')),
    'Content-Type: multipart/mixed; boundary="b"',
    'Content-Type: message/rfc822',
    'Content-Type: text/html',
    'Content-Transfer-Encoding: quoted-printable',
    'From: =?utf-8?B?////?= <',
    `Authentication-Results: ${AUTHSERV_ID}; dkim=(((("\\`,
    'ATTENDEE;PARTSTAT="',
    'BEGIN:VCALENDAR',
    ' ',
    '--b',
    '',
  ];
  const line = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...PIECES) }, fc.string({ unit: 'binary' }));
  const message = fc.array(line, { maxLength: 80 }).map((lines) => lines.join('\r\n'));

  test('are always read as something, and never as the citizen’s without our server’s word', async () => {
    const kinds = new Set<string>();
    await fc.assert(
      fc.asyncProperty(message, async (source) => {
        const found = await readMessage(Buffer.from(source), 'mx.nobody.example');
        kinds.add(found.kind);
        expect(found.hash).toMatch(/^[0-9a-f]{64}$/);
        if (found.kind === 'reply') expect(found.authentic).toBe(false);
      }),
      { numRuns: 400, seed: 7 },
    );
    expect(kinds.size).toBeGreaterThan(1);
  });

  test('with one byte of a good answer changed are read or not, and never throw', async () => {
    const good = Buffer.from(replyWith());
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 1), fc.nat(255), async (place, byte) => {
        const bad = Buffer.from(good);
        bad[place] = byte;
        expect((await readMessage(bad, AUTHSERV_ID)).kind).toMatch(/^(reply|words|automatic|unreadable|bounce)$/);
      }),
      { numRuns: 400, seed: 8 },
    );
  });

  /** Each as large as is ever read: what took a time that grows with the square of it would not end within the test. */
  test.each<[string, (size: number) => string]>([
    ['<', (size) => headOf({}).join('\r\n') + '\r\nContent-Type: text/html\r\n\r\n' + '<'.repeat(size)],
    ['<style>', (size) => headOf({}).join('\r\n') + '\r\nContent-Type: text/html\r\n\r\n' + '<style>'.repeat(size / 7)],
    ['(', (size) => `Authentication-Results: ${AUTHSERV_ID}; ${'('.repeat(60_000)}\r\n${replyWith().padEnd(size)}`],
    ['From', (size) => wordsWith([''.padEnd(size)], { from: `"${'\\"<'.repeat(20_000)}` })],
    ['on', (size) => wordsWith(['on '.repeat(size / 3)])],
    ['new lines', (size) => wordsWith(['\r\n'.repeat(size / 2)])],
    ['references', () => wordsWith(['x'], { headers: [`References: ${'<0195c3a2-'.repeat(10_000)}`] })],
    ['parts', (size) => replyWith().replace('--b--', '--b\r\n\r\nx\r\n'.repeat(size / 10))],
    ['folded lines', (size) => replyWith({ more: [`X-A:${'\r\n a'.repeat(Math.min(size, 90_000) / 4)}`] })],
    ['components', () => replyWith({ more: Array.from({ length: 6_000 }, () => 'BEGIN:VALARM') })],
    ['parameters', () => replyWith({ more: [`X-A${';P="q"'.repeat(12_000)}:1`] })],
    ['status fields', (size) => bounceWith({ status: `5.1.1${' \r\n'.repeat(size / 3)}` })],
  ])('as long as they may be are read in no time: %s', async (_, make) => {
    expect(typeof (await kindOf(make(LARGEST_READ)))).toBe('string');
  });
});
