// SPDX-License-Identifier: AGPL-3.0-or-later
import { oneLine } from '../plain.ts';

const LONGEST_READ = 65_536;
const LONGEST_LINE = 1_000;
const LONGEST_TEXT = 3_000;
const MOST_LINES = 100;

/** Where what somebody writes ends and what they answer begins, as the common mail programs mark it. */
const QUOTED_FROM = [
  /^\s*-{2,}\s*(messaggio originale|original message|messaggio inoltrato|forwarded message)/i,
  /^\s*_{10,}\s*$/,
  /^\s*(il giorno|il|on)\b.{0,200}\b(ha scritto|wrote):\s*$/i,
  /^\s*(da|from):\s.{0,200}@/i,
];

/** Our links open the appointment to whoever has them: they are the citizen's, and an office must not get them. */
const LINKS = /(\/(?:appuntamento|incontro)\/)[\w-]{16,}/g;

/** What somebody wrote, without what they quote and without our links; lines, of which none is too long. */
export function writtenWords(text: string | undefined, html: string | undefined): string {
  const lines = (text?.slice(0, LONGEST_READ) ?? textOfHtml(html ?? '')).split(/\r\n|[\n\r\u2028\u2029]/);
  const quoted = lines.findIndex((line, i) => QUOTED_FROM.some((mark) => mark.test(joined(line, lines[i + 1]))));
  const own = (quoted < 0 ? lines : lines.slice(0, quoted)).filter((line) => !line.startsWith('>'));
  return own
    .slice(0, MOST_LINES)
    .map((line) => oneLine(line.slice(0, LONGEST_LINE).replace(LINKS, '$1…'), LONGEST_LINE))
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
    .slice(0, LONGEST_TEXT)
    .toWellFormed();
}

/** "Il giorno … ha scritto:" is often folded over two lines. */
const joined = (line: string, next = ''): string =>
  /^\s*(il|on)\b/i.test(line.slice(0, 20)) && !/:\s*$/.test(line.slice(-5)) && line.length < 200 && next.length < 200
    ? `${line} ${next}`
    : line.slice(0, 300);

/** Enough of HTML to read a letter: every expression takes a time that grows with the length only. */
function textOfHtml(html: string): string {
  return withoutElements(html.slice(0, LONGEST_READ), ['style', 'script', 'head', 'blockquote'])
    .replace(/<(?:br|\/p|\/div|\/tr|\/li|\/h\d)\b[^<>]*>/gi, '\n')
    .replace(/<[^<>]*>/g, '')
    .replace(/&(nbsp|lt|gt|quot|apos|#39|amp);/g, (_, name: string) => ENTITIES[name]!);
}

const ENTITIES: Record<string, string> = {
  nbsp: ' ',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  '#39': "'",
  amp: '&',
};

/** Takes away these elements from their first opening to their last closing; without a closing, to the end. */
function withoutElements(html: string, names: readonly string[]): string {
  return names.reduce((left, name) => {
    const low = left.toLowerCase();
    const opens = low.search(new RegExp(`<${name}[\\s>]`));
    if (opens < 0) return left;
    const closes = low.lastIndexOf(`</${name}>`);
    return left.slice(0, opens) + (closes < opens ? '' : left.slice(closes + name.length + 3));
  }, html);
}
