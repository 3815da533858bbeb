// SPDX-License-Identifier: AGPL-3.0-or-later
import { readFileSync } from 'node:fs';
import { Controller, Get, Header, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { say } from './child.ts';

/** The raw limit of `GET /slots`: Nest and Fastify, one route, the same JSON made anew for each answer. */

const answer: unknown = JSON.parse(readFileSync(process.env['ANSWER_FILE']!, 'utf8'));

@Controller('api/v1/slots')
class BareController {
  @Get()
  @Header('content-type', 'application/json; charset=utf-8')
  read(): string {
    return JSON.stringify(answer);
  }
}

@Module({ controllers: [BareController] })
class BareModule {}

const app = await NestFactory.create<NestFastifyApplication>(BareModule, new FastifyAdapter(), { logger: false });
await app.listen(Number(process.env['PORT']), '127.0.0.1');
process.on('disconnect', () => process.exit());
say({ ready: true });
