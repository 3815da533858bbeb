// SPDX-License-Identifier: AGPL-3.0-or-later
import { ConfigError, together, urlOf, type Environment } from './environment.ts';

/** Who carries video calls beside our own room, and how browsers find a way to each other. */
export interface VideoConfig {
  /** `stun:` addresses, told to browsers. */
  readonly stunUrls: readonly string[];
  /** coturn and the secret it shares with us (`use-auth-secret`). */
  readonly turn?: { readonly urls: readonly string[]; readonly secret: string };
  /** Self-hosted, with JWT: its address, without a slash at the end. */
  readonly jitsi?: { readonly url: string; readonly appId: string; readonly secret: string };
  readonly whereby?: { readonly apiUrl: string; readonly key: string };
  readonly goto?: {
    readonly apiUrl: string;
    readonly tokenUrl: string;
    readonly clientId: string;
    readonly clientSecret: string;
    /** The first; those that follow are kept sealed. */
    readonly refreshToken: string;
  };
}

const ICE_URL = { STUN_URLS: /^stuns?:[^\s,]+$/, TURN_URLS: /^turns?:[^\s,]+$/ } as const;

/** @throws ConfigError */
export function videoOf(env: Environment): VideoConfig {
  const url = (name: string, fallback: string): string => urlOf(name, env[name] || fallback, ['http:', 'https:']);
  const turn = together(env, 'TURN_URLS', 'TURN_SECRET');
  const jitsi = together(env, 'JITSI_URL', 'JITSI_APP_ID', 'JITSI_APP_SECRET');
  const goTo = together(env, 'GOTO_CLIENT_ID', 'GOTO_CLIENT_SECRET', 'GOTO_REFRESH_TOKEN');
  return {
    stunUrls: iceUrls('STUN_URLS', env['STUN_URLS']),
    turn: turn && { urls: iceUrls('TURN_URLS', turn.TURN_URLS), secret: turn.TURN_SECRET },
    jitsi: jitsi && {
      url: urlOf('JITSI_URL', jitsi.JITSI_URL, ['http:', 'https:']),
      appId: jitsi.JITSI_APP_ID,
      secret: jitsi.JITSI_APP_SECRET,
    },
    whereby: env['WHEREBY_KEY']
      ? { apiUrl: url('WHEREBY_API_URL', 'https://api.whereby.dev'), key: env['WHEREBY_KEY'] }
      : undefined,
    goto: goTo && {
      apiUrl: url('GOTO_API_URL', 'https://api.getgo.com'),
      tokenUrl: url('GOTO_TOKEN_URL', 'https://authentication.logmeininc.com/oauth/token'),
      clientId: goTo.GOTO_CLIENT_ID,
      clientSecret: goTo.GOTO_CLIENT_SECRET,
      refreshToken: goTo.GOTO_REFRESH_TOKEN,
    },
  };
}

function iceUrls(name: keyof typeof ICE_URL, text = ''): string[] {
  const urls = text.split(',').flatMap((url) => url.trim() || []);
  const wrong = urls.find((url) => !ICE_URL[name].test(url));
  if (wrong)
    throw new ConfigError(
      `${name} is a list of addresses such as ${name.slice(0, 4).toLowerCase()}:host:3478, not ${wrong}`,
    );
  return urls;
}
