// SPDX-License-Identifier: AGPL-3.0-or-later
import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DESKS } from './app.desks.ts';
import { GOOGLE } from './app.google.ts';
import { RINGS } from './app.rings.ts';
import { LIVE } from './app.live.ts';
import { VIDEO } from './app.video.ts';
import { Chance } from './bookings/chance.ts';
import { Tokens } from './bookings/token.ts';
import { Config } from './config.ts';
import { Courier } from './courier/courier.ts';
import { EventCourier } from './courier/event-courier.ts';
import { RoomCourier } from './courier/room-courier.ts';
import { Database } from './database/engine/database.ts';
import { Registers } from './database/registers.ts';
import { DOOR_PARTS, DOORS } from './http/doors.ts';
import { Log } from './http/logging.ts';
import { LetterWriter } from './mail/letter-writer.ts';
import { Mailer } from './mail/mailer.ts';
import { Clock } from './time/clock.ts';

/** What stands before the house is built: the environment, time, chance, the open database, who carries letters. */
export interface Ground {
  readonly config: Config;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly database: Database;
  readonly mailer: Mailer;
  readonly log: Log;
}

/** The one composition root. */
@Module({})
export class AppModule {
  static on(ground: Ground): DynamicModule {
    const { writer } = ground.database;
    const orm = TypeOrmModule.forRootAsync({
      useFactory: () => ({ ...writer.options, retryAttempts: 0 }),
      dataSourceFactory: () => Promise.resolve(writer),
    });
    return {
      module: AppModule,
      imports: [orm],
      controllers: DOORS,
      providers: [
        ...standing(ground),
        ...DESKS,
        ...GOOGLE,
        ...VIDEO,
        ...LIVE,
        courierOn(ground),
        ...RINGS,
        ...DOOR_PARTS,
      ],
    };
  }
}

const standing = ({ config, clock, chance, database, mailer, log }: Ground): Provider[] => [
  { provide: Config, useValue: config },
  { provide: Clock, useValue: clock },
  { provide: Chance, useValue: chance },
  { provide: Database, useValue: database },
  { provide: Mailer, useValue: mailer },
  { provide: Log, useValue: log },
  { provide: Tokens, useValue: new Tokens(config.tokenSecret) },
];

const courierOn = ({ config, clock, mailer, log }: Ground): Provider => ({
  provide: Courier,
  inject: [Registers, Tokens, EventCourier, RoomCourier],
  useFactory: (registers: Registers, tokens: Tokens, events: EventCourier, rooms: RoomCourier) => {
    const post = { writer: new LetterWriter(), mailer, tokens, publicUrl: config.publicUrl };
    return new Courier(registers, post, clock, log.report, [events, rooms]);
  },
});
