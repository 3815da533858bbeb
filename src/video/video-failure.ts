// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Millis } from '../time/clock.ts';

/**
 * Why a provider of video calls did not do what it was asked, as far as it tells what to do next:
 * - `again`: it could not be reached, was busy, or asks for patience;
 * - `configuration`: it does not let us in, a person must mend that;
 * - `gone`: the room is not there;
 * - `fatal`: it will never do this.
 */
export type VideoFailureKind = 'again' | 'configuration' | 'gone' | 'fatal';

interface Told {
  /** 0 when there was no answer. */
  readonly status: number;
  readonly reason: string;
  /** The least we are asked to wait. */
  readonly retryAfter?: Millis;
}

/** Its message goes into the log, so it holds codes only: what is answered may repeat an address. */
export class VideoFailure extends Error {
  readonly status: number;
  readonly reason: string;
  readonly retryAfter: Millis;

  constructor(
    readonly kind: VideoFailureKind,
    { status, reason, retryAfter = 0 }: Told,
  ) {
    super(`${kind}: ${[status || null, reason].filter(Boolean).join(' ')}`);
    [this.status, this.reason, this.retryAfter] = [status, reason, retryAfter];
  }
}

const KINDS: Readonly<Record<number, VideoFailureKind>> = {
  401: 'configuration',
  403: 'configuration',
  404: 'gone',
  408: 'again',
  410: 'gone',
  429: 'again',
};

/** What an answer that is not the one we asked for means. */
export const kindOf = (status: number): VideoFailureKind =>
  KINDS[status] ?? (status < 400 || status >= 500 ? 'again' : 'fatal');

/** Only what looks like a code may be logged. */
export const word = (value: unknown): string | undefined =>
  typeof value === 'string' && /^[\w.-]{1,60}$/.test(value) ? value : undefined;

/** For taking away what may not be there any more. */
export const unlessGone = (failure: unknown): void => {
  if (!(failure instanceof VideoFailure && failure.kind === 'gone')) throw failure;
};
