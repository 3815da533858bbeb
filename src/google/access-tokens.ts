// SPDX-License-Identifier: AGPL-3.0-or-later
import { OAuth2Client } from 'google-auth-library';
import { importPKCS8, SignJWT } from 'jose';
import type { Clock, Millis } from '../time/clock.ts';
import { CalendarFailure } from '../calendars/calendar-failure.ts';
import { failureOf } from './google-failure.ts';
import type { Link } from '../calendars/link.ts';
import type { Sealed } from '../access/sealed.ts';
import { requestOptions, SCOPE, type GoogleSettings } from './settings.ts';

/** What the token endpoint gives (RFC 6749 section 5.1). */
interface Given {
  readonly access_token: string;
  readonly expires_in: number;
  readonly refresh_token?: string;
}

interface Kept {
  readonly token: string;
  readonly endsAt: Millis;
}

/** To be told when Google replaces a refresh token: the old one is dead. */
export type Rotated = (link: Link, sealedToken: string) => Promise<void>;

const EARLY_MS: Millis = 60_000;
/** Once refused, we ask again no sooner: nobody mends a delegation within ten minutes, and hammering looks like an attack. */
const REST_MS: Millis = 10 * 60_000;
const LIFE_SECONDS = 3600;
/** A little in the past, for a clock that is ahead of Google's. */
const SKEW_SECONDS = 30;

/**
 * The access tokens of all links, each asked for once and kept until it ends. The library could do it, but it reads a
 * clock of its own, tries again unasked, and throws away a refresh token that was replaced.
 */
export class AccessTokens {
  readonly #kept = new Map<string, Kept>();
  readonly #underWay = new Map<string, Promise<string>>();
  /** Who was turned away, why, and until when we do not ask again. */
  readonly #resting = new Map<string, { readonly failure: CalendarFailure; readonly until: Millis }>();
  readonly #renewed = new Map<string, Millis>();
  readonly #network = new OAuth2Client();

  constructor(
    private readonly settings: GoogleSettings,
    private readonly sealed: Sealed,
    private readonly clock: Clock,
    private readonly rotated: Rotated,
  ) {}

  /** @throws CalendarFailure reauthorize, without asking when it was refused a short while ago. */
  async of(link: Link): Promise<string> {
    const who = identityOf(link);
    const rest = this.#resting.get(who);
    if (rest && rest.until > this.clock.now()) throw rest.failure;
    const kept = this.#kept.get(who);
    if (kept && kept.endsAt - EARLY_MS > this.clock.now()) return kept.token;
    const asked = this.#underWay.get(who) ?? this.#fetch(link, who).finally(() => this.#underWay.delete(who));
    this.#underWay.set(who, asked);
    return asked;
  }

  /** Another token, after Google answered 401 to this one; at most once in ten minutes. @throws CalendarFailure reauthorize */
  async instead(link: Link, refused: string): Promise<string> {
    const who = identityOf(link);
    if (this.#kept.get(who)?.token === refused) {
      this.#kept.delete(who);
      const now = this.clock.now();
      const last = this.#renewed.get(who) ?? -Infinity;
      if (now - last < REST_MS) this.#resting.set(who, { failure: notLetIn('authError'), until: last + REST_MS });
      else this.#renewed.set(who, now);
    }
    return this.of(link);
  }

  /** @param form of the token endpoint. */
  async ask(form: Record<string, string>): Promise<Given> {
    const request = { url: this.settings.tokenUrl, method: 'POST' as const, data: new URLSearchParams(form) };
    try {
      const { data } = await this.#network.transporter.request<Partial<Given>>({
        ...request,
        ...requestOptions(this.settings),
      });
      if (!data.access_token || !data.expires_in)
        throw new CalendarFailure('retry', { status: 200, reason: 'no token' });
      return { ...data, access_token: data.access_token, expires_in: data.expires_in };
    } catch (error) {
      throw failureOf(error, this.clock.now());
    }
  }

  /** Tells Google that a refresh token is no longer wanted. */
  async revoke(refreshToken: string): Promise<void> {
    const url = new URL('revoke', this.settings.tokenUrl).href;
    const request = { url, method: 'POST' as const, data: new URLSearchParams({ token: refreshToken }) };
    await this.#network.transporter
      .request({ ...request, ...requestOptions(this.settings) })
      .catch((error: unknown) => {
        throw failureOf(error, this.clock.now());
      });
  }

  async #fetch(link: Link, who: string): Promise<string> {
    try {
      const given = await this.ask(await this.#formFor(link));
      const kept = { token: given.access_token, endsAt: this.clock.now() + given.expires_in * 1000 };
      this.#kept.set(who, kept);
      if (given.refresh_token) await this.#replace(link, given.refresh_token, kept);
      return kept.token;
    } catch (failure) {
      if (failure instanceof CalendarFailure && failure.kind === 'reauthorize')
        this.#resting.set(who, { failure, until: this.clock.now() + REST_MS });
      throw failure;
    }
  }

  async #replace(link: Link, refreshToken: string, kept: Kept): Promise<void> {
    const sealedToken = this.sealed.seal(refreshToken);
    this.#kept.set(identityOf({ ...link, refreshToken: sealedToken }), kept);
    await this.rotated(link, sealedToken);
  }

  #formFor(link: Link): Promise<Record<string, string>> | Record<string, string> {
    return link.access === 'oauth' ? this.#refreshForm(link) : this.#assertionForm(link);
  }

  #refreshForm({ refreshToken }: Link): Record<string, string> {
    const { client } = this.settings;
    const opened = refreshToken && this.sealed.open(refreshToken);
    if (!client) throw notLetIn('no-client-configured');
    if (!opened) throw notLetIn('not-connected');
    return { grant_type: 'refresh_token', refresh_token: opened, client_id: client.id, client_secret: client.secret };
  }

  /** RFC 7523: what we say of ourselves, signed; `sub` is whom we act for. */
  async #assertionForm({ as }: Link): Promise<Record<string, string>> {
    const { serviceAccount, tokenUrl } = this.settings;
    if (!serviceAccount) throw notLetIn('no-service-account-configured');
    const now = Math.floor(this.clock.now() / 1000) - SKEW_SECONDS;
    const claims = new SignJWT({ scope: SCOPE, ...(as ? { sub: as } : {}) })
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: serviceAccount.keyId })
      .setIssuer(serviceAccount.email)
      .setAudience(tokenUrl)
      .setIssuedAt(now)
      .setExpirationTime(now + LIFE_SECONDS);
    const assertion = await claims.sign(await importPKCS8(serviceAccount.privateKey, 'RS256'));
    return { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion };
  }
}

const notLetIn = (reason: string): CalendarFailure => new CalendarFailure('reauthorize', { status: 0, reason });

const identityOf = ({ access, as, refreshToken }: Link): string => `${access} ${as ?? ''} ${refreshToken ?? ''}`;
