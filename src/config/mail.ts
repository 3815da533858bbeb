// SPDX-License-Identifier: AGPL-3.0-or-later
import { existsSync, readFileSync } from 'node:fs';
import { ConfigError, urlOf, type Environment } from './environment.ts';

/** The mailbox where answers to our letters arrive. */
export interface ImapConfig {
  readonly url: string;
  /** How its mail server signs what it found out (RFC 8601): without it no answer is the citizen's for certain. */
  readonly authservId: string | null;
}

/** With which our letters are signed (RFC 6376). */
export interface DkimConfig {
  readonly domainName: string;
  readonly keySelector: string;
  readonly privateKey: string;
}

/** @throws ConfigError */
export function imapOf({ IMAP_URL: text, IMAP_AUTHSERV_ID: authservId }: Environment): ImapConfig | undefined {
  if (!text) return undefined;
  const url = urlOf('IMAP_URL', text, ['imap:', 'imaps:']);
  const { username, password } = new URL(url);
  if (!username || !password)
    throw new ConfigError('IMAP_URL is without user and password: imaps://user:password@host');
  // Never guessed: a name that the server does not take away from what comes in is anybody's to write.
  return { url, authservId: authservId || null };
}

/** @throws ConfigError */
export function dkimOf(env: Environment): DkimConfig | undefined {
  const { DKIM_DOMAIN: domainName, DKIM_SELECTOR: keySelector, DKIM_KEY_FILE: file } = env;
  if (!domainName && !keySelector && !file) return undefined;
  if (!domainName || !keySelector || !file)
    throw new ConfigError('DKIM_DOMAIN, DKIM_SELECTOR and DKIM_KEY_FILE go together');
  if (!existsSync(file)) throw new ConfigError(`DKIM_KEY_FILE is not there: ${file}`);
  return { domainName, keySelector, privateKey: readFileSync(file, 'utf8') };
}
