// SPDX-License-Identifier: AGPL-3.0-or-later
import { Temporal } from 'temporal-polyfill';
import { ConfigError, urlOf, type Environment } from './config/environment.ts';
import { googleOf, type GoogleConfig } from './config/google.ts';
import { dkimOf, imapOf, type DkimConfig, type ImapConfig } from './config/mail.ts';
import { oidcOf, type OidcConfig } from './config/oidc.ts';
import { secretOf } from './config/secrets.ts';
import { videoOf, type VideoConfig } from './config/video.ts';
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
  readonly dkim?: DkimConfig;
  readonly mailDir!: string;
  /** Where answers to our letters arrive. */
  readonly imap?: ImapConfig;
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
  readonly video!: VideoConfig;
  /** Carries live events between instances; in memory without it. */
  readonly redisUrl?: string;
  readonly production!: boolean;
  readonly rateLimits!: boolean;
}

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
    video: videoOf(env),
    redisUrl: env['REDIS_URL'] ? urlOf('REDIS_URL', env['REDIS_URL'], ['redis:', 'rediss:']) : undefined,
    production,
    rateLimits: rateLimitsOf(env['RATE_LIMITS'] ?? 'on', production),
  };
}

function portOf(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65535) throw new ConfigError(`PORT is not a port number: ${text}`);
  return port;
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
