// SPDX-License-Identifier: AGPL-3.0-or-later
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer } from 'smtp-server';

export interface Letter {
  /** Name of the `.eml` file; empty when it came by SMTP. */
  file: string;
  /** The envelope's recipients; empty when it came from a folder. */
  recipients: string[];
  raw: string;
  email: Email;
}

const read = async (raw: string, file = '', recipients: string[] = []): Promise<Letter> => ({
  file,
  recipients,
  raw,
  email: await PostalMime.parse(raw),
});

/** The letters lying in a folder, in the order of their names. */
export async function lettersIn(folder: string): Promise<Letter[]> {
  await turn(); // whoever asks in a loop lets the writers write
  if (!existsSync(folder)) return [];
  const names = (await readdir(folder)).filter((name) => name.endsWith('.eml')).sort();
  return Promise.all(names.map(async (name) => read(await readFile(join(folder, name), 'utf8'), name)));
}

/** Waits until `enough` says so of the letters read again and again; after `patience` ms it says what there was. */
export async function awaitLetters(
  letters: () => Promise<Letter[]>,
  enough: number | ((letters: Letter[]) => boolean),
  patience = 5_000,
): Promise<Letter[]> {
  const isEnough = typeof enough === 'number' ? (found: Letter[]) => found.length >= enough : enough;
  for (const start = Date.now(); ; await wait(25)) {
    const found = await letters();
    if (isEnough(found)) return found;
    if (Date.now() - start > patience) {
      const subjects = found.map(({ email }) => `${email.to?.[0]?.address}: ${email.subject}`);
      throw new Error(`after ${patience} ms these letters had come: ${JSON.stringify(subjects)}`);
    }
  }
}

/** A part: its header with the type, then its body up to the next boundary. */
const CALENDAR = /^Content-Type: text\/calendar\b((?:.+\r?\n)+)\r?\n([\s\S]*?)\r?\n--/im;

/** The invite's calendar byte for byte (postal-mime would turn CRLF into LF); undefined when there is none. */
export function calendarOf(letter: Letter): string | undefined {
  const [, header = '', body] = CALENDAR.exec(letter.raw) ?? [];
  if (body === undefined) return undefined;
  if (!/base64/i.test(header)) throw new Error(`the calendar is not in base64: ${header}`);
  return Buffer.from(body, 'base64').toString('utf8');
}

/** What a mail server says to a command: undefined is yes, 421 also hangs up, `silent` never answers. */
export type Reply = { code: number; text: string } | 'silent' | undefined;

/** One command a client sent; `count` is 1 for the first command of this kind to the server. */
export interface Command {
  verb: 'CONNECT' | 'MAIL' | 'RCPT' | 'DATA';
  address: string;
  count: number;
}

/** A mail server on 127.0.0.1, without TLS and without password, that keeps what it accepts. */
export class MailServer {
  /** May be replaced at any time. */
  answer: (command: Command) => Reply = () => undefined;
  readonly #accepted: Letter[] = [];
  readonly #counts = new Map<string, number>();
  readonly #server: SMTPServer;

  private constructor() {
    this.#server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['AUTH', 'STARTTLS'],
      disableReverseLookup: true,
      logger: false,
      closeTimeout: 50,
      onConnect: (_session, done) => this.#reply('CONNECT', '', done),
      onMailFrom: ({ address }, _session, done) => this.#reply('MAIL', address, done),
      onRcptTo: ({ address }, _session, done) => this.#reply('RCPT', address, done),
      onData: (stream, session, done) => {
        const recipients = session.envelope.rcptTo.map(({ address }) => address);
        buffer(stream).then((raw) => this.#take(raw.toString('utf8'), recipients, done), done);
      },
    });
    this.#server.on('error', () => undefined); // a client that hangs up is no fault of ours
  }

  /** @param port a free one when absent */
  static async start(port = 0): Promise<MailServer> {
    const server = new MailServer();
    await once(server.#server.listen(port, '127.0.0.1'), 'listening');
    return server;
  }

  get url(): string {
    return `smtp://127.0.0.1:${(this.#server.server.address() as AddressInfo).port}`;
  }

  /** What was accepted, in order. */
  letters(): Promise<Letter[]> {
    return Promise.resolve([...this.#accepted]);
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(resolve));
  }

  #reply(verb: Command['verb'], address: string, done: (error?: Error | null) => void): void {
    const count = (this.#counts.get(verb) ?? 0) + 1;
    this.#counts.set(verb, count);
    const reply = this.answer({ verb, address, count });
    if (reply === 'silent') return;
    if (reply) done(Object.assign(new Error(reply.text), { responseCode: reply.code }));
    else done();
  }

  async #take(raw: string, recipients: string[], done: (error?: Error | null) => void): Promise<void> {
    const letter = await read(raw, '', recipients);
    this.#reply('DATA', recipients.join(','), (error) => {
      if (!error) this.#accepted.push(letter);
      done(error);
    });
  }
}
