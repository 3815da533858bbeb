// SPDX-License-Identifier: AGPL-3.0-or-later
import { ConfigError, urlOf, type Environment } from './environment.ts';

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

/** @throws ConfigError */
export function oidcOf(env: Environment, production: boolean): OidcConfig | undefined {
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
