// SPDX-License-Identifier: AGPL-3.0-or-later
import { Injectable } from '@nestjs/common';
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  discovery,
  fetchUserInfo,
  type Configuration,
} from 'openid-client';
import { z } from 'zod';
import { Chance } from '../../../bookings/chance.ts';
import { sha256 } from '../../../bookings/token.ts';
import { Config } from '../../../config.ts';
import type { Identity } from '../../../front-desk/staff/open-id-entrance.ts';
import { Log } from '../../logging.ts';

/** Seconds a provider may take for an answer, while somebody waits before a page. */
const PATIENCE_S = 8;
/** 256 bits, in base64url: a code verifier of 43 characters (RFC 7636, 4.1). */
const SECRET_BYTES = 32;

/** What is remembered of somebody sent to the provider, until they are back. */
export const Errand = z.object({ state: z.string(), nonce: z.string(), verifier: z.string(), poi: z.string() });
export type Errand = z.infer<typeof Errand>;

/** The provider does not answer, or what it answers cannot be believed. */
export class OpenIdFault extends Error {}

const Claims = z.looseObject({
  iss: z.string(),
  sub: z.string(),
  name: z.string().catch(''),
  email: z.string().nullable().catch(null),
  email_verified: z.unknown().optional(),
});
const Groups = z.union([z.array(z.string()), z.string().transform((one) => [one])]).catch([]);

/** OpenID Connect with the provider that the environment names: code, PKCE, state and nonce (OpenID Connect Core 3.1, RFC 9700). */
@Injectable()
export class OpenId {
  #found: Promise<Configuration> | undefined;

  constructor(
    private readonly config: Config,
    private readonly chance: Chance,
    private readonly log: Log,
  ) {}

  /** What the button says; null when there is no provider. */
  get name(): string | null {
    return this.config.oidc?.name ?? null;
  }

  /** @returns where to send somebody, and what to remember meanwhile. @throws OpenIdFault */
  begin(redirectUri: string, poi: string): Promise<{ url: string; errand: Errand }> {
    return this.#asking(async (provider) => {
      const secret = () => this.chance.text(SECRET_BYTES);
      const errand: Errand = { state: secret(), nonce: secret(), verifier: secret(), poi };
      const url = buildAuthorizationUrl(provider, {
        redirect_uri: redirectUri,
        scope: 'openid email profile',
        state: errand.state,
        nonce: errand.nonce,
        code_challenge: await calculatePKCECodeChallenge(errand.verifier),
        code_challenge_method: 'S256',
      });
      return { url: url.href, errand };
    });
  }

  /**
   * Who has come back.
   * @param back the address they came back to, with the provider's answer
   * @throws OpenIdFault
   */
  finish(back: URL, { state, nonce, verifier }: Errand): Promise<Identity> {
    return this.#asking(async (provider) => {
      const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true };
      const tokens = await authorizationCodeGrant(provider, back, checks);
      const said = tokens.claims()!;
      const asked = provider.serverMetadata().userinfo_endpoint !== undefined;
      const more = asked ? await fetchUserInfo(provider, tokens.access_token, said.sub) : {};
      return this.#identityOf({ ...more, ...said });
    });
  }

  #identityOf(said: object): Identity {
    const { groupsClaim, trustEmail } = this.config.oidc!;
    const claims = Claims.parse(said);
    return {
      subject: sha256(`${claims.iss} ${claims.sub}`),
      name: claims.name,
      email: claims.email,
      vouched: trustEmail || claims.email_verified === true,
      groups: Groups.parse(claims[groupsClaim]),
    };
  }

  /** A provider that could not be found is looked for again by the next who asks. */
  async #asking<T>(question: (provider: Configuration) => Promise<T>): Promise<T> {
    try {
      this.#found ??= this.#discover();
      const provider = await this.#found.catch((fault: unknown) => {
        this.#found = undefined;
        throw fault;
      });
      return await question(provider);
    } catch (fault) {
      const { name, code, error } = fault as { name?: string; code?: string; error?: string };
      this.log.warn(`the OpenID provider: ${[code ?? name, error].filter(Boolean).join(' ')}`);
      throw new OpenIdFault('the OpenID provider', { cause: fault });
    }
  }

  #discover(): Promise<Configuration> {
    const { issuer, clientId, clientSecret, insecure } = this.config.oidc!;
    const execute = insecure ? [allowInsecureRequests] : [];
    return discovery(new URL(issuer), clientId, clientSecret, undefined, { execute, timeout: PATIENCE_S });
  }
}
