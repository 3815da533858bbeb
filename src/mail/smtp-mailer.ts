// SPDX-License-Identifier: AGPL-3.0-or-later
import { createTransport, type SMTPPoolOptions, type SMTPPoolSentMessageInfo, type Transporter } from 'nodemailer';
import { verifyDkim, type DkimKey } from './dkim.ts';
import type { Mail } from './letter.ts';
import { Mailer } from './mailer.ts';
import { mimeOf } from './mime.ts';
import { failureOf } from './smtp-failure.ts';

/** Milliseconds a server may take; nodemailer's own run to minutes. `whole` bounds a letter however slowly it goes. */
export interface SmtpPatience {
  readonly connection: number;
  readonly greeting: number;
  readonly silence: number;
  readonly whole: number;
}

const PATIENCE: SmtpPatience = { connection: 10_000, greeting: 10_000, silence: 30_000, whole: 60_000 };
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/** Letters through an SMTP server, over a few connections kept open. */
export class SmtpMailer extends Mailer {
  readonly place: string;
  readonly #transport: Transporter<SMTPPoolSentMessageInfo>;
  readonly #dkim: DkimKey | undefined;
  readonly #patience: SmtpPatience;

  /** @param url `smtp://user:password@host:port`, TLS when offered; `smtps://` TLS from the start. */
  constructor(url: string, dkim?: DkimKey, patience: Partial<SmtpPatience> = {}) {
    super();
    this.#dkim = dkim;
    this.#patience = { ...PATIENCE, ...patience };
    this.#transport = createTransport({ ...optionsOf(url, this.#patience), pool: true, dkim });
    const { protocol, host } = new URL(url);
    this.place = `${protocol}//${host}`;
  }

  /** @throws MailFailure configuration, when letters would leave without the signature asked for. To be called at boot. */
  async verifyDkim(): Promise<void> {
    if (this.#dkim) await verifyDkim(this.#dkim);
  }

  async send(mail: Mail): Promise<void> {
    const signal = AbortSignal.timeout(this.#patience.whole);
    const sent = await this.#transport.sendMail({ ...mimeOf(mail), signal }).catch((error: unknown) => {
      throw failureOf(error);
    });
    // nodemailer counts a letter as sent when somebody of several took it; there is one recipient, so this is rare.
    if (sent.rejected.length) throw failureOf(sent.rejectedErrors?.[0]);
  }

  close(): Promise<void> {
    this.#transport.close();
    return Promise.resolve();
  }
}

/** A password never travels in clear over a network, unless the URL says `?requireTLS=false`. */
function optionsOf(url: string, { connection, greeting, silence }: SmtpPatience): SMTPPoolOptions {
  const { username, hostname, searchParams } = new URL(url);
  const guarded = username !== '' && !LOOPBACK.includes(hostname) && !searchParams.has('requireTLS');
  return {
    url,
    connectionTimeout: connection,
    greetingTimeout: greeting,
    socketTimeout: silence,
    ...(guarded ? { requireTLS: true } : {}),
  };
}
