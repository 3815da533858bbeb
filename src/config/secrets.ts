// SPDX-License-Identifier: AGPL-3.0-or-later
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { SystemChance } from '../bookings/chance.ts';
import { ConfigError, type Environment } from './environment.ts';

const SECRET_FILES = { TOKEN_SECRET: 'var/token-secret', SESSION_SECRET: 'var/session-secret' } as const;
const SHORTEST_SECRET = 32;

/** @throws ConfigError */
export function secretOf(name: keyof typeof SECRET_FILES, env: Environment, production: boolean): string {
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
