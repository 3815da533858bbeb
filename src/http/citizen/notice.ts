// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Office } from '../../offices/definition.ts';
import type { Choice, Given } from './choice.ts';

/** Why the first page is not what the link or the citizen asked for. */
export type Notice = 'cookies' | 'expired' | 'unknown-office' | 'office-without' | 'not-there';

interface Asked {
  /** The office the link names, when there is one. */
  readonly office: Office | undefined;
  /** What can be booked at it. */
  readonly restricted: readonly Given[];
  readonly given: Given | undefined;
}

export function noticeOf(query: Record<string, unknown>, { ufficio }: Choice, asked: Asked): Notice | null {
  const { office, restricted, given } = asked;
  if ('cookie' in query) return 'cookies';
  if ('scaduta' in query) return 'expired';
  if (!ufficio) return null;
  if (!office) return 'unknown-office';
  if (!restricted.length) return 'office-without';
  return given && !restricted.includes(given) ? 'not-there' : null;
}
