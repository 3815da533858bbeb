// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Clock, Millis } from '../time/clock.ts';
import { kindOf, VideoFailure, word } from './video-failure.ts';

/** How long an answer may take, to its last byte. */
const PATIENCE_MS: Millis = 8_000;
/** Longer than any answer that we ask for. */
const MOST_BYTES = 256 * 1024;

interface Asked {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly authorization: string;
  /** Sent as JSON, or as a form where it is one. */
  readonly body?: object;
}

/** The way to the providers of video calls: each request is made once, and no redirect is followed. */
export class Network {
  constructor(
    private readonly clock: Clock,
    private readonly patience: Millis = PATIENCE_MS,
  ) {}

  /** @returns what the answer says in JSON, null when it says nothing @throws VideoFailure */
  async ask({ method, url, authorization, body }: Asked): Promise<unknown> {
    const json = body && !(body instanceof URLSearchParams);
    const headers = { authorization, accept: 'application/json', ...(json && { 'content-type': 'application/json' }) };
    const sent = body instanceof URLSearchParams ? body : body && JSON.stringify(body);
    try {
      const signal = AbortSignal.timeout(this.patience);
      const answer = await fetch(url, { method, headers, body: sent, redirect: 'manual', signal });
      return this.#read(answer, await textOf(answer));
    } catch (fault) {
      throw fault instanceof VideoFailure ? fault : new VideoFailure('again', { status: 0, reason: codeOf(fault) });
    }
  }

  #read({ status, ok, headers }: Response, text: string): unknown {
    const said = jsonIn(text);
    if (!ok) {
      const retryAfter = waitIn(headers.get('retry-after') ?? '', this.clock.now());
      throw new VideoFailure(kindOf(status), { status, reason: reasonIn(said) ?? 'no reason', retryAfter });
    }
    if (said === undefined) throw new VideoFailure('again', { status, reason: 'unreadable' });
    return said;
  }
}

/** @throws VideoFailure when it is longer than any answer should be */
async function textOf(answer: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of answer.body ?? []) {
    length += part.length;
    if (length > MOST_BYTES) throw new VideoFailure('again', { status: answer.status, reason: 'too long' });
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** @returns undefined for what is no JSON */
function jsonIn(text: string): unknown {
  if (!text.trim()) return null;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `error` of a token endpoint, or of an API whatever it calls it. */
function reasonIn(said: unknown): string | undefined {
  const { error, errorCode } = (typeof said === 'object' && said ? said : {}) as Record<string, unknown>;
  const inner = (typeof error === 'object' && error ? error : {}) as Record<string, unknown>;
  return word(error) ?? word(errorCode) ?? word(inner['code']) ?? word(inner['message']);
}

/** Retry-After is seconds or a date (RFC 9110 section 10.2.3). */
function waitIn(text: string, now: Millis): Millis {
  if (/^\d{1,6}$/.test(text)) return Number(text) * 1000;
  const until = Date.parse(text);
  return Number.isNaN(until) ? 0 : Math.max(0, until - now);
}

const codeOf = (fault: unknown): string => {
  const { name, cause } = (fault ?? {}) as { name?: unknown; cause?: { code?: unknown } };
  return word(cause?.code) ?? word(name) ?? 'no answer';
};
