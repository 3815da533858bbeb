// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Provider } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { made } from './app.made.ts';
import { Config } from './config.ts';
import { Database } from './database/engine/database.ts';
import { Registers } from './database/registers.ts';
import { StaffBook } from './database/staff/staff-book.ts';
import { Tickets } from './database/reception/tickets.ts';
import { Issuer } from './front-desk/issuer.ts';
import { RoomDesk } from './front-desk/rooms/room-desk.ts';
import { LiveGate } from './http/live/live-gate.ts';
import { Log } from './http/logging.ts';
import { isUnavailable } from './http/unavailable.ts';
import { LiveServer } from './live/live-server.ts';
import { SocketHints } from './live/socket-hints.ts';
import { Clock } from './time/clock.ts';
import { Hints } from './waiting-room/hints.ts';

/** What open pages hear, and who may. */
export const LIVE: Provider[] = [
  {
    provide: LiveServer,
    inject: [Config, Clock, Log],
    useFactory: ({ redisUrl }: Config, clock: Clock, log: Log) => new LiveServer(redisUrl, clock, tellIn(log)),
  },
  { provide: Hints, inject: [LiveServer], useFactory: (live: LiveServer) => new SocketHints(live) },
  made(Tickets, Database),
  {
    provide: RoomDesk,
    inject: [Tickets, Registers, StaffBook, Issuer, Config],
    useFactory: (tickets: Tickets, registers: Registers, staff: StaffBook, issuer: Issuer, { video }: Config) =>
      new RoomDesk(tickets, registers, staff, issuer, video),
  },
];

const tellIn =
  (log: Log) =>
  (event: string, fault?: unknown): void => {
    if (fault === undefined || isUnavailable(fault)) log.warn(event);
    else log.fault(event, fault);
  };

/** Takes live connections on the port of the pages, until the server is asked to stop: an open one would keep it from ending. */
export function openLive(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  const live = app.get(LiveServer);
  live.open(fastify.server, app.get(LiveGate));
  fastify.addHook('preClose', (done) => {
    live.close();
    done();
  });
}
