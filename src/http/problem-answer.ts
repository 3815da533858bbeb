// SPDX-License-Identifier: AGPL-3.0-or-later
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ProblemAnswer } from './api/answers.ts';
import { PROBLEMS, type Slug } from './problems.ts';
import { wantedLanguage } from './wanted-language.ts';

/** What a request that Nest or Fastify could not serve is called. */
const BY_STATUS: Record<number, Slug> = {
  403: 'not-found',
  404: 'not-found',
  405: 'not-found',
  413: 'too-large',
  414: 'not-found',
  415: 'unsupported-media-type',
  429: 'too-many-requests',
  503: 'unavailable',
};

/** The slug of a status somebody else chose. */
export const slugOfStatus = (status: number): Slug => BY_STATUS[status] ?? (status < 500 ? 'malformed' : 'fault');

/** A no as a program reads it (RFC 9457), in the language it asked for. */
export function problemAnswer(
  slug: Slug,
  request: Pick<FastifyRequest, 'id' | 'headers'>,
  publicUrl: string,
  more: Pick<ProblemAnswer, 'errors' | 'alternatives' | 'next_opening' | 'said'> = {},
): { status: number; headers: Record<string, string>; body: string } {
  const { status, title, detail } = PROBLEMS[slug];
  const language = wantedLanguage(request.headers['accept-language']);
  const body: ProblemAnswer = {
    type: `${publicUrl}/problems/${slug}`,
    title: title[language],
    status,
    detail: detail[language],
    ...more,
    request_id: slug === 'fault' ? request.id : undefined,
  };
  const headers = {
    'content-type': 'application/problem+json',
    'content-language': language,
    'cache-control': 'no-store',
    vary: 'Accept-Language',
  };
  return { status, headers, body: JSON.stringify(body) };
}

/** Answers an address the router itself cannot read, before any hook or filter sees it: an option of Fastify's. */
export const unreadableAddress =
  (publicUrl: string) =>
  (error: { statusCode?: number }, request: FastifyRequest, reply: FastifyReply): void => {
    const slug = slugOfStatus(error.statusCode ?? 400);
    const { status, headers, body } = problemAnswer(slug, request, publicUrl);
    void reply
      .status(status)
      .headers({ ...headers, ...UNSEEN_BY_HOOKS })
      .send(body);
  };

const UNSEEN_BY_HOOKS = {
  'content-security-policy': "default-src 'none';frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};
