// SPDX-License-Identifier: AGPL-3.0-or-later
import { expect, test } from '@jest/globals';
import ICAL from 'ical.js';
import MailComposer from 'nodemailer/lib/mail-composer';
import PostalMime, { type Email } from 'postal-mime';
import english from '../../templates/letters/en.json' with { type: 'json' };
import italian from '../../templates/letters/it.json' with { type: 'json' };
import { LANGUAGES } from '../../src/bookings/booking.ts';
import type { Booking } from '../../src/bookings/booking.ts';
import type { LetterKind } from '../../src/bookings/notices.ts';
import { downloadable, inviteOf } from '../../src/mail/invite.ts';
import { lint } from '../../src/mail/invite-lint.ts';
import type { Letter, Mail } from '../../src/mail/letter.ts';
import { LetterWriter } from '../../src/mail/letter-writer.ts';
import { mimeOf } from '../../src/mail/mime.ts';
import { Authority } from '../../src/offices/authority.ts';
import { MODES } from '../../src/offices/definition.ts';
import { authorityWith, officeWith, serviceWith } from '../offices/sample.ts';
import { bookingWith, letterWith, NOW, START } from './sample.ts';

ICAL.design.strict = true;

const writer = new LetterWriter();
const KINDS: readonly LetterKind[] = ['requested', 'confirmed', 'moved', 'cancelled', 'reminder'];

const rawOf = async (mail: Mail): Promise<string> =>
  (await new MailComposer(mimeOf(mail)).compile().build()).toString();
const received = async (letter: Letter): Promise<Email> => PostalMime.parse(await rawOf(writer.write(letter)));

/** The one event of a calendar as ical.js reads it, and the calendar's method. */
function eventIn(content: string) {
  const calendar = new ICAL.Component(ICAL.parse(content));
  const [event, ...others] = calendar.getAllSubcomponents('vevent');
  expect(others).toEqual([]);
  const value = (name: string): string => String(event!.getFirstPropertyValue(name));
  return { method: String(calendar.getFirstPropertyValue('method')), value, all: event!.getAllProperties() };
}

test('The tree of parts is the one calendars show buttons for, the invite in base64', async () => {
  const raw = await rawOf(writer.write(letterWith()));
  const parts = [...raw.matchAll(/^Content-Type: ([^\r]*(?:\r\n\s[^\r]*)*)/gim)].map(([, type]) =>
    type!.replace(/\s+/g, ' ').replace(/; boundary=.*/, ''),
  );
  expect(parts).toEqual([
    'multipart/mixed',
    'multipart/alternative',
    'text/plain; charset=utf-8',
    'text/html; charset=utf-8',
    'text/calendar; charset=utf-8; method=REQUEST',
    'application/ics; name=invito.ics',
  ]);
  const calendarHeaders = /^Content-Type: text\/calendar[^]*?\r\n\r\n/m.exec(raw)![0];
  expect(calendarHeaders).toMatch(/Content-Transfer-Encoding: base64/i);
  const { attachments } = await PostalMime.parse(raw);
  const [alternative, attached] = attachments.map(({ content }) => new TextDecoder().decode(content as ArrayBuffer));
  expect(alternative).toBe(attached);
  expect(attachments[0]!.method).toBe('REQUEST');
  expect(eventIn(alternative!).method).toBe('REQUEST');
});

test('The headers name a machine, one recipient, the moment and a Message-ID, and a repeat is the same to the byte', async () => {
  const letter = letterWith();
  const email = await received(letter);
  const header = (name: string) => email.headers.find(({ key }) => key === name)?.value;
  expect(email.from).toMatchObject({ name: 'Unione Collinare', address: 'protocollo@unione.example' });
  expect(email.to).toMatchObject([{ name: 'Anna Rossi', address: 'anna@example.org' }]);
  expect(email.messageId).toBe(letter.messageId);
  expect(Date.parse(email.date!)).toBe(NOW);
  expect(email.subject).toBe('Appuntamento confermato: martedì 30 marzo, 9:00 – Sportello Unico Attività Produttive');
  expect(header('auto-submitted')).toBe('auto-generated');
  expect(header('x-auto-response-suppress')).toBe('OOF, AutoReply');
  expect(await rawOf(writer.write(letter))).toBe(await rawOf(writer.write(letter)));
});

test('An invite lives through confirmation, move and cancellation with one UID', () => {
  const life: [LetterKind, Partial<Booking>][] = [
    ['confirmed', {}],
    ['moved', { sequence: 1, start: START + 60, end: START + 90 }],
    ['cancelled', { sequence: 2, start: START + 60, end: START + 90, status: 'cancelled' }],
  ];
  const seen = life.map(([kind, booked]) => {
    const invite = writer.write(letterWith({ kind }, booked)).invite!;
    const { method, value } = eventIn(invite.content);
    expect(invite.method).toBe(method);
    return [
      method,
      value('uid'),
      value('sequence'),
      value('status'),
      value('dtstart'),
      value('dtend'),
      value('dtstamp'),
    ];
  });
  const uid = '0195c3a2-7b1e-7c3d-9f00-1a2b3c4d5e6f@unione.example';
  const stamp = '2027-03-20T08:00:00Z';
  expect(seen).toEqual([
    ['REQUEST', uid, '0', 'CONFIRMED', '2027-03-30T07:00:00Z', '2027-03-30T07:30:00Z', stamp],
    ['REQUEST', uid, '1', 'CONFIRMED', '2027-03-30T08:00:00Z', '2027-03-30T08:30:00Z', stamp],
    ['CANCEL', uid, '2', 'CANCELLED', '2027-03-30T08:00:00Z', '2027-03-30T08:30:00Z', stamp],
  ]);
});

test('A letter that leaves late says what it was to say, though the booking is cancelled by now', () => {
  const { method, value } = eventIn(
    inviteOf(letterWith({ kind: 'moved' }, { status: 'cancelled', sequence: 1 }))!.content,
  );
  expect([method, value('status'), value('sequence')]).toEqual(['REQUEST', 'CONFIRMED', '1']);
});

test('The organizer is the sender and the one attendee the recipient, who is asked to answer', () => {
  const { all } = eventIn(inviteOf(letterWith())!.content);
  const named = (name: string) => all.filter((property) => property.name === name);
  expect(named('organizer').map((p) => [p.getFirstValue(), p.getParameter('cn')])).toEqual([
    ['mailto:protocollo@unione.example', 'Unione Collinare'],
  ]);
  expect(named('attendee')).toHaveLength(1);
  const attendee = named('attendee')[0]!;
  expect(String(attendee.getFirstValue()).toLowerCase()).toBe('mailto:anna@example.org');
  const parameters = ['partstat', 'rsvp', 'role', 'cutype', 'cn'].map((name) => attendee.getParameter(name));
  expect(parameters).toEqual(['NEEDS-ACTION', 'TRUE', 'REQ-PARTICIPANT', 'INDIVIDUAL', 'Anna Rossi']);
});

test('Only what the office has said yes to is an invite, and only to the citizen', () => {
  const none: [Partial<Letter>, Partial<Booking>][] = [
    [{ kind: 'requested' }, { status: 'pending' }],
    [{ kind: 'moved' }, { status: 'pending', sequence: 1 }],
    [
      { kind: 'cancelled', wasPending: true },
      { status: 'cancelled', sequence: 1 },
    ],
    [
      { kind: 'moved', wasPending: true },
      { status: 'cancelled', sequence: 1 },
    ],
    [{ kind: 'reminder' }, {}],
    [{ kind: 'confirmed', recipient: 'office' }, {}],
    [{ kind: 'cancelled', recipient: 'office' }, { status: 'cancelled' }],
  ];
  expect(writer.write(letterWith({ wasPending: true })).invite!.method).toBe('REQUEST');
  for (const [parts, booked] of none) expect(writer.write(letterWith(parts, booked)).invite).toBeUndefined();
});

test('The place of an invite is the office, the room, or the telephone; the room is said four times', () => {
  const placeOf = (booked: Partial<Booking>, parts: Partial<Letter> = {}) =>
    eventIn(inviteOf(letterWith(parts, booked))!.content);
  expect(placeOf({}).value('location')).toBe('Sportello Unico Attività Produttive, Piazza Alfieri 2, Mombercelli');
  expect(placeOf({ mode: 'phone', phone: '+39 0141 95 5555' }).value('location')).toContain('+39 0141 95 5555');
  expect(placeOf({ mode: 'phone', phone: 'www.evil.example' }).value('location')).toBe(italian.where.phone);
  const video = placeOf({ mode: 'video' });
  const { meeting } = letterWith({}, { mode: 'video' }).links;
  expect([video.value('location'), video.value('url'), video.value('conference')]).toEqual([meeting, meeting, meeting]);
  expect(video.value('description')).toContain(meeting);
  expect(video.value('description')).toContain('Ufficio: Sportello Unico Attività Produttive');
  expect(placeOf({}, { service: serviceWith({ needs: ['Carta, penna; gomma'] }) }).value('description')).toContain(
    'Porta con te: Carta, penna; gomma\nCodice: 7K4 M9QX\n',
  );
});

test('The file to download is published: no attendee, no organizer, the status as it is', () => {
  for (const [status, said] of [
    ['pending', 'TENTATIVE'],
    ['confirmed', 'CONFIRMED'],
    ['cancelled', 'CANCELLED'],
  ] as const) {
    const { method, value, all } = eventIn(downloadable(letterWith({}, { status, language: 'en' })));
    expect([method, value('status')]).toEqual(['PUBLISH', said]);
    expect(all.filter(({ name }) => name === 'attendee' || name === 'organizer')).toEqual([]);
    expect(value('description')).toContain('Office: Sportello Unico');
  }
});

test('Lines fold within 75 octets whatever the letters, and commas and semicolons come through', () => {
  const name = 'Età; perché, così: "è" \\n à'.repeat(5);
  for (let shift = 0; shift < 8; shift++) {
    const service = serviceWith({ name: 'x'.repeat(shift) + name });
    const { content } = inviteOf(letterWith({ service }, { familyName: 'Nicolò, "Ò"; detto è'.repeat(3) }))!;
    expect(Math.max(...content.split('\r\n').map((line) => Buffer.byteLength(line)))).toBeLessThanOrEqual(75);
    expect(content).not.toContain('\uFFFD');
    expect(eventIn(content).value('summary')).toBe(`${service.name} – Sportello Unico Attività Produttive`);
  }
});

test('The lint names each thing that calendars do not take', () => {
  const { content } = inviteOf(letterWith({ kind: 'cancelled' }, { status: 'cancelled' }))!;
  const published = downloadable(letterWith());
  const spoilt: [string, string][] = [
    ['a line over 75 octets', content.replace('SUMMARY:', `SUMMARY:${'è'.repeat(40)}`)],
    ['no CRLF at the end', content.trimEnd()],
    ['a bare control character', content.replace('SUMMARY:', 'SUMMARY:\u0007')],
    ['not one event', content.replace('END:VEVENT', 'END:VEVENT\r\nBEGIN:VEVENT\r\nEND:VEVENT')],
    ['a time that is not UTC', content.replace('T080000Z', 'T080000')],
    ['a time zone', content.replace('DTSTART:', 'DTSTART;TZID=Europe/Rome:')],
    ['a status that is not of its method', content.replace('STATUS:CANCELLED', 'STATUS:CONFIRMED')],
    ['people not of its method', published.replace('STATUS:', 'ATTENDEE:mailto:a@b.example\r\nSTATUS:')],
    ['people not of its method', content.replace(/ORGANIZER.*\r\n/, '')],
    ['a property too few', content.replace(/UID:.*\r\n/, '')],
    ['a property too many', content.replace('STATUS:', 'X-EVIL:1\r\nSTATUS:')],
    ['a property too many', content.replace('STATUS:', 'SEQUENCE:9\r\nSTATUS:')],
  ];
  expect([lint(content), lint(published)]).toEqual([[], []]);
  for (const [problem, text] of spoilt) expect(lint(text)).toContain(problem);
});

const HOSTILE = [
  'Anna\r\nBcc: evil@example.net',
  'Anna\nX-Evil: 1\n\n<b>body</b>',
  'Anna\u0000\u0007\u001b',
  'Anna\u202egnp.exe\u2066\u200b',
  'Anna\u2028Bcc: evil@example.net',
  '=?utf-8?Q?Anna=0d=0aBcc:_evil@example.net?=',
  '==??utf-8?Q?evil?=',
  'Anna" <evil@example.net>, "x',
  '<evil@example.net>',
  'Anna, evil@example.net; (x)',
  '<script>alert(1)</script><img src=x onerror=alert(1)>',
  '"><a href="https://evil.example">win</a>',
  'Win at www.evil.example now',
  'evil.example/win',
  'evil\u200d.example',
  'x.evil/win',
  '{name} {{constructor}} <%= process.env %> ${x}',
  'END:VEVENT\r\nEND:VCALENDAR\r\nX-EVIL:1',
  ';TZID=Europe/Rome:20270101',
  ':;,\\n^n\\,"',
  '\ud800 lone',
  'è'.repeat(100),
];

test('A name is data wherever it stands: one recipient, no header, no property, no markup, no advertisement', async () => {
  for (const name of HOSTILE) {
    const booked = { givenName: name, familyName: name };
    const mail = writer.write(letterWith({}, booked));
    const raw = await rawOf(mail);
    const email = await PostalMime.parse(raw);
    const envelope = new MailComposer(mimeOf(mail)).compile().getEnvelope();
    expect(envelope).toMatchObject({ from: 'protocollo@unione.example', to: ['anna@example.org'] });
    expect(email.to).toHaveLength(1);
    expect(email.to![0]).toMatchObject({ address: 'anna@example.org' });
    expect(email.headers.map(({ key }) => key)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(bcc|cc|x-evil)$/)]),
    );
    expect(email.to![0]!.name).not.toMatch(/[\p{Cc}\p{Zl}\u202e\u2066\u200b]|=\?/u);
    for (const text of [email.html!, email.text!, mail.invite!.content])
      expect(text).not.toMatch(/evil\.?e?x?|<script|<img|<b>/);
    expect(eventIn(mail.invite!.content).all.filter((p) => p.name === 'attendee' || p.name === 'x-evil')).toHaveLength(
      1,
    );
  }
});

test('An ordinary name survives as it is', async () => {
  for (const familyName of [
    "D'Amico",
    'Müller-Lüdenscheidt',
    'O’Brien',
    'Đorđević',
    'De Maria',
    '李',
    'Rossi Jr.',
    'Nguyễn',
  ]) {
    const mail = writer.write(letterWith({}, { givenName: 'M.Teresa', familyName }));
    const { to, text } = await PostalMime.parse(await rawOf(mail));
    expect(to![0]!.name).toBe(`M.Teresa ${familyName}`);
    expect(text).toContain('Ciao M.Teresa,');
    expect(
      eventIn(mail.invite!.content)
        .all.find((p) => p.name === 'attendee')!
        .getParameter('cn'),
    ).toBe(`M.Teresa ${familyName}`);
  }
});

test('What a citizen writes reaches the office escaped and whole, and no letter to a citizen', async () => {
  const field = { id: 'parcel', label: 'Foglio & particella', type: 'text', required: false, options: [] } as const;
  const service = serviceWith({ fields: [field] });
  for (const words of HOSTILE) {
    const canary = `${words} canary`;
    const booked = {
      reason: canary,
      fields: { parcel: canary },
      caseNumber: canary,
      phone: canary,
      mode: 'phone',
    } as const;
    for (const kind of KINDS)
      expect(await rawOf(writer.write(letterWith({ kind, service }, booked)))).not.toContain('canary');
    const mail = writer.write(letterWith({ recipient: 'office', service }, booked));
    const email = await PostalMime.parse(await rawOf(mail));
    expect(email.to).toMatchObject([{ address: 'protocollo@unione.example' }]);
    expect(mail.text.match(/canary/g)).toHaveLength(4);
    expect(mail.text.split('\n').filter((line) => /^\W*(bcc|x-evil|end):/i.test(line))).toEqual([]);
    expect(mail.html).not.toMatch(/<script|<img|<b>body|<a href="https:\/\/evil/);
    expect(email.subject).not.toContain('canary');
  }
});

test('An address that is not one address is refused for good', () => {
  const addresses = [
    '',
    'anna',
    'a@b@c',
    'a b@c.it',
    'a@b.it,c@d.it',
    'a@b.it\r\nRCPT TO:<evil@z.it>',
    '<a@b.it>',
    'a@b.it;',
    '"a b"@c.it',
    'a..b@c.it',
    `${'a'.repeat(250)}@c.it`,
    '=?x@y.it',
  ];
  for (const email of addresses) {
    expect(() => writer.write(letterWith({}, { email }))).toThrow(expect.objectContaining({ kind: 'permanent' }));
  }
  for (const email of ["o'neil+suap@example.co.uk", 'a.b_c@sub.example.org', 'anna@città.example']) {
    expect(writer.write(letterWith({}, { email })).to.address).toBe(email);
  }
});

/** Every letter there is: with all that is optional, and with none of it. */
function* allLetters(): Generator<Letter> {
  const field = { id: 'parcel', label: 'Particella', type: 'text', required: false, options: [] } as const;
  const rich = {
    service: serviceWith({ needs: ['Documento di identità', 'Visura'], fields: [field] }),
    office: officeWith({ email: 'suap@unione.example', phone: '0141 955 555' }),
    authority: new Authority(authorityWith({ phone: '0141 1', pec: 'pec@pec.example' }), 1, new Map()),
    counterName: 'Sindaco',
    previousStart: START - 1440,
  };
  const said = { phone: '0141 22', reason: 'Una veranda', fields: { parcel: '12' }, caseNumber: 'P-1' };
  for (const kind of KINDS)
    for (const language of LANGUAGES)
      for (const mode of MODES)
        for (const recipient of ['citizen', 'office'] as const) {
          const status = kind === 'requested' ? 'pending' : kind === 'cancelled' ? 'cancelled' : 'confirmed';
          yield letterWith({ kind, recipient, ...rich }, { language, mode, status, ...said });
          yield letterWith({ kind, recipient }, { language, mode, status });
        }
  yield letterWith({ kind: 'reminder' }, { status: 'pending' });
  for (const language of LANGUAGES) {
    yield letterWith({ kind: 'unsure', by: 'reply' }, { language });
    yield letterWith({ kind: 'unsure', by: 'reply', why: 'too-late', ...rich }, { language });
    yield letterWith({ kind: 'cancelled', by: 'reply' }, { language, status: 'cancelled' });
  }
  for (const why of Object.keys(italian.told))
    yield letterWith({ kind: 'told', recipient: 'office', why, note: 'Vengo tardi & di corsa\n\nAnna', ...rich });
}

test('Every letter of every kind, language and mode is whole, small and needs nothing from elsewhere', () => {
  let seen = 0;
  for (const letter of allLetters()) {
    const { subject, html, text, language } = writer.write(letter);
    for (const part of [subject, html, text]) {
      expect(part).not.toMatch(/undefined|\bnull\b|NaN|\[object|<%|%>|\{\w+\}|\{\{/);
    }
    expect(Buffer.byteLength(html)).toBeLessThan(30_000);
    expect(html).toContain(`<html lang="${language}">`);
    expect(html).not.toMatch(/<img|<link|<script|url\(|@import| src=/);
    expect(text).not.toMatch(/\n{3}|[^\S\n]\n/);
    expect(text).toContain('7K4 M9QX');
    expect(subject).not.toMatch(/Anna|Rossi/);
    seen++;
  }
  expect(seen).toBe(127 + Object.keys(italian.told).length);
});

test('HTML and text say the same: every link and every fact of the one stands in the other', () => {
  const plain = (html: string) =>
    html
      .replace(/<style>[^]*<\/style>/, '')
      .replaceAll('&#39;', "'")
      .replaceAll('&amp;', '&')
      .replace(/\s+/g, ' ');
  for (const letter of allLetters()) {
    const { html, text } = writer.write(letter);
    const body = plain(html);
    const lines = text
      .split('\n')
      .flatMap((line) => line.replace(/^[- ]+/, '').split(/: (?=\S)/))
      .filter(Boolean);
    for (const line of lines) expect(body).toContain(line.replace(/:$/, '').replace(/\s+/g, ' '));
    expect([...html.matchAll(/href="([^"]*)"/g)].filter(([, href]) => !text.includes(href!))).toEqual([]);
  }
});

test('Each letter offers what can still be done, and the office is given none of the citizen’s links', () => {
  const textOf = (parts: Partial<Letter>, booked: Partial<Booking> = {}) =>
    writer.write(letterWith(parts, booked)).text;
  const { links } = letterWith({}, { mode: 'video' });
  const has = (text: string) =>
    [links.move, links.cancel, links.invite, links.meeting!].map((link) => text.includes(link));
  const video = { mode: 'video' } as const;
  expect(has(textOf({ kind: 'requested' }, { ...video, status: 'pending' }))).toEqual([true, true, false, true]);
  expect(has(textOf({ kind: 'confirmed' }, video))).toEqual([true, true, true, true]);
  expect(has(textOf({ kind: 'moved' }, video))).toEqual([true, true, true, true]);
  expect(has(textOf({ kind: 'reminder' }, video))).toEqual([true, true, false, true]);
  expect(has(textOf({ kind: 'cancelled' }, { ...video, status: 'cancelled' }))).toEqual([false, false, false, false]);
  for (const kind of KINDS) {
    const text = textOf({ kind, recipient: 'office' }, video);
    expect(text).not.toContain(links.manage);
    expect(text.includes(links.meeting!)).toBe(kind !== 'cancelled');
  }
});

test('A request says plainly that the office must still say yes, also when it is moved', () => {
  const pending = { status: 'pending' } as const;
  expect(writer.write(letterWith({ kind: 'requested' }, pending)).text).toContain("l'ufficio deve dire di sì");
  expect(writer.write(letterWith({ kind: 'moved' }, pending)).text).toContain("L'ufficio non l'ha ancora confermato");
  expect(writer.write(letterWith({ kind: 'moved' })).text).not.toContain('non l');
});

test('A reminder says what a missed appointment costs, a moved one where it was', () => {
  const long = { end: START + 45 };
  expect(writer.write(letterWith({ kind: 'reminder' }, long)).text).toContain('costa a tutti 45 minuti di lavoro');
  expect(writer.write(letterWith({ kind: 'reminder' }, { ...long, language: 'en' })).text).toContain(
    'costs everyone 45 minutes',
  );
  const moved = writer.write(letterWith({ kind: 'moved', previousStart: START - 1440 * 90 }, { language: 'en' })).text;
  expect(moved).toContain('When: Tuesday 30 March, 9:00–9:30\nIt was: Wednesday 30 December 2026, 8:00–8:30\n');
});

test('A letter names the last moment for a change, and offers none after it', () => {
  const service = serviceWith({ cancelUntil: { days: 1, minutes: 0 } });
  const textAt = (kind: LetterKind, time: string, language: 'it' | 'en' = 'it') =>
    writer.write(letterWith({ kind, service, stampedAt: Date.parse(time) }, { language })).text;
  expect(textAt('confirmed', '2027-03-20T08:00:00Z')).toContain(
    'Puoi spostare o annullare fino a lunedì 29 marzo, ore 9:00.',
  );
  const soon = textAt('reminder', '2027-03-29T06:59:00Z', 'en');
  expect(soon).toContain('In ten seconds');
  expect(soon).toContain('You can move or cancel until Monday 29 March, 9:00.');
  for (const kind of ['requested', 'confirmed', 'moved', 'reminder'] as const) {
    const late = textAt(kind, '2027-03-29T07:00:00Z');
    expect(late).toContain("chiama o scrivi all'ufficio");
    expect(late).toContain('protocollo@unione.example');
    expect(late).not.toMatch(/\/sposta|\/annulla|In dieci secondi|annullalo/);
    expect(late).toMatch(/\/appuntamento\/[\w-]{43}\n/);
  }
  expect(writer.write(letterWith({ kind: 'reminder' })).text).not.toContain('fino a');
});

test('An appointment by telephone is told as a call, without the way to the office', () => {
  const phone = '+39 0141 22334';
  for (const kind of ['confirmed', 'reminder'] as const) {
    const { text, html } = writer.write(letterWith({ kind }, { mode: 'phone', phone }));
    expect(text).toContain("All'ora dell'appuntamento ti chiama l'ufficio.");
    expect(text).toContain(`ti chiama l'ufficio al ${phone}`);
    expect(text + html).not.toMatch(/Ti aspettiamo|Piazza Alfieri/);
  }
});

test('The office is written to in Italian at its own address, with all the citizen said', () => {
  const field = { id: 'parcel', label: 'Foglio e particella', type: 'text', required: false, options: [] } as const;
  const letter = letterWith(
    {
      recipient: 'office',
      service: serviceWith({ fields: [field] }),
      office: officeWith({ email: 'suap@unione.example' }),
    },
    { language: 'en', reason: 'Una veranda', fields: { parcel: '12/345', stray: 'x' }, phone: '0141 22' },
  );
  const { to, subject, text } = writer.write(letter);
  expect(to).toEqual({ name: 'Sportello Unico Attività Produttive', address: 'suap@unione.example' });
  expect(subject).toMatch(/^Nuovo appuntamento: martedì 30 marzo, 9:00/);
  for (const line of ['Cittadino: Anna Rossi', 'E-mail: anna@example.org', 'Telefono: 0141 22', 'Lingua: inglese']) {
    expect(text).toContain(`${line}\n`);
  }
  expect(text).toContain('Foglio e particella: 12/345\nMotivo: Una veranda\n');
  expect(text).not.toContain('stray');
});

test('Both languages have the same words, and the same places to fill in each', () => {
  const shape = (words: object): unknown =>
    Object.fromEntries(
      Object.entries(words).map(([key, word]) => [
        key,
        typeof word === 'string' ? (word.match(/\{\w+\}/g) ?? []) : shape(word),
      ]),
    );
  expect(shape(english)).toEqual(shape(italian));
});

test('The id of a booking that is not an id is a fault, not an invite', () => {
  const booking = bookingWith({ id: 'a\r\nX-EVIL:1' });
  expect(() => writer.write(letterWith({ booking }))).toThrow('is not an id');
});

test('What the office did is said to be the office’s, with its sentence as it was written', async () => {
  const note = 'La sindaca è a Roma <b>"domani"</b> & dopo';
  const office: Partial<Letter> = { by: 'staff', who: 'Mario Bianchi', note };
  const said: [string, Partial<Letter>, Partial<Booking>, string, string | undefined][] = [
    [
      'annullato',
      { ...office, kind: 'cancelled' },
      { status: 'cancelled' },
      "L'ufficio ha annullato il tuo appuntamento",
      'CANCEL',
    ],
    [
      'no',
      { ...office, kind: 'cancelled', wasPending: true },
      { status: 'cancelled' },
      "L'ufficio non può darti questo appuntamento",
      undefined,
    ],
    [
      'spostato',
      { ...office, kind: 'moved', previousStart: START - 60 },
      {},
      "L'ufficio ha spostato il tuo appuntamento",
      'REQUEST',
    ],
    ['sì', { ...office, kind: 'confirmed', wasPending: true }, {}, 'Appuntamento confermato', 'REQUEST'],
  ];
  for (const [, letter, booked, title, method] of said) {
    const mail = writer.write(letterWith(letter, booked));
    const email = await received(letterWith(letter, booked));
    expect(email.text).toContain(title);
    expect(email.text).toContain(`L'ufficio ti scrive: «${note}»`);
    expect(email.html).toContain('Roma &lt;b&gt;');
    expect(mail.invite?.method).toBe(method);
    const copy = writer.write(letterWith({ ...letter, recipient: 'office' }, booked)).text;
    expect(copy).toContain('Fatto da: Mario Bianchi');
    expect(copy).toContain(`Scritto al cittadino: ${note}`);
  }
  const inEnglish = writer.write(letterWith({ ...office, kind: 'cancelled' }, { status: 'cancelled', language: 'en' }));
  expect(inEnglish.text).toContain(`The office writes: “${note}”`);
});

test('A request that nobody answered says so, and how to book again; to who has no address only the office is written', () => {
  const over: Partial<Letter> = { kind: 'cancelled', by: 'deadline', wasPending: true };
  const mail = writer.write(letterWith(over, { status: 'cancelled' }));
  expect(mail.subject).toContain('Richiesta senza risposta');
  expect(mail.text).toContain('Il posto è di nuovo libero');
  expect(mail.text).toContain('Prenota di nuovo');
  expect(mail.invite).toBeUndefined();
  const office = writer.write(
    letterWith({ ...over, recipient: 'office' }, { status: 'cancelled', email: null, phone: '0141 123456' }),
  );
  expect(office.subject).toContain('Richiesta scaduta senza risposta');
  expect(office.text).toContain("Fatto da: nessuno: l'ufficio non ha risposto in tempo");
  expect(office.text).toContain('senza e-mail');
  expect(office.text).toContain('0141 123456');
});

test('A change the citizen made is told as before, and nobody else is named', () => {
  for (const kind of ['moved', 'cancelled'] as const) {
    const booked = { status: kind === 'cancelled' ? 'cancelled' : 'confirmed' } as const;
    const plain = writer.write(letterWith({ kind }, booked));
    expect(writer.write(letterWith({ kind, by: 'citizen' }, booked))).toEqual(plain);
    const copy = { kind, recipient: 'office' } as const;
    expect(writer.write(letterWith({ ...copy, by: 'citizen' }, booked))).toEqual(
      writer.write(letterWith(copy, booked)),
    );
  }
});

test('An answer of a calendar is answered with the way back, or with a question, or with the telephone', () => {
  const { links } = letterWith();
  const cancelled = writer.write(letterWith({ kind: 'cancelled', by: 'reply' }, { status: 'cancelled', sequence: 1 }));
  expect(cancelled.text).toContain(`Era un errore? Riprendi l'appuntamento:\n${links.restore}`);
  expect(cancelled.invite?.method).toBe('CANCEL');

  const unsure = writer.write(letterWith({ kind: 'unsure', by: 'reply' }));
  expect(unsure.subject).toMatch(/^Vuoi annullare/);
  expect(unsure.text).toContain(`Annulla l'appuntamento:\n${links.cancel}`);
  expect(unsure.invite).toBeUndefined();

  const service = serviceWith({ cancelUntil: { days: 1, minutes: 0 } });
  const stampedAt = Date.parse('2027-03-29T08:00:00Z');
  const late = writer.write(letterWith({ kind: 'unsure', by: 'reply', why: 'too-late', service, stampedAt }));
  expect(late.subject).toMatch(/^È tardi per annullare/);
  expect(late.text).toContain('protocollo@unione.example');
  expect(late.text).not.toMatch(/\/annulla|\/sposta|\/riprendi/);
});

test('What a citizen writes reaches the office as words, and its answer goes to the citizen', () => {
  const note = 'Arrivo tardi.\n<script>alert(1)</script>\n\n=?utf-8?q?x?= Anna\u202e';
  const told = writer.write(letterWith({ kind: 'told', recipient: 'office', why: 'wrote', note }));
  expect(told.subject).toMatch(/^Avviso su un appuntamento/);
  expect(told.text).toContain('Arrivo tardi.\n\n<script>alert(1)</script>\n\nutf-8?q?x?= Anna\n');
  expect(told.html).not.toContain('<script>');
  expect(told.html).toContain('&lt;script&gt;');
  expect(told.replyTo).toEqual({ name: '', address: 'anna@example.org' });
  const bounced = writer.write(letterWith({ kind: 'told', recipient: 'office', why: 'bounced' }, { phone: '0141 22' }));
  expect(bounced.text).toContain('il suo indirizzo e-mail non funziona');
  expect(bounced.text).toContain('Telefono: 0141 22\n');
  expect(bounced.replyTo).toBeUndefined();
});
