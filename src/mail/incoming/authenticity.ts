// SPDX-License-Identifier: AGPL-3.0-or-later

const LONGEST = 16_384;

/** One result of an Authentication-Results header (RFC 8601 2.2): `dkim=pass header.d=example.org`. */
interface Verdict {
  readonly method: string;
  readonly result: string;
  readonly properties: ReadonlyMap<string, string>;
}

/**
 * Whether our own mail server vouches that the domain of From sent this: DMARC passed, or a DKIM signature of that domain did.
 * Only the topmost header that bears our server's name counts: those below came with the message, whoever wrote them.
 * @param headers values of Authentication-Results, the topmost first
 * @param authservId how our mail server signs its results (RFC 8601 2.5)
 */
export function isVouchedFor(headers: readonly string[], authservId: string, fromDomain: string): boolean {
  const ours = headers.map(partsOf).find(([id]) => isNamed(id ?? '', authservId));
  if (!ours || !fromDomain) return false;
  const verdicts = ours.slice(1).flatMap((part) => verdictOf(part) ?? []);
  const dmarc = verdicts.filter(({ method }) => method === 'dmarc');
  if (dmarc.some(({ result }) => result === 'fail')) return false;
  if (dmarc.some((verdict) => isPassOf(verdict, 'header.from', fromDomain))) return true;
  return verdicts.some((v) => v.method === 'dkim' && v.result === 'pass' && isAligned(signerOf(v), fromDomain));
}

/** A version may follow the name. */
const isNamed = (part: string, authservId: string): boolean =>
  unquoted(part.trim().split(/\s/)[0]!).toLowerCase() === authservId.toLowerCase();

const isPassOf = ({ result, properties }: Verdict, property: string, domain: string): boolean =>
  result === 'pass' && (properties.get(property) ?? domain) === domain;

const signerOf = ({ properties }: Verdict): string =>
  properties.get('header.d') ?? properties.get('header.i')?.split('@').at(-1) ?? '';

/** The very domain or one above it; one below is not enough, for some let strangers have names below theirs. */
const isAligned = (signer: string, fromDomain: string): boolean =>
  signer === fromDomain || (signer.includes('.') && fromDomain.endsWith(`.${signer}`));

function verdictOf(part: string): Verdict | null {
  const [head = '', ...rest] = part.trim().split(/\s+/);
  const [, method, result] = /^([\w-]+)(?:\/\d+)?=([\w-]+)$/.exec(head.toLowerCase()) ?? [];
  if (!method || !result) return null;
  return { method, result, properties: new Map(rest.flatMap(propertyOf)) };
}

function propertyOf(text: string): [string, string][] {
  const equals = text.indexOf('=');
  return equals < 0 ? [] : [[text.slice(0, equals).toLowerCase(), unquoted(text.slice(equals + 1)).toLowerCase()]];
}

const unquoted = (text: string): string => text.replace(/^"(.*)"$/s, '$1');

/** What stands between semicolons, without comments, which may be nested; neither means anything inside quotes. */
function partsOf(header: string): string[] {
  const parts = [''];
  let depth = 0;
  let isQuoted = false;
  for (const [token] of header.slice(0, LONGEST).matchAll(/\\[^]|[^]/g)) {
    if (token === '"' && !depth) isQuoted = !isQuoted;
    if (token === '(' && !isQuoted) depth++;
    if (token === ';' && !isQuoted && !depth) parts.push('');
    else if (!depth) parts[parts.length - 1] += token;
    if (token === ')' && !isQuoted && depth) depth--;
  }
  return parts;
}
