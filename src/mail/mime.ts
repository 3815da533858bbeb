// SPDX-License-Identifier: AGPL-3.0-or-later
import { createHash } from 'node:crypto';
import type { SendMailOptions } from 'nodemailer';
import type { Mail } from './letter.ts';

/** No out-of-office answers to a machine: RFC 3834, and Exchange's own. */
const HEADERS = { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'OOF, AutoReply' };

/**
 * A letter as nodemailer takes it. With an invite it becomes the tree that calendars show buttons for: text, HTML and
 * text/calendar as alternatives, and the same invite attached. In base64, for Outlook stumbles on quoted-printable.
 */
export function mimeOf(mail: Mail): SendMailOptions {
  const { messageId, date, from, to, replyTo, subject, text, html, invite, language } = mail;
  return {
    messageId,
    date,
    from,
    to,
    replyTo,
    subject,
    text,
    html,
    headers: { ...HEADERS, 'Content-Language': language },
    icalEvent: invite && { ...invite, filename: 'invito.ics', contentTransferEncoding: 'base64' },
    // The parts' boundary comes from the Message-ID, so that a repeat is the same to the byte.
    baseBoundary: createHash('sha256').update(messageId).digest('hex').slice(0, 32),
    xMailer: false,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}
