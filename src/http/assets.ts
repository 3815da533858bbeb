// SPDX-License-Identifier: AGPL-3.0-or-later
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import compress from '@fastify/compress';
import serve from '@fastify/static';
import type { FastifyInstance } from 'fastify';

const PUBLIC = resolve('dist/public');

/** Changes when any file we serve changes: part of each file's address, so that it may be cached for ever. */
export function assetsVersion(): string {
  const hash = createHash('sha256');
  for (const file of globSync('**/*.{css,js,svg,woff2}', { cwd: PUBLIC }).sort())
    hash.update(file).update(readFileSync(join(PUBLIC, file)));
  return hash.digest('hex').slice(0, 10);
}

/**
 * A file whose address says its version is kept for ever. A script that another script imports is named without one, so
 * it is asked for again, and answered 304 while it is the same.
 */
function askAgainWithoutVersion(fastify: FastifyInstance): void {
  fastify.addHook('onSend', (request, reply, _payload, done) => {
    if (/^\/assets\/[^?]*\.js$/.test(request.url)) void reply.header('cache-control', 'no-cache');
    done();
  });
}

/** Serves style, script, fonts and icons under `/assets`, compressed when they were built, and compresses the pages. */
export async function serveAssets(fastify: FastifyInstance): Promise<void> {
  if (!existsSync(PUBLIC)) throw new Error(`${PUBLIC} is missing: run node scripts/build.mjs`);
  await fastify.register(compress, {
    encodings: ['br', 'gzip'],
    customTypes: /^text\/html/,
    threshold: 1024,
    globalDecompression: false,
  });
  askAgainWithoutVersion(fastify);
  await fastify.register(serve, {
    root: PUBLIC,
    prefix: '/assets/',
    preCompressed: true,
    index: false,
    immutable: true,
    maxAge: '365d',
  });
}
