// SPDX-License-Identifier: AGPL-3.0-or-later
import { existsSync, readFileSync } from 'node:fs';
import { ConfigError, urlOf, type Environment } from './environment.ts';

/** Where Google is, and what it knows us by; without either nobody's calendar can be reached. */
export interface GoogleConfig {
  /** With a slash at the end. */
  readonly apiUrl: string;
  readonly tokenUrl: string;
  readonly authUrl: string;
  readonly serviceAccount?: { readonly email: string; readonly privateKey: string; readonly keyId?: string };
  readonly client?: { readonly id: string; readonly secret: string };
  /** Where Google tells us of changes; absent where it cannot reach us. */
  readonly pushUrl?: string;
}

/** @throws ConfigError */
export function googleOf(env: Environment, publicUrl: string): GoogleConfig {
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

/** Google calls on https only. @throws ConfigError */
function pushUrlOf(env: Environment, publicUrl: string): string | undefined {
  const isHttps = publicUrl.startsWith('https:');
  const push = env['GOOGLE_PUSH'] || (isHttps ? 'on' : 'off');
  if (push !== 'on' && push !== 'off') throw new ConfigError(`GOOGLE_PUSH is neither on nor off: ${push}`);
  if (push === 'on' && !isHttps) throw new ConfigError('GOOGLE_PUSH=on needs a PUBLIC_URL that begins with https://');
  return push === 'on' ? `${publicUrl}/google/notifiche` : undefined;
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
