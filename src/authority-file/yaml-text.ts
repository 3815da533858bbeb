// SPDX-License-Identifier: AGPL-3.0-or-later
import { isMap, isPair, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml';
import type { Document, ErrorCode, Node, Pair } from 'yaml';
import { AuthorityFileError, fieldOf, type Path, type Problem } from './problem.ts';

/** A megabyte holds a hundred Unions; more is a mistake, and slow to refuse. */
const MOST_CHARACTERS = 1_000_000;

/** Where one would stumble, in the words of the person at the keyboard; for the rest the parser's own words do. */
const SENTENCES: Partial<Record<ErrorCode, string>> = {
  DUPLICATE_KEY: 'This key is written twice; keep one.',
  TAB_AS_INDENT: 'Indent with spaces, not with tabs.',
  MULTIPLE_DOCS: 'The file holds more than one document; remove the line "---".',
  RESOURCE_EXHAUSTION: 'The file is nested too deeply.',
};

/** The text as plain data, still knowing where in the text everything stands. */
export class YamlText {
  /** Maps, lists, texts, numbers, true, false and null, nothing else: dates and times stay text. */
  readonly data: unknown;
  readonly #lines = new LineCounter();
  readonly #document: Document;

  /** @throws AuthorityFileError when the text is no YAML of that kind. */
  constructor(text: string) {
    this.#refuseUnreadable(text);
    // The core schema of YAML 1.2, whatever the file declares: in 1.1 `09:00` is the number 540 and a date an object.
    this.#document = parseDocument(text, {
      schema: 'core',
      resolveKnownTags: false,
      prettyErrors: false,
      lineCounter: this.#lines,
      logLevel: 'error',
    });
    this.#refuseFaults();
    if (this.#document.contents === null) this.#refuse(0, 'The file is empty.');
    this.data = this.#plain();
  }

  /** Where the value at this path begins, or, if it is not there, what should hold it. */
  problemAt(path: Path, detail: string): Problem {
    return { ...this.#place(this.#offsetOf(path, 'value')), field: fieldOf(path), detail };
  }

  /** The same, pointing at the key and not at its value. */
  problemAtKey(path: Path, detail: string): Problem {
    return { ...this.#place(this.#offsetOf(path, 'key')), field: fieldOf(path), detail };
  }

  #refuse(offset: number, detail: string): never {
    throw new AuthorityFileError([{ ...this.#place(offset), field: fieldOf([]), detail }]);
  }

  #place(offset: number): { line: number; column: number } {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }

  #refuseUnreadable(text: string): void {
    if (text.length > MOST_CHARACTERS) this.#refuse(0, 'The file is longer than a million characters.');
    const strange = text.search(/[\uFFFD\u0000]/);
    if (strange < 0) return;
    this.#lines.addNewLine(0);
    for (const { index } of text.slice(0, strange).matchAll(/\n/g)) this.#lines.addNewLine(index + 1);
    this.#refuse(strange, 'This is not UTF-8 text; save the file with the encoding UTF-8.');
  }

  #refuseFaults(): void {
    const found = new Map<number, Problem>();
    for (const fault of [...this.#document.errors, ...this.#document.warnings]) {
      const place = this.#place(fault.pos[0]);
      const detail = SENTENCES[fault.code] ?? `This is not well-formed YAML: ${fault.message}.`;
      const path = fault.code === 'DUPLICATE_KEY' ? this.#pathOfKey(fault.pos[0]) : [];
      if (!found.has(place.line)) found.set(place.line, { ...place, field: fieldOf(path), detail });
    }
    if (found.size) throw new AuthorityFileError([...found.values()].sort((a, b) => a.line - b.line));
  }

  #pathOfKey(offset: number): Path {
    let path: Path = [];
    this.#walk({
      Pair: (_, pair, above) => {
        if (!isScalar(pair.key) || start(pair.key) !== offset) return undefined;
        path = [...above, pair].flatMap(stepFrom);
        return visit.BREAK;
      },
    });
    return path;
  }

  #plain(): unknown {
    this.#refuseUnknownAliases();
    return this.#unlessTooDeep(() => this.#document.toJS() as unknown);
  }

  #walk(visitor: Parameters<typeof visit>[1]): void {
    this.#unlessTooDeep(() => visit(this.#document, visitor));
  }

  /** The parser's own walks are recursive, and it gives up on aliases of aliases by throwing. */
  #unlessTooDeep<T>(walk: () => T): T {
    try {
      return walk();
    } catch (fault) {
      if (fault instanceof AuthorityFileError) throw fault;
      return this.#refuse(0, 'The file is nested too deeply, or repeats itself through too many aliases.');
    }
  }

  #refuseUnknownAliases(): void {
    const anchors = new Set<string>();
    this.#walk({
      Value: (_, node) => void (node.anchor && anchors.add(node.anchor)),
      Alias: (_, alias) => {
        const { source, range } = alias;
        if (!anchors.has(source)) this.#refuse(range?.[0] ?? 0, `No anchor &${source} stands before this alias.`);
      },
    });
  }

  #offsetOf(path: Path, wanted: 'key' | 'value'): number {
    let node = this.#document.contents;
    let offset = start(node) ?? 0;
    for (const step of path) {
      const [key, value] = childOf(node, step);
      if (!key && !value) break;
      offset = (wanted === 'key' ? start(key) : undefined) ?? start(value) ?? start(key) ?? offset;
      node = this.#resolved(value);
    }
    return offset;
  }

  #resolved(node: Node | null): Node | null {
    return node && 'resolve' in node ? (node.resolve(this.#document) ?? null) : node;
  }
}

const start = (node: Node | null): number | undefined => node?.range?.[0];

function childOf(node: Node | null, step: string | number): [Node | null, Node | null] {
  if (isSeq<Node>(node)) return [null, node.items[Number(step)] ?? null];
  if (!isMap<Node, Node | null>(node)) return [null, null];
  const named = ({ key }: Pair<Node, Node | null>) => isScalar(key) && String(key.value) === String(step);
  const pair = node.items.find(named);
  return [pair?.key ?? null, pair?.value ?? null];
}

/** The step a node on the way down stands for, given those that follow it. */
const stepFrom = (node: unknown, i: number, way: readonly unknown[]): Path => {
  if (isPair(node)) return isScalar(node.key) ? [String(node.key.value)] : [];
  return isSeq(node) ? [node.items.indexOf(way[i + 1])] : [];
};
