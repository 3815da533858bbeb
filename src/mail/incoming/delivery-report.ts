// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Attachment, Email } from 'postal-mime';
import { letterIdsIn } from '../message-id.ts';
import type { Bounce } from './incoming.ts';

const LONGEST = 65_536;
const RETURNED = ['message/rfc822', 'text/rfc822-headers', 'message/rfc822-headers', 'message/global-headers'];

/** A letter that came back for good; `passing` for a report of a delay, of success, or of reading; null for no report. */
export function deliveryReportIn(email: Email): Omit<Bounce, 'kind' | 'hash'> | 'passing' | null {
  const status = email.attachments.find(({ mimeType }) =>
    ['message/delivery-status', 'message/global-delivery-status'].includes(mimeType),
  );
  if (!status) return isReport(email) ? 'passing' : null;
  const failed = fieldsOf(textOf(status)).find(
    (f) => f.get('action') === 'failed' && f.get('status')?.startsWith('5.'),
  );
  const recipient = addressOf(failed?.get('original-recipient')) ?? addressOf(failed?.get('final-recipient'));
  if (!failed || !recipient) return 'passing';
  return { recipient, status: failed.get('status')!.slice(0, 12), letters: lettersIn(email) };
}

const isReport = ({ headers }: Email): boolean =>
  headers.some(({ key, value }) => key === 'content-type' && /^\s*multipart\/report\b/i.test(value));

/** The letter given back says which it was; else the report's own headers may. */
function lettersIn(email: Email): string[] {
  const returned = email.attachments.find(({ mimeType }) => RETURNED.includes(mimeType));
  const [head = ''] = returned ? textOf(returned).split(/\r?\n\r?\n/, 1) : [];
  const [, id = ''] = /^message-id:([^\n]*(?:\n[ \t][^\n]*)*)/im.exec(head) ?? [];
  const own = letterIdsIn(id);
  return own.length ? own : letterIdsIn(`${email.references ?? ''} ${email.inReplyTo ?? ''}`);
}

/** Groups of fields between empty lines (RFC 3464 2.1): of the message, then of each recipient. Values in lower case. */
function fieldsOf(text: string): Map<string, string>[] {
  const groups = text.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n\s*\r?\n/);
  return groups.map((group) => new Map(group.split('\n').flatMap(fieldOf)));
}

function fieldOf(line: string): [string, string][] {
  const colon = line.indexOf(':');
  return colon < 0
    ? []
    : [
        [
          line.slice(0, colon).trim().toLowerCase(),
          line
            .slice(colon + 1)
            .trim()
            .toLowerCase(),
        ],
      ];
}

/** `rfc822; anna@example.org`. */
function addressOf(field: string | undefined): string | null {
  const address = field
    ?.slice(field.indexOf(';') + 1)
    .trim()
    .replace(/^<|>$/g, '');
  return address?.includes('@') ? address : null;
}

const textOf = ({ content }: Attachment): string =>
  typeof content === 'string' ? content.slice(0, LONGEST) : new TextDecoder().decode(content.slice(0, LONGEST));
