// SPDX-License-Identifier: AGPL-3.0-or-later
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Temporal } from 'temporal-polyfill';
import { SystemChance } from './bookings/chance.ts';
import type { Millis } from './time/clock.ts';

/** An OpenID Connect provider. */
export interface OidcConfig {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** On the button. */
  readonly name: string;
  readonly groupsClaim: string;
  /** Believes addresses that the provider does not say it has verified. */
  readonly trustEmail: boolean;
  /** Plain http, to this machine only. */
  readonly insecure: boolean;
}

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
  /**
   * Where answers to our letters arrive; `authservId` is how its mail server signs what it found out (RFC 8601), and
   * without it no answer is the citizen's for certain.
   */
  readonly imap?: { readonly url: string; readonly authservId: string | null };
  readonly authorityFile!: string;
  /** The clock starts at this moment and runs on. */
  readonly clockStart?: Millis;
  /** The tokens in links are derived from it. */
  readonly tokenSecret!: string;
  /** What is kept secret for the staff is sealed under it. */
  readonly sessionSecret!: string;
  /** Where staff may sign in, beside their passwords here. */
  readonly oidc?: OidcConfig;
  readonly google!: GoogleConfig;
  readonly production!: boolean;
  readonly rateLimits!: boolean;
}

/** Where Google is, and what it knows us by; without either nobody's calendar can be reached. */
interface GoogleConfig {
  /** With a slash at the end. */
  readonly apiUrl: string;
  readonly tokenUrl: string;
  readonly authUrl: string;
  readonly serviceAccount?: { readonly email: string; readonly privateKey: string; readonly keyId?: string };
  readonly client?: { readonly id: string; readonly secret: string };
  /** Where Google tells us of changes; absent where it cannot reach us. */
  readonly pushUrl?: string;
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
  const publicUrl = urlOf('PUBLIC_URL', env['PUBLIC_URL'] ?? `http://localhost:${port}`, ['http:', 'https:']);
  return {
    port,
    host: env['HOST'] ?? (production ? '0.0.0.0' : '127.0.0.1'),
    publicUrl,
    databaseUrl: databaseUrlOf(env['DATABASE_URL'] ?? 'sqlite:var/sportello.db'),
    smtpUrl: env['SMTP_URL'] ? urlOf('SMTP_URL', env['SMTP_URL'], ['smtp:', 'smtps:']) : undefined,
    dkim: dkimOf(env),
    mailDir: env['MAIL_DIR'] ?? 'var/mail',
    imap: imapOf(env),
    authorityFile: env['AUTHORITY_FILE'] ?? 'examples/unione.yaml',
    clockStart: clockStartOf(env['CLOCK_START'], production),
    tokenSecret: secretOf('TOKEN_SECRET', env, production),
    sessionSecret: secretOf('SESSION_SECRET', env, production),
    oidc: oidcOf(env, production),
    google: googleOf(env, publicUrl),
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

function imapOf({ IMAP_URL: text, IMAP_AUTHSERV_ID: authservId }: Environment): Config['imap'] {
  if (!text) return undefined;
  const url = urlOf('IMAP_URL', text, ['imap:', 'imaps:']);
  const { username, password } = new URL(url);
  if (!username || !password)
    throw new ConfigError('IMAP_URL is without user and password: imaps://user:password@host');
  // Never guessed: a name that the server does not take away from what comes in is anybody's to write.
  return { url, authservId: authservId || null };
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

function oidcOf(env: Environment, production: boolean): OidcConfig | undefined {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret } = env;
  if (!issuer && !clientId && !clientSecret) return undefined;
  if (!issuer || !clientId || !clientSecret)
    throw new ConfigError('OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET go together');
  const trustEmail = env['OIDC_TRUST_EMAIL'] ?? 'off';
  if (trustEmail !== 'on' && trustEmail !== 'off')
    throw new ConfigError(`OIDC_TRUST_EMAIL is neither on nor off: ${trustEmail}`);
  // A slash at the end belongs to an issuer's name.
  const url = urlOf('OIDC_ISSUER', issuer, production ? ['https:'] : ['http:', 'https:']);
  return {
    issuer,
    clientId,
    clientSecret,
    name: env['OIDC_NAME'] || new URL(url).hostname,
    groupsClaim: env['OIDC_GROUPS_CLAIM'] || 'groups',
    trustEmail: trustEmail === 'on',
    insecure: isLoopbackHttp(url),
  };
}

/** @throws ConfigError for plain http to another machine, which would carry the secret in clear. */
function isLoopbackHttp(issuer: string): boolean {
  const { protocol, hostname } = new URL(issuer);
  if (protocol === 'https:') return false;
  if (['localhost', '127.0.0.1', '[::1]'].includes(hostname)) return true;
  throw new ConfigError('OIDC_ISSUER begins with https:// unless the provider is on this machine');
}

/** Google calls on https only. @throws ConfigError */
function pushUrlOf(env: Environment, publicUrl: string): string | undefined {
  const isHttps = publicUrl.startsWith('https:');
  const push = env['GOOGLE_PUSH'] || (isHttps ? 'on' : 'off');
  if (push !== 'on' && push !== 'off') throw new ConfigError(`GOOGLE_PUSH is neither on nor off: ${push}`);
  if (push === 'on' && !isHttps) throw new ConfigError('GOOGLE_PUSH=on needs a PUBLIC_URL that begins with https://');
  return push === 'on' ? `${publicUrl}/google/notifiche` : undefined;
}

function googleOf(env: Environment, publicUrl: string): GoogleConfig {
  const url = (name: string, fallback: string): string => urlOf(name, env[name] ?? fallback, ['http:', 'https:']);
  const { GOOGLE_CLIENT_ID: id, GOOGLE_CLIENT_SECRET: secret, GOOGLE_SERVICE_ACCOUNT_FILE: file } = env;
  if (Boolean(id) !== Boolean(secret)) throw new ConfigError('GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET go together');
  return {
    apiUrl: `${url('GOOGLE_API_URL', 'https://www.googleapis.com')}/`,
    tokenUrl: url('GOOGLE_TOKEN_URL', 'https://oauth2.googleapis.com/token'),
    authUrl: url('GOOGLE_AUTH_URL', 'https://accounts.google.com/o/oauth2/v2/auth'),
    serviceAccount: file ? serviceAccountIn(file) : undefined,
    client: id && secret ? { id, secret } : undefined,
    pushUrl: pushUrlOf(env, publicUrl),
  };
}

/** The JSON key that Google gives for a service account. */
function serviceAccountIn(file: string): GoogleConfig['serviceAccount'] {
  if (!existsSync(file)) throw new ConfigError(`GOOGLE_SERVICE_ACCOUNT_FILE is not there: ${file}`);
  const key = keyIn(readFileSync(file, 'utf8'));
  if (!key?.client_email || !key.private_key)
    throw new ConfigError(`GOOGLE_SERVICE_ACCOUNT_FILE is not the JSON key of a service account: ${file}`);
  return { email: key.client_email, privateKey: key.private_key, keyId: key.private_key_id };
}

type KeyFile = { client_email?: string; private_key?: string; private_key_id?: string } | null;

function keyIn(text: string): KeyFile {
  try {
    return JSON.parse(text) as KeyFile;
  } catch {
    return null;
  }
}
