// SPDX-License-Identifier: AGPL-3.0-or-later
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Temporal } from 'temporal-polyfill';
import { SystemChance } from './bookings/chance.ts';
import type { Millis } from './time/clock.ts';

/** The environment, read once. */
export class Config {
  readonly port!: number;
  readonly host!: string;
  /** Prefix of the links we send, without a slash at the end, where the authority file names no `public_url`. */
  readonly publicUrl!: string;
  /** `sqlite:FILE` or `mysql://user:password@host:port/name`. */
  readonly databaseUrl!: string;
  /** Letters become files in `mailDir` when absent. */
  readonly smtpUrl?: string;
  readonly dkim?: { readonly domainName: string; readonly keySelector: string; readonly privateKey: string };
  readonly mailDir!: string;
  readonly authorityFile!: string;
  /** The clock starts at this moment and runs on. */
  readonly clockStart?: Millis;
  /** The tokens in links are derived from it. */
  readonly tokenSecret!: string;
  /** What is kept secret for the staff is sealed under it. */
  readonly sessionSecret!: string;
  readonly production!: boolean;
  readonly rateLimits!: boolean;
}

/** A value of the environment that cannot be meant; its message is one sentence naming it. */
export class ConfigError extends Error {}

type Environment = Readonly<Record<string, string | undefined>>;

const SECRET_FILES = { TOKEN_SECRET: 'var/token-secret', SESSION_SECRET: 'var/session-secret' } as const;
const SHORTEST_SECRET = 32;

/** @throws ConfigError */
export function readConfig(env: Environment = process.env): Config {
  const production = env['NODE_ENV'] === 'production';
  const port = portOf(env['PORT'] ?? '3000');
  return {
    port,
    host: env['HOST'] ?? (production ? '0.0.0.0' : '127.0.0.1'),
    publicUrl: urlOf('PUBLIC_URL', env['PUBLIC_URL'] ?? `http://localhost:${port}`, ['http:', 'https:']),
    databaseUrl: databaseUrlOf(env['DATABASE_URL'] ?? 'sqlite:var/sportello.db'),
    smtpUrl: env['SMTP_URL'] ? urlOf('SMTP_URL', env['SMTP_URL'], ['smtp:', 'smtps:']) : undefined,
    dkim: dkimOf(env),
    mailDir: env['MAIL_DIR'] ?? 'var/mail',
    authorityFile: env['AUTHORITY_FILE'] ?? 'examples/unione.yaml',
    clockStart: clockStartOf(env['CLOCK_START'], production),
    tokenSecret: secretOf('TOKEN_SECRET', env, production),
    sessionSecret: secretOf('SESSION_SECRET', env, production),
    production,
    rateLimits: rateLimitsOf(env['RATE_LIMITS'] ?? 'on', production),
  };
}

function portOf(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65535) throw new ConfigError(`PORT is not a port number: ${text}`);
  return port;
}

function urlOf(name: string, text: string, protocols: readonly string[]): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !protocols.includes(url.protocol) || !url.hostname)
    throw new ConfigError(`${name} is not a URL that starts with ${protocols.map((p) => `${p}//`).join(' or ')}`);
  return text.replace(/\/+$/, '');
}

function databaseUrlOf(text: string): string {
  if (text.startsWith('sqlite:') && text.length > 'sqlite:'.length) return text;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol === 'mysql:' && url.pathname.length > 1) return text;
  throw new ConfigError('DATABASE_URL is neither sqlite:FILE nor mysql://user:password@host:port/name');
}

function clockStartOf(text: string | undefined, production: boolean): Millis | undefined {
  if (!text) return undefined;
  if (production) throw new ConfigError('CLOCK_START is refused when NODE_ENV is production');
  try {
    return Temporal.Instant.from(text).epochMilliseconds;
  } catch {
    throw new ConfigError(`CLOCK_START is not an instant such as 2027-03-27T10:00:00+01:00: ${text}`);
  }
}

function rateLimitsOf(text: string, production: boolean): boolean {
  if (text !== 'on' && text !== 'off') throw new ConfigError(`RATE_LIMITS is neither on nor off: ${text}`);
  if (text === 'off' && production) throw new ConfigError('RATE_LIMITS=off is refused when NODE_ENV is production');
  return text === 'on';
}

function secretOf(name: keyof typeof SECRET_FILES, env: Environment, production: boolean): string {
  const given = env[name];
  if (given && given.length < SHORTEST_SECRET)
    throw new ConfigError(`${name} is shorter than ${SHORTEST_SECRET} characters`);
  if (!given && production) throw new ConfigError(`${name} is required when NODE_ENV is production`);
  return given ?? keptSecret(SECRET_FILES[name]);
}

/** In development a secret is made once and kept, so that links in letters outlive a restart. */
function keptSecret(file: string): string {
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, new SystemChance().text(32), { mode: 0o600, flag: 'wx' });
  }
  return readFileSync(file, 'utf8').trim();
}

function dkimOf(env: Environment): Config['dkim'] {
  const { DKIM_DOMAIN: domainName, DKIM_SELECTOR: keySelector, DKIM_KEY_FILE: file } = env;
  if (!domainName && !keySelector && !file) return undefined;
  if (!domainName || !keySelector || !file)
    throw new ConfigError('DKIM_DOMAIN, DKIM_SELECTOR and DKIM_KEY_FILE go together');
  if (!existsSync(file)) throw new ConfigError(`DKIM_KEY_FILE is not there: ${file}`);
  return { domainName, keySelector, privateKey: readFileSync(file, 'utf8') };
}
