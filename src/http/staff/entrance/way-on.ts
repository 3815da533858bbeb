// SPDX-License-Identifier: AGPL-3.0-or-later

const HERE = 'http://here';

/** Where somebody wanted to go before signing in: a page of the staff's, never another place. */
export function wayOn(wanted: string): string {
  const url = URL.canParse(wanted, HERE) ? new URL(wanted, HERE) : null;
  if (url?.origin !== HERE || !/^\/operatore(\/|$)/.test(url.pathname)) return '/operatore';
  return url.pathname + url.search;
}
