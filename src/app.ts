// SPDX-License-Identifier: AGPL-3.0-or-later
import { readFile } from 'node:fs/promises';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { openLive } from './app.live.ts';
import { AppModule, type Ground } from './app.module.ts';
import { startRounds } from './app.rounds.ts';
import { SystemChance, type Chance } from './bookings/chance.ts';
import type { Config } from './config.ts';
import { ConfigError } from './config/environment.ts';
import { Authorities } from './database/authorities.ts';
import { Database } from './database/engine/database.ts';
import { importAuthority } from './front-desk/import-authority.ts';
import { openApi } from './http/api/api.ts';
import { requestPipe } from './http/api/invalid-request.ts';
import { serveAssets } from './http/assets.ts';
import { refuseOtherBodies } from './http/body-types.ts';
import { FORMS_UNDER_A_TOKEN } from './http/citizen/appointments.ts';
import { FORMS_OF_A_MEETING } from './http/citizen/meeting/meetings.ts';
import { Log, logRequests, NestLog } from './http/logging.ts';
import { Metrics } from './http/metrics.ts';
import { Patience } from './http/patience.ts';
import { limitRates, RateLimits } from './http/rate-limits.ts';
import { RefusalFilter } from './http/refusal-filter.ts';
import { securityHeaders } from './http/security-headers.ts';
import { serverOf } from './http/server.ts';
import { FolderMailer } from './mail/folder-mailer.ts';
import type { Mailer } from './mail/mailer.ts';
import { SmtpMailer } from './mail/smtp-mailer.ts';
import { SystemClock, type Clock } from './time/clock.ts';

export interface Ports {
  readonly clock?: Clock;
  readonly chance?: Chance;
}

/** The whole house, ready to listen. @throws Error when the database or the mail set-up cannot be used. */
export async function createApp(config: Config, ports: Ports = {}): Promise<NestFastifyApplication> {
  const clock = ports.clock ?? new SystemClock(config.clockStart);
  const chance = ports.chance ?? new SystemChance();
  const mailer = await mailerOf(config);
  const database = await Database.open(config.databaseUrl, clock, chance);
  await importFirst(config, new Authorities(database));
  return furnish({ config, clock, chance, database, mailer, log: new Log(config.production) });
}

async function furnish(ground: Ground): Promise<NestFastifyApplication> {
  const { config, chance, database, log } = ground;
  const server = serverOf(config, chance);
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.on(ground), server, {
    logger: new NestLog(log),
    abortOnError: false,
  });
  const fastify = server.getInstance();
  logRequests(fastify, log);
  app.get(Metrics).watch(fastify);
  if (config.rateLimits) limitRates(fastify, app.get(RateLimits));
  refuseOtherBodies(fastify);
  app.useSecurityHeaders(securityHeaders(config.publicUrl));
  app.enableCsrfProtection({ exclude: [...FORMS_UNDER_A_TOKEN, ...FORMS_OF_A_MEETING] });
  app.useGlobalPipes(requestPipe());
  app.useGlobalFilters(app.get(RefusalFilter));
  app.useGlobalInterceptors(new Patience());
  await serveAssets(fastify);
  openApi(app);
  openLive(app);
  const stopRounds = startRounds(app, ground);
  fastify.addHook('onClose', async () => {
    await stopRounds();
    await database.close();
  });
  return app.enableShutdownHooks();
}

async function mailerOf({ smtpUrl, dkim, mailDir }: Config): Promise<Mailer> {
  if (!smtpUrl) return new FolderMailer(mailDir);
  const mailer = new SmtpMailer(smtpUrl, dkim);
  await mailer.verifyDkim();
  return mailer;
}

/** A new house has somebody in it: the authority file is imported when the database is empty. */
async function importFirst({ authorityFile }: Config, authorities: Authorities): Promise<void> {
  if ((await authorities.all()).length > 0) return;
  const text = await readFile(authorityFile, 'utf8').catch(({ code }: NodeJS.ErrnoException) => {
    throw new ConfigError(`AUTHORITY_FILE cannot be read: ${authorityFile} (${code})`);
  });
  await importAuthority(authorities, text);
}
