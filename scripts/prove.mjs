// SPDX-License-Identifier: AGPL-3.0-or-later
// `npm run prove`: the long proofs, test/**/*.prove.ts, one after the other, and a table of what they showed.
// Each bounds itself with jest's timeout. Arguments go to jest.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'sportello-prove-'));
const report = join(folder, 'report.json');
const jest = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];
const options = ['--testMatch', '**/test/**/*.prove.ts', '--runInBand', '--json', '--outputFile', report];

const { status } = spawnSync(process.execPath, [...jest, ...options, ...process.argv.slice(2)], {
  cwd: ROOT,
  stdio: ['inherit', 'ignore', 'inherit'],
  env: { ...process.env, BUILT: '1', PROVE: '1' },
});

const { testResults } = JSON.parse(readFileSync(report, 'utf8'));
rmSync(folder, { recursive: true });
console.table(
  testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map((proof) => ({
      file: relative(join(ROOT, 'test'), name),
      proof: proof.fullName,
      result: proof.status,
      seconds: Number(((proof.duration ?? 0) / 1000).toFixed(1)),
    })),
  ),
);
process.exit(status ?? 1);
