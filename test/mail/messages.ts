// SPDX-License-Identifier: AGPL-3.0-or-later

export const BOOKING = '0195c3a2-7b1e-7c3d-9f00-1a2b3c4d5e6f';
export const LETTER = '0195c3a2-9999-7c3d-8f00-aaaaaaaaaaaa';
export const AUTHSERV_ID = 'mx.unione.example';
export const VOUCHED = `${AUTHSERV_ID}; dmarc=pass (p=REJECT) header.from=example.org; dkim=pass header.d=example.org`;

let messages = 0;

export interface Parts {
  from?: string;
  messageId?: string;
  /** Values of Authentication-Results, the topmost first. */
  results?: string[];
  headers?: string[];
}

/** The head every message of a citizen has. */
export function headOf({ from = 'Anna Rossi <anna@example.org>', messageId, results = [], headers = [] }: Parts) {
  return [
    ...results.map((result) => `Authentication-Results: ${result}`),
    `From: ${from}`,
    'To: Unione Collinare <protocollo@unione.example>',
    'Subject: Re: Appuntamento confermato',
    `Message-ID: ${messageId ?? `<${messages++}@mail.example.org>`}`,
    'Date: Mon, 01 Mar 2027 07:30:00 +0100',
    'MIME-Version: 1.0',
    ...headers,
  ];
}

export interface ReplyParts extends Parts {
  method?: string;
  bookingId?: string;
  attendees?: string[];
  partstat?: string;
  sequence?: number | null;
  /** More lines of the event. */
  more?: string[];
}

/** What a calendar program answers: outlook.com leaves ORGANIZER out, so do we. */
export function replyCalendar(parts: ReplyParts = {}): string {
  const { method = 'REPLY', bookingId = BOOKING, partstat = 'DECLINED', sequence = 0, more = [] } = parts;
  const attendees = parts.attendees ?? ['mailto:anna@example.org'];
  return [
    'BEGIN:VCALENDAR',
    'PRODID:-//Qualcuno//Calendario//IT',
    'VERSION:2.0',
    `METHOD:${method}`,
    'BEGIN:VEVENT',
    `UID:${bookingId}@unione.example`,
    'DTSTAMP:20270301T063000Z',
    'DTSTART:20270302T080000Z',
    'DTEND:20270302T083000Z',
    ...(sequence === null ? [] : [`SEQUENCE:${sequence}`]),
    ...attendees.map((who) => `ATTENDEE;CN="Rossi, Anna";ROLE=REQ-PARTICIPANT;PARTSTAT=${partstat}:${who}`),
    'SUMMARY:Declined: Consulenza SUAP',
    ...more,
    'END:VEVENT',
    'END:VCALENDAR',
    '',
  ].join('\r\n');
}

/** A citizen's calendar answers the invite; DECLINED and vouched for, unless said otherwise. */
export function replyWith(parts: ReplyParts = {}): string {
  return [
    ...headOf({ results: [VOUCHED], ...parts }),
    'Content-Type: multipart/alternative; boundary="b"',
    '',
    '--b',
    'Content-Type: text/plain; charset=utf-8',
    '',
    'Anna Rossi ha rifiutato questo invito.',
    '--b',
    `Content-Type: text/calendar; charset=utf-8; method=${parts.method ?? 'REPLY'}`,
    'Content-Transfer-Encoding: base64',
    '',
    Buffer.from(replyCalendar(parts)).toString('base64').replace(/.{76}/g, '$&\r\n'),
    '--b--',
    '',
  ].join('\r\n');
}

/** Somebody writes, by hand. */
export const wordsWith = (lines: string[], parts: Parts = {}): string =>
  [
    ...headOf({ headers: [`In-Reply-To: <${LETTER}.confirmed@unione.example>`], ...parts }),
    'Content-Type: text/plain; charset=utf-8',
    '',
    ...lines,
    '',
  ].join('\r\n');

export interface BounceParts {
  recipient?: string;
  letterId?: string;
  action?: string;
  status?: string;
  messageId?: string;
}

/** A mail server gives a letter of ours back, as Postfix does. */
export function bounceWith(parts: BounceParts = {}): string {
  const { recipient = 'anna@example.org', letterId = LETTER, action = 'failed', status = '5.1.1' } = parts;
  return [
    'Return-Path: <>',
    'From: MAILER-DAEMON@mx.example.org (Mail Delivery System)',
    'To: protocollo@unione.example',
    'Subject: Undelivered Mail Returned to Sender',
    'Auto-Submitted: auto-replied',
    `Message-ID: ${parts.messageId ?? `<${messages++}@mx.example.org>`}`,
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status; boundary="r"',
    '',
    '--r',
    'Content-Type: text/plain; charset=us-ascii',
    '',
    'I am sorry to have to inform you that your message could not be delivered.',
    '--r',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; mx.example.org',
    'Arrival-Date: Mon, 1 Mar 2027 07:30:00 +0100 (CET)',
    '',
    `Final-Recipient: rfc822; ${recipient}`,
    `Original-Recipient: rfc822;${recipient}`,
    `Action: ${action}`,
    `Status: ${status}`,
    'Diagnostic-Code: smtp; 550 5.1.1 unknown user',
    '',
    '--r',
    'Content-Type: message/rfc822',
    '',
    'From: Unione Collinare <protocollo@unione.example>',
    `To: ${recipient}`,
    'Subject: Appuntamento confermato',
    `Message-ID: <${letterId}.confirmed@unione.example>`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain',
    '',
    'Ti aspettiamo.',
    '--r--',
    '',
  ].join('\r\n');
}
