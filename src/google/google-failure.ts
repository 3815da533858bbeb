// SPDX-License-Identifier: AGPL-3.0-or-later
import { CalendarFailure, type CalendarFailureKind } from '../calendars/calendar-failure.ts';
import type { Millis } from '../time/clock.ts';

/** 403 means "slow down" as often as "no". */
const SLOW_DOWN = ['rateLimitExceeded', 'userRateLimitExceeded', 'quotaExceeded', 'dailyLimitExceeded', 'backendError'];
/** What the token endpoint answers when nobody but a person can help (RFC 6749 section 5.2). */
const NOT_LET_IN = ['invalid_grant', 'unauthorized_client', 'invalid_client', 'access_denied', 'invalid_scope'];

const KINDS: Readonly<Record<number, CalendarFailureKind>> = {
  401: 'reauthorize',
  404: 'gone',
  408: 'retry',
  409: 'duplicate',
  410: 'gone',
  412: 'conflict',
  429: 'retry',
};

function kindOf(status: number, reason: string): CalendarFailureKind {
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
export function failureOf(error: unknown, now: Millis): CalendarFailure {
  if (error instanceof CalendarFailure) return error;
  const { code, response } = (error ?? {}) as Thrown;
  if (!response) return new CalendarFailure('retry', { status: 0, reason: word(code) ?? 'no answer' });
  const reason = reasonIn(response.data) ?? 'no reason';
  const retryAfter = waitIn(response.headers?.get('Retry-After') ?? '', now);
  return new CalendarFailure(kindOf(response.status, reason), { status: response.status, reason, retryAfter });
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
