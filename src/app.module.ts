// SPDX-License-Identifier: AGPL-3.0-or-later
import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Chance } from './bookings/chance.ts';
import { Tokens } from './bookings/token.ts';
import { Config } from './config.ts';
import { Courier } from './courier/courier.ts';
import { Authorities } from './database/authorities.ts';
import { Database } from './database/database.ts';
import { Drafts } from './database/drafts.ts';
import { Registers } from './database/registers.ts';
import { BookingDesk } from './front-desk/booking-desk.ts';
import { ChangeDesk } from './front-desk/change-desk.ts';
import { HoldDesk } from './front-desk/hold-desk.ts';
import { Issuer } from './front-desk/issuer.ts';
import { Rules } from './front-desk/rules.ts';
import { Timetable } from './front-desk/timetable.ts';
import { API_CONTROLLERS } from './http/api/api.ts';
import { ApiDescription } from './http/api/openapi.ts';
import { Addresses } from './http/addresses.ts';
import { AuthorityByHost } from './http/authority-at-host.ts';
import { AppointmentController } from './http/citizen/appointment.controller.ts';
import { Appointments } from './http/citizen/appointments.ts';
import { ChoosingController } from './http/citizen/choosing.controller.ts';
import { FormMemory } from './http/citizen/draft.ts';
import { FormController } from './http/citizen/form.controller.ts';
import { FormDesk } from './http/citizen/form-desk.ts';
import { FormSteps } from './http/citizen/form-steps.ts';
import { HallController } from './http/citizen/hall.controller.ts';
import { MeetingController } from './http/citizen/meeting.controller.ts';
import { MoveController } from './http/citizen/move.controller.ts';
import { NoticesController } from './http/citizen/notices.controller.ts';
import { SummaryController } from './http/citizen/summary.controller.ts';
import { HealthController } from './http/health.controller.ts';
import { InviteFile } from './http/invite-file.ts';
import { Log } from './http/logging.ts';
import { Metrics } from './http/metrics.ts';
import { Pages } from './http/page.ts';
import { RateLimits } from './http/rate-limits.ts';
import { RefusalFilter } from './http/refusal-filter.ts';
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

const controllers = [
  ...API_CONTROLLERS,
  HallController,
  ChoosingController,
  FormController,
  SummaryController,
  AppointmentController,
  MoveController,
  MeetingController,
  NoticesController,
  HealthController,
];

/** A provider made by its constructor, from these. */
const made = <T>(provide: new (...args: never[]) => T, ...inject: unknown[]): Provider => ({
  provide,
  inject: inject as never[],
  useFactory: (...args: never[]) => new provide(...args),
});

const desks: Provider[] = [
  made(Registers, Database),
  { provide: Authorities, inject: [Registers], useFactory: ({ authorities }: Registers) => authorities },
  made(Drafts, Database, Clock),
  made(Issuer, Clock, Chance, Tokens),
  made(Timetable, Registers, Clock),
  made(Rules, Timetable),
  made(HoldDesk, Registers, Rules, Issuer),
  made(BookingDesk, Registers, HoldDesk, Rules, Issuer),
  made(ChangeDesk, Registers, Rules, Issuer),
];

const doors: Provider[] = [
  Addresses,
  ApiDescription,
  Appointments,
  AuthorityByHost,
  FormMemory,
  FormDesk,
  FormSteps,
  InviteFile,
  Metrics,
  Pages,
  RefusalFilter,
  made(RateLimits, Clock),
];

/** The one composition root. */
@Module({})
export class AppModule {
  static on({ config, clock, chance, database, mailer, log }: Ground): DynamicModule {
    const values: Provider[] = [
      { provide: Config, useValue: config },
      { provide: Clock, useValue: clock },
      { provide: Chance, useValue: chance },
      { provide: Database, useValue: database },
      { provide: Mailer, useValue: mailer },
      { provide: Log, useValue: log },
      { provide: Tokens, useValue: new Tokens(config.tokenSecret) },
    ];
    const courier: Provider = {
      provide: Courier,
      inject: [Registers, Tokens],
      useFactory: (registers: Registers, tokens: Tokens) =>
        new Courier(
          registers,
          { writer: new LetterWriter(), mailer, tokens, publicUrl: config.publicUrl },
          clock,
          (event, about, fault) => (fault === undefined ? log.warn(event, about) : log.fault(event, fault, about)),
        ),
    };
    const orm = TypeOrmModule.forRootAsync({
      useFactory: () => ({ ...database.writer.options, retryAttempts: 0 }),
      dataSourceFactory: () => Promise.resolve(database.writer),
    });
    return { module: AppModule, imports: [orm], controllers, providers: [...values, ...desks, ...doors, courier] };
  }
}
