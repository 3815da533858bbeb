// SPDX-License-Identifier: AGPL-3.0-or-later
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { LANGUAGES, type Language } from '../bookings/booking.ts';
import { wantedLanguage } from './wanted-language.ts';
import { wantsJson } from './wants-json.ts';

/** Remembers the language someone switched to; technical and first-party. */
export const LANGUAGE_COOKIE = 'lingua';

/** Who is looking, as far as a page needs to know: the language, the address, the cookies, and whether it is a page they want. */
export class Visit {
  /** Path and query, without the switch of language. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** The language just switched to by `?lingua=`, to be remembered. */
  readonly switchedTo: Language | null;
  readonly language: Language;
  /** As the browser names us, with the port. */
  readonly host: string;
  readonly wantsJson: boolean;
  readonly #cookies: string;

  constructor(request: Pick<FastifyRequest, 'url' | 'headers'>) {
    const url = new URL(request.url.startsWith('/') ? `http://here${request.url}` : 'http://here');
    // A link to `//evil.example` would lead there.
    this.path = url.pathname.replace(/^\/+/, '/');
    this.switchedTo = known(url.searchParams.get('lingua'));
    url.searchParams.delete('lingua');
    this.query = url.searchParams;
    this.host = request.headers.host ?? '';
    this.wantsJson = wantsJson(request.headers.accept);
    this.#cookies = request.headers.cookie ?? '';
    this.language =
      this.switchedTo ?? known(this.cookie(LANGUAGE_COOKIE)) ?? wantedLanguage(request.headers['accept-language']);
  }

  cookie(name: string): string | null {
    const pair = this.#cookies
      .split(';')
      .map((c) => c.trim())
      .find((c) => c.startsWith(`${name}=`));
    return pair?.slice(name.length + 1) ?? null;
  }

  /** This page in another language. */
  hereIn(language: Language): string {
    const query = new URLSearchParams(this.query);
    query.set('lingua', language);
    return `${this.path}?${query.toString()}`;
  }
}

/** The parameter is a {@link Visit}. */
export const AtVisit = createParamDecorator(
  (_: unknown, context: ExecutionContext) => new Visit(context.switchToHttp().getRequest<FastifyRequest>()),
);

const known = (code: string | null | undefined): Language | null => LANGUAGES.find((l) => l === code) ?? null;
