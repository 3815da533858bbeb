// SPDX-License-Identifier: AGPL-3.0-or-later

/** A key or a position on the way from the top of the file to a value. */
export type Path = readonly (string | number)[];

/** What is wrong at one place of an authority file. Line and column count from 1. */
export interface Problem {
  readonly line: number;
  readonly column: number;
  /** Dotted path, `offices[0].services[1].duration`. */
  readonly field: string;
  /** An English sentence for the person who wrote the file. */
  readonly detail: string;
}

/** The file is refused whole; `problems` names every fault found, in the order of the file. */
export class AuthorityFileError extends Error {
  override readonly name = 'AuthorityFileError';

  constructor(readonly problems: readonly Problem[]) {
    const lines = problems.map((p) => `  line ${p.line}, column ${p.column}, ${p.field}: ${p.detail}`);
    super(`the authority file is refused and nothing was changed:\n${lines.join('\n')}`);
  }
}

export const fieldOf = (path: Path): string =>
  path.map((step, i) => (typeof step === 'number' ? `[${step}]` : i ? `.${step}` : step)).join('') || 'the file';
