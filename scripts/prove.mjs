// SPDX-License-Identifier: AGPL-3.0-or-later
// `npm run prove`: the long proofs, test/**/*.prove.ts, one after the other, and a table of what they showed.
// Each bounds itself with jest's timeout. Arguments go to jest.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'sportello-prove-'));
const report = join(folder, 'report.json');
const figures = join(folder, 'figures'); // a line of JSON each: what a proof has counted
const jest = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];
const options = ['--testMatch', '**/test/**/*.prove.ts', '--runInBand', '--json', '--outputFile', report];

const { status } = spawnSync(process.execPath, [...jest, ...options, ...process.argv.slice(2)], {
  cwd: ROOT,
  stdio: ['inherit', 'ignore', 'inherit'],
  env: { ...process.env, BUILT: '1', PROVE: '1', FIGURES: figures },
});

const { testResults } = JSON.parse(readFileSync(report, 'utf8'));
const lines = existsSync(figures) ? readFileSync(figures, 'utf8').trim().split('\n') : [];
const countedBy = new Map(lines.map((line) => JSON.parse(line)).map(({ proof, counted }) => [proof, counted]));
rmSync(folder, { recursive: true });
console.table(
  testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map((proof) => ({
      file: relative(join(ROOT, 'test'), name),
      proof: proof.fullName,
      result: proof.status,
      counted: countedBy.get(proof.fullName) ?? '',
      seconds: Number(((proof.duration ?? 0) / 1000).toFixed(1)),
    })),
  ),
);
process.exit(status ?? 1);
