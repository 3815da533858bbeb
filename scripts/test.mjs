// SPDX-License-Identifier: AGPL-3.0-or-later
// `npm test`: form, lint, types, build, then the tests, each with its seconds; the first failure ends it.
// Arguments go to jest: `npm test -- test/mail`.
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');
const modules = (path) => join(ROOT, 'node_modules', path);
const TSC = modules('typescript-native/bin/tsc');
const OXLINT = modules('oxlint/bin/oxlint');
const JEST = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', modules('jest/bin/jest.js')];

const STEPS = {
  format: [modules('prettier/bin/prettier.cjs'), '--log-level', 'warn', '--check', '.'],
  lint: [OXLINT, '--type-aware', '--deny-warnings', '--quiet'],
  types: [TSC, '-p', ROOT, '--noEmit'],
  build: [join(ROOT, 'scripts/build.mjs')],
  tests: [...JEST, ...process.argv.slice(2)],
};

for (const [name, args] of Object.entries(STEPS)) {
  const start = performance.now();
  const { status } = spawnSync(process.execPath, args, {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, BUILT: '1' },
  });
  const seconds = ((performance.now() - start) / 1000).toFixed(1).padStart(6);
  console.log(`${seconds} s  ${name}${status === 0 ? '' : ' FAILED'}`);
  if (status !== 0) process.exit(status ?? 1);
}
