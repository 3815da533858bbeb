// SPDX-License-Identifier: AGPL-3.0-or-later
import { ImapFlow, type ImapFlowOptions } from 'imapflow';
import type { Clock, Millis } from '../../time/clock.ts';
import type { Incoming } from './incoming.ts';
import { LARGEST_READ, readMessage } from './read-message.ts';

/** What became of a message: carried out, so that it need not be looked at again, or left for a person to read. */
export type Fate = 'done' | 'left';
export type Take = (message: Incoming) => Promise<Fate>;

/** `error` holds codes only. */
type Report = (event: string, about: { error?: string }, fault?: unknown) => void;

const POLL_MS: Millis = 60_000;
const PAUSES: readonly Millis[] = [1_000, 5_000, 15_000, 60_000, 300_000];
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];
/** Given as the reason of an abort that nobody looks at. */
const WOKEN = 'woken';

/**
 * The mailbox where answers arrive. A message stays unread until it has been carried out; one left for a person is
 * flagged and stays unread. The server tells of new messages (IDLE, RFC 2177); every minute we look anyway.
 */
export class ImapInbox {
  /** Where the mailbox is, to be said: no password in it. */
  readonly place: string;
  readonly #ended = new AbortController();
  #wake = new AbortController();
  #failures = 0;
  #running: Promise<void> = Promise.resolve();

  /**
   * @param url `imaps://user:password@host:port/INBOX`; with `imap://` TLS is insisted upon except towards this machine
   * @param authservId how the mail server signs its Authentication-Results; with null no answer is certain
   */
  constructor(
    private readonly url: string,
    private readonly authservId: string | null,
    private readonly clock: Clock,
    private readonly report: Report,
  ) {
    const { protocol, host, pathname } = new URL(url);
    this.place = `${protocol}//${host}${pathname}`;
  }

  start(take: Take): void {
    this.#running = this.#attend(take);
  }

  /** Finishes the message in hand, and hangs up. */
  async stop(): Promise<void> {
    this.#ended.abort(WOKEN);
    await this.#running;
  }

  async #attend(take: Take): Promise<void> {
    while (!this.#ended.signal.aborted) {
      try {
        await this.#oneConnection(take);
        if (!this.#ended.signal.aborted) this.report('mailbox hung up', {});
      } catch (fault) {
        if (!this.#ended.signal.aborted) this.report('mailbox not reached', { error: codeOf(fault) });
      }
      await this.#pause(PAUSES[Math.min(this.#failures++, PAUSES.length - 1)]!, this.#ended.signal);
    }
  }

  async #oneConnection(take: Take): Promise<void> {
    const client = new ImapFlow(optionsOf(this.url));
    const hangUp = (): void => client.close();
    client.on('error', () => this.#wake.abort(WOKEN));
    client.on('close', () => this.#wake.abort(WOKEN));
    client.on('exists', () => this.#wake.abort(WOKEN));
    this.#ended.signal.addEventListener('abort', hangUp, { once: true });
    try {
      await client.connect();
      while (client.usable && !this.#ended.signal.aborted) {
        this.#wake = new AbortController();
        await this.#readUnread(client, take);
        this.#failures = 0;
        client.idle().catch(hangUp);
        await this.#pause(POLL_MS, AbortSignal.any([this.#wake.signal, this.#ended.signal]));
      }
    } finally {
      this.#ended.signal.removeEventListener('abort', hangUp);
      client.close();
    }
  }

  async #readUnread(client: ImapFlow, take: Take): Promise<void> {
    const lock = await client.getMailboxLock(folderOf(this.url));
    try {
      const unread = await client.search({ seen: false, flagged: false }, { uid: true });
      for (const uid of unread || []) if (!this.#ended.signal.aborted) await this.#readOne(client, uid, take);
    } finally {
      lock.release();
    }
  }

  async #readOne(client: ImapFlow, uid: number, take: Take): Promise<void> {
    const found = await client.fetchOne(uid, { source: { maxLength: LARGEST_READ } }, { uid: true });
    if (!found || !found.source) return;
    const fate = await this.#carryOut(await readMessage(found.source, this.authservId), take);
    if (!fate) return;
    await client.messageFlagsAdd(uid, [fate === 'done' ? '\\Seen' : '\\Flagged'], { uid: true });
  }

  /** One that we stumble over stays unread and is tried again; those after it need not wait. */
  async #carryOut(message: Incoming, take: Take): Promise<Fate | null> {
    try {
      return await take(message);
    } catch (fault) {
      this.report('message not carried out', {}, fault);
      return null;
    }
  }

  async #pause(ms: Millis, signal: AbortSignal): Promise<void> {
    await this.clock.sleep(ms, signal).catch(() => undefined);
  }
}

function optionsOf(url: string): ImapFlowOptions {
  const { protocol, hostname, port, username, password } = new URL(url);
  const secure = protocol === 'imaps:';
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port) || (secure ? 993 : 143),
    secure,
    ...(secure ? {} : { doSTARTTLS: !LOOPBACK.includes(hostname) }),
    auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) },
    disableAutoIdle: true,
    logger: false,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
  };
}

const folderOf = (url: string): string => decodeURIComponent(new URL(url).pathname.slice(1)) || 'INBOX';

/** Without what the server wrote: that may repeat the user's name. */
function codeOf(fault: unknown): string {
  if (typeof fault !== 'object' || fault === null) return 'unknown';
  if ('authenticationFailed' in fault && fault.authenticationFailed) return 'authentication refused';
  return 'code' in fault && typeof fault.code === 'string' ? fault.code : 'unknown';
}
