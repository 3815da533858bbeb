// SPDX-License-Identifier: AGPL-3.0-or-later
import { createHash } from 'node:crypto';
import type { Permissions } from '../calendars/calendars.ts';
import type { AccessTokens } from './access-tokens.ts';
import { CalendarFailure } from '../calendars/calendar-failure.ts';
import type { Sealed } from '../access/sealed.ts';
import { SCOPE, type GoogleSettings } from './settings.ts';

/** How a member of the staff lets us into their own calendar: OAuth 2.0 code flow with PKCE (RFC 7636). */
export class Consent implements Permissions {
  constructor(
    private readonly settings: GoogleSettings,
    private readonly tokens: AccessTokens,
    private readonly sealed: Sealed,
  ) {}

  /** Whether the authority has registered us with Google. */
  get isPossible(): boolean {
    return this.settings.client !== undefined;
  }

  /**
   * Where the browser is sent. Google gives a refresh token for `offline`, and again only after a new `consent`.
   * @param state comes back with the code: only what was asked for from here is taken.
   * @param verifier at least 32 random bytes as base64url, to be shown when the code is exchanged.
   */
  url(redirect: string, state: string, verifier: string, hint?: string): string {
    const asked = new URLSearchParams({
      client_id: this.settings.client?.id ?? '',
      redirect_uri: redirect,
      response_type: 'code',
      scope: SCOPE,
      access_type: 'offline',
      prompt: 'consent',
      state,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      ...(hint ? { login_hint: hint } : {}),
    });
    return `${this.settings.authUrl}?${asked.toString()}`;
  }

  /** @returns the refresh token, sealed, to be kept. @throws CalendarFailure */
  async exchange(code: string, verifier: string, redirect: string): Promise<string> {
    const { client } = this.settings;
    const given = await this.tokens.ask({
      grant_type: 'authorization_code',
      code,
      code_verifier: verifier,
      redirect_uri: redirect,
      client_id: client?.id ?? '',
      client_secret: client?.secret ?? '',
    });
    if (!given.refresh_token) throw new CalendarFailure('reauthorize', { status: 200, reason: 'no-refresh-token' });
    return this.sealed.seal(given.refresh_token);
  }

  /** Tells Google that we shall not come again; one it does not know any more is no failure. @throws CalendarFailure retry */
  async revoke(sealedToken: string): Promise<void> {
    const token = this.sealed.open(sealedToken);
    if (!token) return;
    await this.tokens.revoke(token).catch((failure: unknown) => {
      if (failure instanceof CalendarFailure && failure.kind !== 'retry') return;
      throw failure;
    });
  }
}
