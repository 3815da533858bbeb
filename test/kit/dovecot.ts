// SPDX-License-Identifier: AGPL-3.0-or-later
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ImapFlow } from 'imapflow';
import { newFolder } from './folder.ts';
import { freePorts, Kept } from './keeper.ts';

const USER = 'appuntamenti';
const PASSWORD = 'prova&riprova';
const isRoot = process.getuid?.() === 0;
/** Dovecot started by root would want its own users; so it is never started by root. */
const account = isRoot ? 'dovecot' : userInfo().username;

const idOf = (flag: '-g' | '-u'): string => execFileSync('id', [flag, account], { encoding: 'utf8' }).trim();

const settings = (folder: string, port: number): string => `
base_dir = ${folder}/run
state_dir = ${folder}/run
log_path = /dev/stderr
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_failure_delay = 0
default_internal_user = ${account}
default_internal_group = ${execFileSync('id', ['-gn', account], { encoding: 'utf8' }).trim()}
default_login_user = ${account}
first_valid_uid = 1
mail_location = maildir:${folder}/mail
passdb {
  driver = static
  args = password=${PASSWORD}
}
userdb {
  driver = static
  args = uid=${idOf('-u')} gid=${idOf('-g')} home=${folder}/home
}
service imap-login {
  chroot =
  inet_listener imap {
    port = ${port}
  }
  inet_listener imaps {
    port = 0
  }
}
service anvil {
  chroot =
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
`;

/** A real IMAP server on 127.0.0.1 with one mailbox. It ends, and its folder goes, with `stop` or with this process. */
export class Dovecot {
  private constructor(
    private readonly server: Kept,
    private readonly port: number,
  ) {}

  /** @param port a free one when absent */
  static async start(port?: number): Promise<Dovecot> {
    const folder = newFolder('dovecot');
    const own = port ?? (await freePorts(1))[0] ?? 0;
    for (const name of ['run', 'mail', 'home']) mkdirSync(join(folder, name));
    writeFileSync(join(folder, 'dovecot.conf'), settings(folder, own));
    if (isRoot) execFileSync('chown', ['-R', account, folder]);
    const program = ['/usr/sbin/dovecot', '/usr/local/sbin/dovecot'].find((path) => existsSync(path)) ?? 'dovecot';
    const command = [program, '-F', '-c', join(folder, 'dovecot.conf')];
    const asUser = ['setpriv', `--reuid=${account}`, `--regid=${idOf('-g')}`, '--clear-groups'];
    const [first = '', ...rest] = isRoot ? [...asUser, ...command] : command;
    const dovecot = new Dovecot(new Kept(folder, first, rest), own);
    await dovecot.#ready();
    return dovecot;
  }

  get url(): string {
    return `imap://${USER}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${this.port}/INBOX`;
  }

  /** Puts a message in the mailbox, unread. */
  async deliver(message: string): Promise<void> {
    await this.#connected((client) => client.append('INBOX', message.replace(/\r?\n/g, '\r\n')));
  }

  /** The flags of every message, in the order of their arrival. */
  flags(): Promise<string[][]> {
    return this.#connected(async (client) => {
      const { exists } = await client.mailboxOpen('INBOX', { readOnly: true });
      const messages = exists ? await client.fetchAll('1:*', { flags: true }) : [];
      return messages.map(({ flags }) => [...(flags ?? [])].filter((flag) => flag !== '\\Recent'));
    });
  }

  /** Waits until no message is both unread and unflagged. */
  async untilRead(patience = 10_000): Promise<void> {
    for (const start = Date.now(); Date.now() - start < patience; await wait(25)) {
      if ((await this.flags()).every((flags) => flags.includes('\\Seen') || flags.includes('\\Flagged'))) return;
    }
    throw new Error(`after ${patience} ms the mailbox stood like this: ${JSON.stringify(await this.flags())}`);
  }

  async empty(): Promise<void> {
    await this.#connected(async (client) => {
      const { exists } = await client.mailboxOpen('INBOX');
      if (exists) await client.messageDelete('1:*');
    });
  }

  /** In good order, or its own children would stay behind with their connections. */
  async stop(): Promise<void> {
    if (this.server.exitCode === null) this.server.kill('SIGTERM');
    await this.server.ended();
    await this.server.stop();
  }

  async #connected<T>(ask: (client: ImapFlow) => Promise<T>): Promise<T> {
    const client = new ImapFlow({
      host: '127.0.0.1',
      port: this.port,
      secure: false,
      auth: { user: USER, pass: PASSWORD },
      logger: false,
      disableAutoIdle: true,
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return await ask(client);
    } finally {
      client.close();
    }
  }

  async #ready(): Promise<void> {
    for (const start = Date.now(); Date.now() - start < 20_000; await wait(50)) {
      if (
        await this.flags().then(
          () => true,
          () => false,
        )
      )
        return;
    }
    const log = this.server.log();
    await this.stop();
    throw new Error(`Dovecot did not come up:\n${log.slice(-3_000)}`);
  }
}
