// SPDX-License-Identifier: AGPL-3.0-or-later
import { argon2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

/** OWASP Password Storage Cheat Sheet: argon2id with 19 MiB, two passes, one lane, is the least. */
const NOW = { memory: 19_456, passes: 2, parallelism: 1 } as const;
const TAG_BYTES = 32;
/** How much chance a hash, and a first password, are made with. */
export const SALT_BYTES = 16;
const PHC = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/;

const derive = promisify(argon2);

interface Cost {
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}

/**
 * A PHC string: how it was made stands beside it, so that the cost can grow.
 * @param salt SALT_BYTES of chance
 */
export async function hashPassword(password: string, salt: Uint8Array): Promise<string> {
  const tag = await tagOf(password, salt, NOW, TAG_BYTES);
  return `$argon2id$v=19$m=${NOW.memory},t=${NOW.passes},p=${NOW.parallelism}$${plain(salt)}$${plain(tag)}`;
}

/** @param kept a PHC string; with null the same time passes and the answer is no. */
export async function isPassword(password: string, kept: string | null): Promise<boolean> {
  const read = PHC.exec(kept ?? NOBODYS);
  if (!read) throw new Error('a password hash that is not argon2id');
  const [, m, t, p, salt = '', tag = ''] = read;
  const expected = Buffer.from(tag, 'base64');
  const cost = { memory: Number(m), passes: Number(t), parallelism: Number(p) };
  const given = await tagOf(password, Buffer.from(salt, 'base64'), cost, expected.length);
  return timingSafeEqual(given, expected) && kept !== null;
}

/** Made when less was asked for than today: to be made anew while the password is at hand. */
export const isWeak = (kept: string): boolean =>
  !kept.startsWith(`$argon2id$v=19$m=${NOW.memory},t=${NOW.passes},p=${NOW.parallelism}$`);

const tagOf = (password: string, nonce: Uint8Array, cost: Cost, tagLength: number): Promise<Buffer> =>
  // One password however it was typed: NFKC, as NIST SP 800-63B 3.1.1.2 says.
  derive('argon2id', { message: password.normalize('NFKC'), nonce, tagLength, ...cost });

/** Base64 without padding, as PHC strings have it. */
const plain = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64').replace(/=+$/, '');

/** Of an account that does not exist. */
const NOBODYS = `$argon2id$v=19$m=${NOW.memory},t=${NOW.passes},p=${NOW.parallelism}$${plain(new Uint8Array(SALT_BYTES))}$${plain(new Uint8Array(TAG_BYTES))}`;

export const SHORTEST_PASSWORD = 12;
export const LONGEST_PASSWORD = 200;

/** What is wrong with a password that somebody chose for themselves. */
export type PasswordFault = 'short' | 'long' | 'same' | 'email' | 'simple';

/** @param before the password it replaces */
export function faultOfPassword(password: string, before: string, email: string): PasswordFault | null {
  const length = [...password].length;
  if (length < SHORTEST_PASSWORD) return 'short';
  if (length > LONGEST_PASSWORD) return 'long';
  if (password.normalize('NFKC') === before.normalize('NFKC')) return 'same';
  if (password.toLowerCase().includes(email.toLowerCase())) return 'email';
  return new Set(password).size < 5 ? 'simple' : null;
}

const LETTERS = 'abcdefghijkmnpqrstuvwxyz23456789';

/**
 * A first password to be read out over the telephone: 80 bits in four groups, without letters that look alike.
 * @param chance SALT_BYTES of it
 */
export function firstPassword(chance: Uint8Array): string {
  const letters = [...chance].map((byte) => LETTERS[byte % LETTERS.length]).join('');
  return letters.match(/.{4}/g)!.join('-');
}
