// SPDX-License-Identifier: AGPL-3.0-or-later
import { createHash, generateKeyPairSync } from 'node:crypto';
import { jwtVerify, type JWTPayload } from 'jose';
import { OAuthError } from './refused.ts';

const SCOPE = 'https://www.googleapis.com/auth/';
const KNOWN_SCOPES = ['calendar', 'calendar.events', 'calendar.freebusy', 'calendar.readonly', 'userinfo.email'];
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** Who stands behind an access token. */
export interface Caller {
  email: string;
  scopes: string[];
  /** A service account in its own name: no Meet, no guests. */
  plainAccount: boolean;
  expiresAt: number;
}

interface Consent {
  email: string;
  scopes: string[];
}

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const PRIVATE_KEY = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

/** The token endpoint: service accounts, authorization codes with PKCE, refresh tokens. */
export class FakeTokens {
  readonly client = { id: 'sportello.apps.example', secret: 'the secret of the client' };
  readonly serviceAccount = {
    type: 'service_account',
    client_email: 'sportello@project.iam.example',
    private_key_id: 'key-1',
    private_key: PRIVATE_KEY,
  };
  /** Domains that let the service account act for their people. */
  readonly delegatedBy = new Set<string>();
  /** Who presses "Allow" when the consent page is opened. */
  consenting = 'mario@comune.example';
  /** Each refresh gives a new refresh token and the old one dies. */
  rotates = false;
  /** Seconds an access token lives. */
  lifetime = 3600;
  readonly #access = new Map<string, Caller>();
  readonly #refresh = new Map<string, Consent>();
  readonly #codes = new Map<string, Consent & { challenge: string; redirect: string }>();
  #given = 0;

  constructor(private readonly now: () => number) {}

  caller(token: string | undefined): Caller | undefined {
    const caller = token === undefined ? undefined : this.#access.get(token);
    return caller && caller.expiresAt > this.now() ? caller : undefined;
  }

  /** A refresh token as a consent given earlier would have left it. */
  consent(email = this.consenting, scopes = ['calendar.events', 'calendar.freebusy']): string {
    const token = this.#next('refresh');
    this.#refresh.set(token, { email, scopes });
    return token;
  }

  /** Access tokens given so far are refused from now on. */
  forgetAccess(): void {
    this.#access.clear();
  }

  /** What a person does on the page of their Google account; every consent of theirs ends. */
  revoke(email: string): void {
    for (const [token, consent] of this.#refresh) if (consent.email === email) this.#refresh.delete(token);
    for (const [token, caller] of this.#access) if (caller.email === email) this.#access.delete(token);
  }

  revokeToken(token: string): void {
    this.#refresh.delete(token);
  }

  isAlive(refreshToken: string): boolean {
    return this.#refresh.has(refreshToken);
  }

  /** The consent page, where the one who is asked says yes. @returns where the browser goes next. */
  authorize(query: URLSearchParams): string {
    const wanted = { response_type: 'code', access_type: 'offline', code_challenge_method: 'S256' };
    for (const [name, value] of Object.entries(wanted))
      if (query.get(name) !== value) throw new OAuthError(400, 'invalid_request');
    if (query.get('client_id') !== this.client.id) throw new OAuthError(401, 'invalid_client');
    const code = this.#next('code');
    const redirect = query.get('redirect_uri')!;
    const challenge = query.get('code_challenge')!;
    this.#codes.set(code, { email: this.consenting, scopes: scopesOf(query.get('scope')), challenge, redirect });
    return `${redirect}?${new URLSearchParams({ code, state: query.get('state') ?? '' }).toString()}`;
  }

  async grant(form: URLSearchParams, tokenUrl: string): Promise<object> {
    if (form.get('grant_type') === JWT_BEARER) return this.#forAssertion(form.get('assertion') ?? '', tokenUrl);
    if (form.get('client_id') !== this.client.id || form.get('client_secret') !== this.client.secret)
      throw new OAuthError(401, 'invalid_client');
    if (form.get('grant_type') === 'refresh_token') return this.#forRefresh(form.get('refresh_token') ?? '');
    if (form.get('grant_type') === 'authorization_code') return this.#forCode(form);
    throw new OAuthError(400, 'unsupported_grant_type');
  }

  async #forAssertion(assertion: string, tokenUrl: string): Promise<object> {
    const claims = await this.#verified(assertion, tokenUrl);
    const scopes = scopesOf(claims['scope']);
    if ((claims.exp ?? Infinity) - (claims.iat ?? 0) > 3600) throw new OAuthError(400, 'invalid_grant');
    if (claims.sub === undefined) return this.#accessFor(this.serviceAccount.client_email, scopes, true);
    const domain = claims.sub.split('@')[1] ?? '';
    if (!this.delegatedBy.has(domain)) throw new OAuthError(401, 'unauthorized_client');
    return this.#accessFor(claims.sub, scopes, false);
  }

  async #verified(assertion: string, audience: string): Promise<JWTPayload> {
    const currentDate = new Date(this.now());
    const issuer = this.serviceAccount.client_email;
    try {
      return (await jwtVerify(assertion, publicKey, { audience, issuer, currentDate, algorithms: ['RS256'] })).payload;
    } catch {
      throw new OAuthError(400, 'invalid_grant');
    }
  }

  #forRefresh(token: string): object {
    const consent = this.#refresh.get(token);
    if (!consent) throw new OAuthError(400, 'invalid_grant');
    const given = this.#accessFor(consent.email, consent.scopes, false);
    if (!this.rotates) return given;
    this.#refresh.delete(token);
    return { ...given, refresh_token: this.consent(consent.email, consent.scopes) };
  }

  #forCode(form: URLSearchParams): object {
    const kept = this.#codes.get(form.get('code') ?? '');
    this.#codes.delete(form.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (!kept || kept.challenge !== challenge || kept.redirect !== form.get('redirect_uri'))
      throw new OAuthError(400, 'invalid_grant');
    return { ...this.#accessFor(kept.email, kept.scopes, false), refresh_token: this.consent(kept.email, kept.scopes) };
  }

  #accessFor(email: string, scopes: string[], plainAccount: boolean): object {
    if (!scopes.length || scopes.some((scope) => !KNOWN_SCOPES.includes(scope)))
      throw new OAuthError(400, 'invalid_scope');
    const token = this.#next('access');
    this.#access.set(token, { email, scopes, plainAccount, expiresAt: this.now() + this.lifetime * 1000 });
    const scope = scopes.map((name) => SCOPE + name).join(' ');
    return { access_token: token, token_type: 'Bearer', expires_in: this.lifetime, scope };
  }

  #next(kind: string): string {
    return `${kind}-${++this.#given}`;
  }
}

const scopesOf = (text: unknown): string[] =>
  (typeof text === 'string' ? text : '')
    .split(' ')
    .filter(Boolean)
    .map((scope) => scope.replace(SCOPE, ''));
