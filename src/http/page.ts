// SPDX-License-Identifier: AGPL-3.0-or-later
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Injectable } from '@nestjs/common';
import { Eta } from 'eta';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LANGUAGES, type Language } from '../bookings/booking.ts';
import type { Refusal } from '../bookings/refusal.ts';
import { Authorities } from '../database/authorities.ts';
import { hostName, type AtHost } from './authority-at-host.ts';
import { assetsVersion } from './assets.ts';
import { Answer } from './answer.ts';
import { Visit } from './visit.ts';

const TEMPLATES = 'templates/pages';
const SPRITES = 'vendor/svg/sprites.svg';

/** No inline script or style, nothing from anywhere else; `data:` is for the small drawings inside Bootstrap Italia's sheet. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "style-src 'self'",
  "script-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "object-src 'none'",
].join('; ');

/** Where a page is shown: whose door, and to whom. */
interface Setting {
  readonly at: AtHost | null;
  readonly visit: Visit;
}

/**
 * A `form` shows what one person wrote, so no cache keeps it; the address of a `token` page is a secret besides, so it is
 * named to nobody. (Old browsers then send `Origin: null` with a form, which is why only those pages do it.)
 */
type PageKind = 'public' | 'form' | 'token';

interface PageOptions {
  readonly status?: number;
  readonly kind?: PageKind;
  /** May ask for the camera, the microphone and the screen. */
  readonly call?: boolean;
}

export type Say = (key: string, values?: Record<string, string | number>) => string;

/** Renders `templates/pages` in the visitor's language. What a page shows is text and is escaped, whoever wrote it. */
@Injectable()
export class Pages {
  readonly #eta = new Eta({ views: resolve(TEMPLATES), cache: true, autoEscape: true });
  readonly #words: Record<Language, Record<string, string>>;
  #version: string | undefined;

  constructor(private readonly authorities: Authorities) {
    this.#words = { it: wordsOf('it'), en: wordsOf('en') };
  }

  /** The sentence under a key, `{name}` filled in. @throws Error for a key nobody wrote. */
  words(language: Language): Say {
    return (key, values = {}) => {
      const words = this.#words[language][key];
      if (words === undefined) throw new Error(`no words for ${key} in ${language}`);
      return words.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
    };
  }

  /** Whether somebody wrote a sentence under this key. */
  knows(key: string): boolean {
    return Object.hasOwn(this.#words.it, key);
  }

  show(template: string, { at, visit }: Setting, view: object, options: PageOptions = {}): Answer {
    const { language } = visit;
    const t = this.words(language);
    const body = this.#eta.render(`./${template}`, {
      ...view,
      t,
      language,
      languages: LANGUAGES.map((code) => ({ code, href: visit.hereIn(code) })),
      authority: at?.authority.definition ?? null,
      home: at?.municipality ?? null,
      personal: (options.kind ?? 'public') !== 'public',
      asset: (path: string) => this.#asset(path),
      tel: (phone: string) => `tel:${phone.replace(/[^+\d]/g, '')}`,
      icon: (name: string, more = '') =>
        `<svg class="icon ${more}" aria-hidden="true"><use href="${this.#asset(SPRITES)}#it-${name}"></use></svg>`,
    });
    return new Answer(options.status ?? 200, headersOf(options, visit.host), body);
  }

  /** The page for a no, or for a fault (`status` 500 or 503): what happened, what is still true, and a way on. */
  async refusal(request: FastifyRequest, reply: FastifyReply, status: number, refusal?: Refusal): Promise<void> {
    const visit = new Visit(request);
    const at = await this.#authorityAt(request);
    const view = { kind: kindOf(status, refusal), staff: /^\/operatore(\/|$)/.test(visit.path) };
    const answer = this.show('problem', { at, visit }, view, { status, kind: 'token' });
    await reply.status(answer.status).headers(answer.headers).send(answer.body);
  }

  /** A page about a fault must come out even when the database does not answer. */
  async #authorityAt(request: FastifyRequest): Promise<AtHost | null> {
    try {
      return await this.authorities.byHost(hostName(request.headers.host ?? ''));
    } catch {
      return null;
    }
  }

  #asset(path: string): string {
    this.#version ??= assetsVersion();
    return `/assets/${path}?v=${this.#version}`;
  }
}

const wordsOf = (language: Language): Record<string, string> =>
  JSON.parse(readFileSync(join(TEMPLATES, `${language}.json`), 'utf8')) as Record<string, string>;

function kindOf(status: number, refusal?: Refusal): string {
  if (refusal?.reason === 'idempotency-in-progress') return 'busy';
  if (status === 404) return 'not-found';
  if (status === 429) return 'too-many';
  return status >= 500 ? 'fault' : 'refused';
}

/** Safari before 15.4 takes a WebSocket to be from elsewhere. */
const connectSources = (host: string): string =>
  ["connect-src 'self'", ...(/^[\w.:[\]-]+$/.test(host) ? [`ws://${host}`, `wss://${host}`] : [])].join(' ');

const CAPTURE = ['camera', 'microphone', 'display-capture'] as const;

const headersOf = ({ kind = 'public', call = false }: PageOptions, host: string): Record<string, string> => ({
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `${CONTENT_SECURITY_POLICY}; ${connectSources(host)}`,
  'permissions-policy': CAPTURE.map((feature) => `${feature}=(${call ? 'self' : ''})`).join(', '),
  'x-content-type-options': 'nosniff',
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': kind === 'token' ? 'no-referrer' : 'same-origin',
  'cache-control': kind === 'public' ? 'private, no-cache' : 'no-store',
  vary: 'Accept-Language, Cookie',
});
