// SPDX-License-Identifier: AGPL-3.0-or-later
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Type } from '@nestjs/common';
import { isApi } from '../asked-path.ts';
import { BookingsController } from './bookings.controller.ts';
import { DocsController } from './docs.controller.ts';
import { HoldsController } from './holds.controller.ts';
import { KnocksController } from './knocks.controller.ts';
import { ApiDescription } from './openapi.ts';
import { OfficesController } from './offices.controller.ts';
import { SlotsController } from './slots.controller.ts';
import { StatusController } from './status.controller.ts';

export const API_CONTROLLERS: Type[] = [
  StatusController,
  OfficesController,
  SlotsController,
  HoldsController,
  BookingsController,
  KnocksController,
  DocsController,
];

/** What the REST doors need of the application besides their controllers; before it listens. */
export function openApi(app: NestFastifyApplication): void {
  app.get(ApiDescription).of(app);
  readJson(app);
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', (request, reply, done) => {
    if (isApi(request)) void reply.header('cache-control', 'no-store');
    done();
  });
}

/** An empty body is no body, also under a content type; everything else is read as Fastify reads it. */
function readJson(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  const parse = fastify.getDefaultJsonParser('error', 'error');
  app.useBodyParser(
    'application/json',
    {},
    (request: unknown, body: Buffer, done: (e: Error | null, b?: unknown) => void) => {
      if (!body.length) done(null, undefined);
      else void parse(request as never, body.toString('utf8'), done);
    },
  );
}
