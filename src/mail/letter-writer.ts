// SPDX-License-Identifier: AGPL-3.0-or-later
import { resolve } from 'node:path';
import { Eta } from 'eta';
import type { Authority } from '../offices/authority.ts';
import type { Office } from '../offices/definition.ts';
import { inviteOf } from './invite.ts';
import { knockSheet } from './knock-sheet.ts';
import type { Knock, Letter, Mail } from './letter.ts';
import { mailbox, type Mailbox } from './mailbox.ts';
import { safeName } from './plain.ts';
import { citizenSheet, officeSheet, type Sheet } from './sheet.ts';

/** Writes letters: HTML and text from one sheet, and the invite when one goes with it. */
export class LetterWriter {
  readonly #html: Eta;
  readonly #text: Eta;

  constructor(templatesDir = 'templates/letters') {
    const options = { views: resolve(templatesDir), cache: true, autoTrim: false } as const;
    this.#html = new Eta(options);
    this.#text = new Eta({ ...options, autoEscape: false });
  }

  /** @throws MailFailure permanent, when the recipient's address is none. */
  write(letter: Letter): Mail {
    const { kind, recipient, booking, authority, messageId, stampedAt } = letter;
    const sheet = recipient === 'citizen' ? citizenSheet(letter) : officeSheet(letter);
    const invite = inviteOf(letter);
    const replyTo = answeredTo(letter);
    return {
      kind,
      recipient,
      reference: booking.reference,
      messageId,
      date: new Date(stampedAt),
      from: mailbox(authority.name, authority.definition.email),
      to: recipientOf(letter),
      subject: sheet.subject,
      text: this.#lay(this.#text, 'letter.text.eta', sheet),
      html: this.#lay(this.#html, 'letter.html.eta', sheet),
      language: sheet.language,
      ...(invite && { invite }),
      ...(replyTo && { replyTo }),
    };
  }

  /** @throws MailFailure permanent, when the office's address is none. */
  writeKnock(knock: Knock): Mail {
    const { authority, office, messageId, stampedAt } = knock;
    const sheet = knockSheet(knock);
    return {
      kind: 'knock',
      recipient: 'office',
      reference: office.id,
      messageId,
      date: new Date(stampedAt),
      from: mailbox(authority.name, authority.definition.email),
      to: addressOf(office, authority),
      subject: sheet.subject,
      text: this.#lay(this.#text, 'letter.text.eta', sheet),
      html: this.#lay(this.#html, 'letter.html.eta', sheet),
      language: sheet.language,
    };
  }

  #lay(eta: Eta, template: string, sheet: Sheet): string {
    return eta.render(`./${template}`, sheet);
  }
}

/** The citizen whose words the office reads: what it answers is for them. */
function answeredTo({ kind, note, booking }: Letter): Mailbox | undefined {
  return kind === 'told' && note !== undefined && booking.email !== null ? mailbox('', booking.email) : undefined;
}

function recipientOf({ recipient, booking, office, authority }: Letter): Mailbox {
  if (recipient === 'office') return addressOf(office, authority);
  return mailbox(safeName(`${booking.givenName} ${booking.familyName}`), booking.email ?? '');
}

const addressOf = (office: Office, authority: Authority): Mailbox =>
  mailbox(office.name, office.email ?? authority.definition.email);
