// SPDX-License-Identifier: AGPL-3.0-or-later
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { SMTPServer } from 'smtp-server';
import { verifyDkim } from '../../src/mail/dkim.ts';
import { FolderMailer } from '../../src/mail/folder-mailer.ts';
import type { Mail } from '../../src/mail/letter.ts';
import { LetterWriter } from '../../src/mail/letter-writer.ts';
import { MailFailure } from '../../src/mail/mail-failure.ts';
import { nextAttempt } from '../../src/mail/retry.ts';
import { failureOf } from '../../src/mail/smtp-failure.ts';
import { SmtpMailer } from '../../src/mail/smtp-mailer.ts';
import { newFolder } from '../kit/folder.ts';
import { calendarOf, lettersIn, MailServer, type Command, type Reply } from '../kit/mailbox.ts';
import { letterWith } from './sample.ts';

const IMPATIENT = { connection: 1_000, greeting: 1_000, silence: 1_000, whole: 4_000 };
const mail: Mail = new LetterWriter().write(letterWith());

let server: MailServer;
beforeAll(async () => {
  server = await MailServer.start();
});
afterAll(() => server.stop());

/** How sending the letter fails; null when it does not. */
async function failureAt(url: string, letter: Mail = mail): Promise<MailFailure | null> {
  const mailer = new SmtpMailer(url, undefined, IMPATIENT);
  try {
    await mailer.send(letter);
    return null;
  } catch (error) {
    if (error instanceof MailFailure) return error;
    throw error;
  } finally {
    await mailer.close();
  }
}

const says =
  (verb: Command['verb'], reply: Reply) =>
  (command: Command): Reply =>
    command.verb === verb ? reply : undefined;

test('A letter arrives over SMTP as it was written', async () => {
  const mailer = new SmtpMailer(server.url);
  await mailer.send(mail);
  await mailer.close();
  const letter = (await server.letters()).at(-1)!;
  expect(letter.recipients).toEqual(['anna@example.org']);
  expect(letter.email.messageId).toBe(mail.messageId);
  expect(letter.email.text!.trim()).toBe(mail.text.trim());
  expect(calendarOf(letter)).toBe(mail.invite!.content);
});

test('What a server answers decides whether the letter is tried again', async () => {
  const answers: [Command['verb'], Reply, MailFailure['kind']][] = [
    ['CONNECT', { code: 421, text: 'busy' }, 'unreachable'],
    ['CONNECT', { code: 554, text: 'no service' }, 'configuration'],
    ['CONNECT', 'silent', 'unreachable'],
    ['MAIL', { code: 451, text: 'greylisted' }, 'refused'],
    ['MAIL', { code: 421, text: 'closing' }, 'unreachable'],
    ['MAIL', { code: 530, text: 'authentication required' }, 'configuration'],
    ['RCPT', { code: 450, text: 'mailbox busy' }, 'refused'],
    ['RCPT', { code: 550, text: 'no such user' }, 'permanent'],
    ['RCPT', { code: 503, text: 'bad sequence' }, 'unreachable'],
    ['DATA', { code: 451, text: 'try later' }, 'refused'],
    ['DATA', { code: 552, text: 'too big' }, 'permanent'],
    ['DATA', { code: 554, text: 'spam' }, 'permanent'],
    ['DATA', 'silent', 'unreachable'],
  ];
  const seen: unknown[] = [];
  for (const [verb, reply] of answers) {
    server.answer = says(verb, reply);
    seen.push([verb, reply, (await failureAt(server.url))?.kind]);
  }
  server.answer = () => undefined;
  expect(seen).toEqual(answers);
});

test('A server that is not there, or is not set up as we are told, is told apart', async () => {
  const closing = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(closing, 'listening');
  const guarded = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    logger: false,
    closeTimeout: 50,
    onAuth: (_auth, _session, done) => done(new Error('no')),
  });
  const listening = guarded.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const portOf = (s: { address(): unknown }): number => (s.address() as AddressInfo).port;
  expect((await failureAt(`smtp://127.0.0.1:${portOf(closing)}`))?.kind).toBe('unreachable');
  const closedPort = portOf(closing);
  closing.close();
  expect((await failureAt(`smtp://127.0.0.1:${closedPort}`))?.kind).toBe('unreachable');
  expect((await failureAt('smtp://nowhere.invalid:25'))?.kind).toBe('unreachable');
  expect((await failureAt(`smtp://anna:wrong@127.0.0.1:${portOf(listening)}`))?.kind).toBe('configuration');
  expect((await failureAt(`${server.url}?requireTLS=true`))?.kind).toBe('configuration');
  await new Promise<void>((resolve) => guarded.close(resolve));
  const unusable = { ...mail, to: { name: 'Anna', address: '' } };
  expect((await failureAt(server.url, unusable))?.kind).toBe('permanent');
  expect(failureOf(Object.assign(new Error(), { code: 'EABORT' })).kind).toBe('unreachable');
});

test('A slow drip of replies does not keep a letter for ever', async () => {
  const dripping = createServer((socket) => {
    socket.on('error', () => undefined);
    const drip = setInterval(() => socket.write('220-wait\r\n'), 50);
    socket.on('close', () => clearInterval(drip));
  }).listen(0, '127.0.0.1');
  await once(dripping, 'listening');
  const mailer = new SmtpMailer(`smtp://127.0.0.1:${(dripping.address() as AddressInfo).port}`, undefined, {
    whole: 400,
  });
  await expect(mailer.send(mail)).rejects.toMatchObject({ kind: 'unreachable' });
  await mailer.close();
  dripping.close();
});

test('A failure tells codes, and neither the address nor the password', async () => {
  server.answer = says('RCPT', { code: 550, text: '5.1.1 <anna@example.org>: no such user' });
  const failure = await failureAt(server.url);
  server.answer = () => undefined;
  expect(failure!.message).toBe('permanent: EENVELOPE 550 5.1.1 at RCPT TO');
  expect(JSON.stringify({ ...failure, cause: failure!.cause })).not.toContain('anna');
  const mailer = new SmtpMailer('smtp://anna:secret@mail.example:587?requireTLS=false');
  expect(mailer.place).toBe('smtp://mail.example:587');
  await mailer.close();
});

test('A password does not travel in clear: without TLS the letter stays', async () => {
  const open = new SMTPServer({ authOptional: true, disabledCommands: ['STARTTLS'], logger: false, closeTimeout: 50 });
  const listening = open.listen(0, '127.0.0.2');
  await once(listening, 'listening');
  const { port } = listening.address() as AddressInfo;
  const failure = await failureAt(`smtp://anna:secret@127.0.0.2:${port}`);
  expect(failure?.message).toMatch(/^configuration: ETLS/);
  await new Promise<void>((resolve) => open.close(resolve));
});

const pem = { type: 'pkcs8', format: 'pem' } as const;
const keyOf = (privateKey: string) => ({ domainName: 'unione.example', keySelector: 's1', privateKey });
const rsa = (bits: number) => generateKeyPairSync('rsa', { modulusLength: bits }).privateKey.export(pem).toString();

test('A good RSA key signs, and the letters then leave signed', async () => {
  const key = keyOf(rsa(2048));
  const mailer = new SmtpMailer(server.url, key);
  await mailer.verifyDkim();
  await mailer.send(mail);
  await mailer.close();
  expect((await server.letters()).at(-1)!.raw).toMatch(/^DKIM-Signature: v=1; a=rsa-sha256;[^]*d=unione\.example/m);
});

test('A key that would leave letters unsigned stops the start', async () => {
  const ed25519 = generateKeyPairSync('ed25519').privateKey.export(pem).toString();
  await expect(verifyDkim(keyOf(ed25519))).rejects.toThrow('only RSA signs');
  await expect(verifyDkim(keyOf('garbage'))).rejects.toThrow('cannot be read');
  await expect(verifyDkim(keyOf(rsa(512)))).rejects.toThrow('too short');
  await expect(new SmtpMailer(server.url, keyOf('')).verifyDkim()).rejects.toMatchObject({ kind: 'configuration' });
  await expect(new SmtpMailer(server.url).verifyDkim()).resolves.toBeUndefined();
});

test('A letter is one file whose name can be read, and a repeat replaces it', async () => {
  const folder = join(newFolder('letters'), 'made', 'when', 'needed');
  const mailer = new FolderMailer(folder);
  await mailer.send(mail);
  const first = readFileSync(join(folder, readdirSync(folder)[0]!));
  await mailer.send(mail);
  await new FolderMailer(folder).send(mail);
  const names = readdirSync(folder);
  expect(names).toEqual([expect.stringMatching(/^20270320T080000000Z-confirmed-citizen-7K4M9QX-[0-9a-f]{12}\.eml$/)]);
  expect(readFileSync(join(folder, names[0]!)).equals(first)).toBe(true);
  const [letter] = await lettersIn(folder);
  expect(letter!.email.to).toMatchObject([{ name: 'Anna Rossi', address: 'anna@example.org' }]);
  expect(calendarOf(letter!)).toBe(mail.invite!.content);
  expect(first.toString('latin1')).not.toMatch(/[^\r]\n|\r[^\n]/);
  await mailer.send({ ...mail, messageId: '<another@prenota.example>' });
  expect(readdirSync(folder)).toHaveLength(2);
});

test('Whoever looks into the folder while letters are written finds whole ones only', async () => {
  const folder = newFolder('watched');
  const mailer = new FolderMailer(folder);
  let writing = true;
  const letters = Array.from({ length: 20 }, (_, i) => ({ ...mail, messageId: `<${i % 5}@prenota.example>` }));
  const done = Promise.all(letters.map((letter) => mailer.send(letter))).finally(() => {
    writing = false;
  });
  let looks = 0;
  while (writing) {
    const found = await lettersIn(folder);
    for (const { raw } of found) expect(raw.trimEnd()).toMatch(/--$/);
    looks += found.length;
  }
  await done;
  expect(looks).toBeGreaterThan(0);
  expect(readdirSync(folder)).toHaveLength(5);
});

test('A folder that cannot be written to is a matter of configuration', async () => {
  const file = join(newFolder('blocked'), 'file');
  writeFileSync(file, '');
  await expect(new FolderMailer(file).send(mail)).rejects.toMatchObject({ kind: 'configuration' });
  await expect(new FolderMailer(join(file, 'below')).send(mail)).rejects.toMatchObject({ kind: 'configuration' });
});

test('A letter waits longer each time, and after the eighth delay it is dead', () => {
  const minutes = Array.from({ length: 9 }, (_, i) => nextAttempt(i + 1)).map((ms) => ms && ms / 60_000);
  expect(minutes).toEqual([1, 5, 15, 60, 180, 360, 720, 1440, null]);
});
