// SPDX-License-Identifier: AGPL-3.0-or-later
// src → dist, and what browsers fetch → dist/public, compressed beside each file. `--bench` compiles bench/ too.
// Silent when all went well; what did not change is not done again.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const ROOT = resolve(import.meta.dirname, '..');
const PUBLIC = join(ROOT, 'dist/public');
const require = createRequire(import.meta.url);
const BOOTSTRAP = join(dirname(require.resolve('bootstrap-italia/package.json')), 'dist');

/** Source of each file under dist/public: ours, and of others only what our pages ask for. */
function assets() {
  const files = new Map();
  const add = (from, to) => files.set(to, from);
  for (const file of globSync('**/*.*', { cwd: join(ROOT, 'public') })) add(join(ROOT, 'public', file), file);
  add(join(BOOTSTRAP, 'css/bootstrap-italia.min.css'), 'vendor/css/bootstrap-italia.min.css');
  add(join(BOOTSTRAP, 'svg/sprites.svg'), 'vendor/svg/sprites.svg');
  add(
    join(dirname(require.resolve('socket.io-client/package.json')), 'dist/socket.io.esm.min.js'),
    'vendor/js/socket.io.js',
  );
  const fonts = ['Titillium_Web/titillium-web-*-{300,regular,600,700}.woff2', 'Roboto_Mono/*-regular.woff2'];
  const licences = ['Titillium_Web/OFL.txt', 'Roboto_Mono/LICENSE.txt'];
  for (const file of globSync([...fonts, ...licences], { cwd: join(BOOTSTRAP, 'fonts') })) {
    add(join(BOOTSTRAP, 'fonts', file), `vendor/fonts/${file}`);
  }
  return files;
}

const isCompressible = (file) => /\.(css|js|svg|json|txt|ico)$/.test(file);
const expected = (file) => [file, ...(isCompressible(file) ? [`${file}.br`, `${file}.gz`] : [])];

function isFresh(from, to) {
  const made = expected(to).map((name) => statSync(join(PUBLIC, name), { throwIfNoEntry: false }));
  const source = statSync(from);
  return made.every((stat) => stat && stat.mtimeMs >= source.mtimeMs) && made[0].size === source.size;
}

async function publish(from, to) {
  const target = join(PUBLIC, to);
  mkdirSync(dirname(target), { recursive: true });
  if (isCompressible(to)) {
    const bytes = readFileSync(from);
    // 10 and 11 take four times as long on the big style sheet, for a tenth less
    const params = { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
    const [br, gz] = await Promise.all([
      promisify(brotliCompress)(bytes, { params }),
      promisify(gzip)(bytes, { level: 9 }),
    ]);
    writeFileSync(`${target}.br`, br);
    writeFileSync(`${target}.gz`, gz);
  }
  copyFileSync(from, target);
}

async function publishAll() {
  const files = assets();
  const wanted = new Set([...files.keys()].flatMap(expected));
  mkdirSync(PUBLIC, { recursive: true });
  for (const file of globSync('**/*.*', { cwd: PUBLIC })) if (!wanted.has(file)) rmSync(join(PUBLIC, file));
  const stale = [...files].filter(([to, from]) => !isFresh(from, to));
  await Promise.all(stale.map(([to, from]) => publish(from, to)));
}

/** The native compiler: it checks as it compiles, and remembers what it did. */
async function compile(project) {
  const tsc = join(ROOT, 'node_modules/typescript-native/bin/tsc');
  const memory = ['--incremental', '--tsBuildInfoFile', join(ROOT, `dist/${project}.tsbuildinfo`)];
  const child = spawn(process.execPath, [tsc, '-p', join(ROOT, project), ...memory], { stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  if (code !== 0) process.exitCode = 1;
}

const project = process.argv.includes('--bench') ? 'tsconfig.bench.json' : 'tsconfig.build.json';
await Promise.all([compile(project), publishAll()]);
