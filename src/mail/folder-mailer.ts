// SPDX-License-Identifier: AGPL-3.0-or-later
import { createHash } from 'node:crypto';
import { mkdir, open, rename } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import MailComposer from 'nodemailer/lib/mail-composer';
import type { Mail } from './letter.ts';
import { MailFailure } from './mail-failure.ts';
import { Mailer } from './mailer.ts';
import { mimeOf } from './mime.ts';

/** The folder is full, or too many files are open: it passes. Anything else wants a person. */
const PASSING = ['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE', 'EIO', 'EBUSY'];

/** Letters as files in a folder, for a person to look at: one `.eml` each, there whole or not at all. */
export class FolderMailer extends Mailer {
  readonly place: string;
  #written = 0;

  constructor(folder: string) {
    super();
    this.place = resolve(folder);
  }

  async send(mail: Mail): Promise<void> {
    const content = withCrlf(await new MailComposer(mimeOf(mail)).compile().build());
    try {
      await this.#put(fileNameOf(mail), content);
    } catch (error) {
      throw failureOf(error);
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Written beside and renamed, so that no reader meets half a letter and a crash leaves none. */
  async #put(name: string, content: Buffer): Promise<void> {
    await mkdir(this.place, { recursive: true });
    const draft = join(this.place, `.${name}.${process.pid}-${this.#written++}`);
    const file = await open(draft, 'w');
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, join(this.place, name));
    await this.#syncFolder();
  }

  /** The name too must outlive a crash; Windows cannot open a folder and needs no telling. */
  async #syncFolder(): Promise<void> {
    if (process.platform === 'win32') return;
    const folder = await open(this.place, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }
}

/** RFC 5322 2.3: as a letter is on the wire. Its bodies are base64 or quoted-printable, so every byte is ASCII. */
const withCrlf = (letter: Buffer): Buffer => Buffer.from(letter.toString('latin1').replace(/\r?\n/g, '\r\n'), 'latin1');

/** In the order of writing, readable, and always the same for one Message-ID: a repeat replaces its own file. */
function fileNameOf({ date, kind, recipient, reference, messageId }: Mail): string {
  const stamp = date.toISOString().replace(/[-:.]/g, '');
  const hash = createHash('sha256').update(messageId).digest('hex').slice(0, 12);
  return `${stamp}-${kind}-${recipient}-${reference.replace(/\W/g, '')}-${hash}.eml`;
}

function failureOf(error: unknown): MailFailure {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  return new MailFailure(PASSING.includes(code) ? 'unreachable' : 'configuration', `${code} in the mail folder`);
}
