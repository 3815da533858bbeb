// SPDX-License-Identifier: AGPL-3.0-or-later
import { createHash } from 'node:crypto';
import type { Clock, Millis } from '../time/clock.ts';
import type { Network } from './network.ts';
import { numberAt, textAt } from './said.ts';
import { VideoFailure } from './video-failure.ts';

export interface GoToClient {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** The first; those that follow are kept. */
  readonly refreshToken: string;
}

/** A refresh token, and how many came before it. */
export interface Kept {
  readonly text: string;
  readonly version: number;
}

/** Where the refresh token is kept, out of sight. */
export interface TokenShelf {
  read(): Promise<Kept | null>;
  /** @returns false when another instance has kept one of this version, which then counts */
  keep(text: string, version: number): Promise<boolean>;
}

const EARLY_MS: Millis = 60_000;
/** Once refused we ask again no sooner: nobody mends it within ten minutes, and hammering looks like an attack. */
const REST_MS: Millis = 10 * 60_000;
const ASSUMED_SECONDS = 3600;

/**
 * The access token of GoTo (RFC 6749 section 6). Each refresh gives a new refresh token and the old one dies, so it is
 * written down before the access token is used; of several instances one is heard, and the others read what it wrote.
 */
export class GoToTokens {
  #access: { readonly token: string; readonly endsAt: Millis } | undefined;
  #underWay: Promise<string> | undefined;
  #rest: { readonly failure: VideoFailure; readonly until: Millis } | undefined;
  /** What we were given and could not write down in place of that version. */
  #unwritten: Kept | undefined;

  constructor(
    private readonly client: GoToClient,
    private readonly network: Network,
    private readonly shelf: TokenShelf,
    private readonly clock: Clock,
  ) {}

  /** @throws VideoFailure configuration, without asking when it was refused a short while ago */
  current(): Promise<string> {
    const now = this.clock.now();
    if (this.#access && this.#access.endsAt - EARLY_MS > now) return Promise.resolve(this.#access.token);
    if (this.#rest && this.#rest.until > now) return Promise.reject(this.#rest.failure);
    this.#underWay ??= this.#renew().finally(() => (this.#underWay = undefined));
    return this.#underWay;
  }

  /** This one was refused. */
  forget(token: string): void {
    if (this.#access?.token === token) this.#access = undefined;
  }

  async #renew(): Promise<string> {
    const first = await this.#kept();
    try {
      return await this.#exchange(first);
    } catch (failure) {
      if (!(failure instanceof VideoFailure) || failure.kind !== 'configuration') throw failure;
      // Another instance may have been faster: then ours is dead, and theirs is on the shelf.
      const second = await this.#kept();
      if (second.text !== first.text) return this.#exchange(second);
      this.#rest = { failure, until: this.clock.now() + REST_MS };
      throw failure;
    }
  }

  /** The one of the environment counts again when it is another than the kept ones began with. */
  async #kept(): Promise<Kept> {
    const read = (await this.shelf.read()) ?? { text: '', version: 0 };
    if (this.#unwritten?.version === read.version) return this.#unwritten;
    const [origin, text] = read.text.split(' ');
    return { text: (origin === this.#origin && text) || this.client.refreshToken, version: read.version };
  }

  async #exchange({ text, version }: Kept): Promise<string> {
    const { tokenUrl, clientId, clientSecret } = this.client;
    const authorization = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`;
    const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: text });
    const said = await this.network.ask({ method: 'POST', url: tokenUrl, authorization, body }).catch(refusedToken);
    const token = textAt(said, 'access_token');
    if (!token) throw new VideoFailure('again', { status: 200, reason: 'no token' });
    await this.#keep(textAt(said, 'refresh_token') ?? text, text, version);
    const life = (numberAt(said, 'expires_in') ?? ASSUMED_SECONDS) * 1000;
    this.#access = { token, endsAt: this.clock.now() + life };
    return token;
  }

  async #keep(text: string, before: string, version: number): Promise<void> {
    if (text === before && !this.#unwritten) return;
    this.#unwritten = { text, version };
    await this.shelf.keep(`${this.#origin} ${text}`, version + 1);
    this.#unwritten = undefined;
  }

  get #origin(): string {
    return createHash('sha256').update(this.client.refreshToken).digest('hex').slice(0, 16);
  }
}

/** The token endpoint says 400 for a token that is dead (RFC 6749 section 5.2). */
function refusedToken(failure: unknown): never {
  if (failure instanceof VideoFailure && (failure.kind === 'fatal' || failure.kind === 'gone'))
    throw new VideoFailure('configuration', failure);
  throw failure;
}
