// SPDX-License-Identifier: AGPL-3.0-or-later
import { HttpException } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isApi } from './asked-path.ts';

const JSON_TYPE = /^application\/json\s*(;|$)/i;
const FORM_TYPE = /^application\/x-www-form-urlencoded\s*(;|$)/i;
/** Whatever it brings is not read. */
const GOOGLE_NOTICES = '/google/notifiche';
const READING = ['GET', 'HEAD', 'OPTIONS'];

/** The API takes JSON, the pages take forms, neither packed; both take no body at all. Anything else is 415. */
export function refuseOtherBodies(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _reply, done) =>
    done(takesBody(request) ? undefined : new HttpException('unsupported media type', 415)),
  );
  // Google says that its empty notices are JSON, which nothing is not.
  fastify.addHook('preParsing', (request, _reply, payload, done) => {
    if (request.url.startsWith(GOOGLE_NOTICES)) request.headers['content-type'] = 'application/x-www-form-urlencoded';
    done(null, payload);
  });
}

function takesBody(request: FastifyRequest): boolean {
  const { 'content-type': type, 'content-encoding': packing = 'identity' } = request.headers;
  if (
    type === undefined ||
    request.url.startsWith(GOOGLE_NOTICES) ||
    (!isApi(request) && READING.includes(request.method))
  )
    return true;
  return (isApi(request) ? JSON_TYPE : FORM_TYPE).test(type) && packing === 'identity';
}
