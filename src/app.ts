// SPDX-License-Identifier: AGPL-3.0-or-later
import { readFile } from 'node:fs/promises';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule, type Ground } from './app.module.ts';
import { SystemChance, type Chance } from './bookings/chance.ts';
import { ConfigError, type Config } from './config.ts';
import { Courier } from './courier/courier.ts';
import { Rounds } from './courier/rounds.ts';
import { Authorities } from './database/authorities.ts';
import { Database } from './database/database.ts';
import { AnswerDeadlines } from './front-desk/answer-deadlines.ts';
import { CalendarChannels } from './front-desk/calendar-channels.ts';
import { CalendarLinksDesk } from './front-desk/calendar-links-desk.ts';
import { importAuthority } from './front-desk/import-authority.ts';
import { PostDesk } from './front-desk/post-desk.ts';
import { openApi } from './http/api/api.ts';
import { requestPipe } from './http/api/invalid-request.ts';
import { serveAssets } from './http/assets.ts';
import { refuseOtherBodies } from './http/body-types.ts';
import { FORMS_UNDER_A_TOKEN } from './http/citizen/appointments.ts';
import { Log, logRequests, NestLog } from './http/logging.ts';
import { Metrics } from './http/metrics.ts';
import { Patience } from './http/patience.ts';
import { unreadableAddress } from './http/problem-answer.ts';
import { limitRates, RateLimits } from './http/rate-limits.ts';
import { RefusalFilter } from './http/refusal-filter.ts';
import { securityHeaders } from './http/security-headers.ts';
import { FolderMailer } from './mail/folder-mailer.ts';
import { ImapInbox } from './mail/incoming/imap-inbox.ts';
import type { Mailer } from './mail/mailer.ts';
import { SmtpMailer } from './mail/smtp-mailer.ts';
import { SystemClock, type Clock } from './time/clock.ts';

const LARGEST_BODY = 1_048_576;
/** Whoever sends a body drop by drop keeps a connection no longer. */
const LONGEST_REQUEST_MS = 60_000;
const DEADLINES_EVERY_MS = 60_000;
const LOOKS_EVERY_MS = 2_000;
const CHANNELS_EVERY_MS = 5 * 60_000;
/** How long a stop waits for what is in hand. */
const STOP_MS = 4_000;
/** Whose word about the client's address is taken: a proxy on this machine or in its private network. */
const PROXIES = ['loopback', 'linklocal', 'uniquelocal'];

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
  const { config, database, log, chance } = ground;
  const adapter = new FastifyAdapter({
    bodyLimit: LARGEST_BODY,
    trustProxy: PROXIES,
    // A connection kept open is answered to the end; new ones are refused by the closed port.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    requestTimeout: LONGEST_REQUEST_MS,
    routerOptions: { ignoreTrailingSlash: true },
    frameworkErrors: unreadableAddress(config.publicUrl),
    genReqId: () => chance.text(12),
  });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.on(ground), adapter, {
    logger: new NestLog(log),
    abortOnError: false,
  });
  const fastify = adapter.getInstance();
  logRequests(fastify, log);
  app.get(Metrics).watch(fastify);
  if (config.rateLimits) limitRates(fastify, app.get(RateLimits));
  refuseOtherBodies(fastify);
  app.useSecurityHeaders(securityHeaders(config.publicUrl));
  app.enableCsrfProtection({ exclude: FORMS_UNDER_A_TOKEN });
  app.useGlobalPipes(requestPipe());
  app.useGlobalFilters(app.get(RefusalFilter));
  app.useGlobalInterceptors(new Patience());
  await serveAssets(fastify);
  openApi(app);
  const courier = app.get(Courier);
  courier.start();
  const deadlines = deadlineRounds(app.get(AnswerDeadlines), ground);
  deadlines.start();
  const calendars = calendarRounds(app.get(CalendarLinksDesk), app.get(CalendarChannels), ground);
  for (const rounds of calendars) rounds.start();
  const inbox = inboxOf(ground);
  const post = app.get(PostDesk);
  inbox?.start((message) => post.take(message));
  fastify.addHook('onClose', async () => {
    await Promise.all([
      courier.stop(),
      deadlines.stop(STOP_MS),
      inbox?.stop(),
      ...calendars.map((c) => c.stop(STOP_MS)),
    ]);
    await database.close();
  });
  return app.enableShutdownHooks();
}

const deadlineRounds = (desk: AnswerDeadlines, { clock, log }: Ground): Rounds =>
  new Rounds(
    clock,
    DEADLINES_EVERY_MS,
    async () => (await desk.expirePending(clock.now())) > 0,
    (fault) => log.fault('deadlines', fault),
  );

/** Of their own, for Google may be slow: a look at the calendars whose time has come, and the channels by which it hastens one. */
function calendarRounds(links: CalendarLinksDesk, channels: CalendarChannels, { clock, log }: Ground): Rounds[] {
  const failed = (fault: unknown): void => log.fault('calendars', fault);
  const renewed = async (): Promise<boolean> => {
    await channels.renewDue();
    return false;
  };
  return [
    new Rounds(clock, LOOKS_EVERY_MS, () => links.round(), failed),
    new Rounds(clock, CHANNELS_EVERY_MS, renewed, failed),
  ];
}

function inboxOf({ config: { imap }, clock, log }: Ground): ImapInbox | undefined {
  if (!imap) return undefined;
  return new ImapInbox(imap.url, imap.authservId, clock, (event, about, fault) =>
    fault === undefined ? log.warn(event, about) : log.fault(event, fault, about),
  );
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
