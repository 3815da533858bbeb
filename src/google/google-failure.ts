// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Millis } from '../time/clock.ts';

/**
 * Why Google did not do what it was asked, as far as it tells what to do next:
 * - `retry`: it could not be reached, was busy, or asks for patience; it may have done it all the same;
 * - `reauthorize`: it does not let us in, a person must mend that;
 * - `gone`: what was asked for is not there, or no longer; of a list, its sync token no longer holds;
 * - `duplicate`: an event with this id is there already;
 * - `conflict`: somebody changed the event since it was read;
 * - `fatal`: it will never do this.
 */
export type GoogleFailureKind = 'retry' | 'reauthorize' | 'gone' | 'duplicate' | 'conflict' | 'fatal';

interface Told {
  /** 0 when there was no answer. */
  readonly status: number;
  readonly reason: string;
  /** The least Google asks us to wait. */
  readonly retryAfter?: Millis;
}

/** Its message goes into the log, so it holds codes only: what Google answers may repeat an event. */
export class GoogleFailure extends Error {
  readonly status: number;
  readonly reason: string;
  readonly retryAfter: Millis;

  constructor(
    readonly kind: GoogleFailureKind,
    { status, reason, retryAfter = 0 }: Told,
  ) {
    super(`${kind}: ${[status || null, reason].filter(Boolean).join(' ')}`);
    [this.status, this.reason, this.retryAfter] = [status, reason, retryAfter];
  }
}

/** 403 means "slow down" as often as "no". */
const SLOW_DOWN = ['rateLimitExceeded', 'userRateLimitExceeded', 'quotaExceeded', 'dailyLimitExceeded', 'backendError'];
/** What the token endpoint answers when nobody but a person can help (RFC 6749 section 5.2). */
const NOT_LET_IN = ['invalid_grant', 'unauthorized_client', 'invalid_client', 'access_denied', 'invalid_scope'];

const KINDS: Readonly<Record<number, GoogleFailureKind>> = {
  401: 'reauthorize',
  404: 'gone',
  408: 'retry',
  409: 'duplicate',
  410: 'gone',
  412: 'conflict',
  429: 'retry',
};

function kindOf(status: number, reason: string): GoogleFailureKind {
  if (NOT_LET_IN.includes(reason)) return 'reauthorize';
  if (status === 403 && SLOW_DOWN.includes(reason)) return 'retry';
  // An answer that cannot be read has a status below 400: whatever it was, it was not Google's calendar.
  return KINDS[status] ?? (status < 400 || status >= 500 ? 'retry' : 'fatal');
}

/** What the client library threw, as far as it is looked at here. */
interface Thrown {
  readonly code?: unknown;
  readonly response?: { readonly status: number; readonly data?: unknown; readonly headers?: Pick<Headers, 'get'> };
}

/** What the client library threw, without what Google wrote. */
export function failureOf(error: unknown, now: Millis): GoogleFailure {
  if (error instanceof GoogleFailure) return error;
  const { code, response } = (error ?? {}) as Thrown;
  if (!response) return new GoogleFailure('retry', { status: 0, reason: word(code) ?? 'no answer' });
  const reason = reasonIn(response.data) ?? 'no reason';
  const retryAfter = waitIn(response.headers?.get('Retry-After') ?? '', now);
  return new GoogleFailure(kindOf(response.status, reason), { status: response.status, reason, retryAfter });
}

interface ErrorBody {
  readonly error?: string | { readonly status?: unknown; readonly errors?: readonly { readonly reason?: unknown }[] };
}

/** `error.errors[0].reason` of the API, `error` of the token endpoint. */
function reasonIn(data: unknown): string | undefined {
  const { error } = (typeof data === 'object' && data ? data : {}) as ErrorBody;
  if (typeof error !== 'object') return word(error);
  return word(error.errors?.[0]?.reason) ?? word(error.status);
}

/** Only what looks like a code may be logged. */
const word = (value: unknown): string | undefined =>
  typeof value === 'string' && /^[\w.-]{1,60}$/.test(value) ? value : undefined;

/** Retry-After is seconds or a date (RFC 9110 section 10.2.3). */
function waitIn(text: string, now: Millis): Millis {
  if (/^\d{1,6}$/.test(text)) return Number(text) * 1000;
  const until = Date.parse(text);
  return Number.isNaN(until) ? 0 : Math.max(0, until - now);
}
