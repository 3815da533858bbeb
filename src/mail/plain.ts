// SPDX-License-Identifier: AGPL-3.0-or-later

/** Controls, line and paragraph separators, and the invisible format characters but for the two joiners real names use. */
const INVISIBLE = /[\p{Cc}\p{Zl}\p{Zp}]|(?![\u200C\u200D])\p{Cf}/gu;
/** The opening of an RFC 2047 encoded word, which mail programs would decode. */
const ENCODED_WORD = /=+\?+/g;

/** Somebody else's text as one line of data: nothing invisible, no encoded words, at most so many characters. */
export function oneLine(text: string, most: number): string {
  const line = text.toWellFormed().replace(INVISIBLE, ' ').replace(ENCODED_WORD, '').replace(/\s+/g, ' ').trim();
  return Array.from(line).slice(0, most).join('');
}

const LONGEST_NAME = 100;
const JOINERS = /[\u200C\u200D]/g;
/** What mail programs turn into something else: an address of the web or of a person, an encoded word; and a number to call. */
const NO_NAME = /=\?|[@<>]|\p{Nd}|:\/|\/\/|www\.|[\p{L}\p{N}-]{2}\.\p{L}{2}|\.\p{L}{2,}\//iu;

/** A citizen's name in the citizen's letters: empty when it is none but a way to have us mail an advertisement. */
export function safeName(name: string): string {
  const line = oneLine(name, LONGEST_NAME);
  return [name, line].some((text) => NO_NAME.test(text.replace(JOINERS, ''))) ? '' : line;
}
