// SPDX-License-Identifier: AGPL-3.0-or-later

/** What was measured, beside its own raw limit in the same run. */
export interface Line {
  readonly what: string;
  /** `SQLite`, `MariaDB`, or nothing where no database is asked. */
  readonly engine?: string;
  readonly ours: string;
  readonly limit: string;
  /** The share of the raw limit that is reached; `growth` is no share but a factor. */
  readonly ratio: string;
  /** What the figure should be, as text, and whether it is. */
  readonly wanted?: { readonly figure: string; readonly reached: boolean };
}

export const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;
export const times = (factor: number): string => `× ${factor.toFixed(2)}`;
export const perSecond = (rate: number): string => `${rate.toFixed(0)}/s`;
export const micros = (us: number): string => `${us < 10 ? us.toFixed(1) : us.toFixed(0)} µs`;
export const millis = (ms: number): string => `${ms.toFixed(ms < 10 ? 2 : 0)} ms`;

const HEADINGS = ['', 'engine', 'ratio', 'wanted', 'ours', 'raw limit'];

/** Ratios first; the absolute times, which move with the machine, stand behind them in grey. */
export function tableOf(lines: readonly Line[]): string {
  const rows = lines.map((line) => [
    line.what,
    line.engine ?? '',
    line.ratio,
    line.wanted ? `${line.wanted.figure} ${line.wanted.reached ? 'yes' : 'NO'}` : '',
    line.ours,
    line.limit,
  ]);
  const widths = HEADINGS.map((_, i) => Math.max(...[HEADINGS, ...rows].map((row) => row[i]!.length)));
  return [HEADINGS, ...rows].map((row) => written(row, widths)).join('\n');
}

function written(row: readonly string[], widths: readonly number[]): string {
  const cells = row.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)));
  const [ratios, absolutes] = [cells.slice(0, 4).join('  '), cells.slice(4).join('  ')];
  return process.stdout.isTTY ? `${ratios}  \u001b[90m${absolutes}\u001b[0m` : `${ratios}  ${absolutes}`;
}
