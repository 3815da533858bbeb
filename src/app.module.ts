// SPDX-License-Identifier: AGPL-3.0-or-later
import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Chance } from './bookings/chance.ts';
import { Tokens } from './bookings/token.ts';
import { Config } from './config.ts';
import { CalendarDoor } from './courier/calendar-door.ts';
import { Courier } from './courier/courier.ts';
import { EventCarrier } from './courier/event-carrier.ts';
import { AccessLog } from './database/access-log.ts';
import { Authorities } from './database/authorities.ts';
import { Database } from './database/database.ts';
import { Diary } from './database/diary.ts';
import { Drafts } from './database/drafts.ts';
import { Feeds } from './database/feeds.ts';
import { Registers } from './database/registers.ts';
import { Sessions } from './database/sessions.ts';
import { StaffBook } from './database/staff-book.ts';
import { AnswerDeadlines } from './front-desk/answer-deadlines.ts';
import { Agenda } from './front-desk/agenda.ts';
import { BookingDesk } from './front-desk/booking-desk.ts';
import { CalendarAnswers } from './front-desk/calendar-answers.ts';
import { CalendarChannels } from './front-desk/calendar-channels.ts';
import { CalendarDesk } from './front-desk/calendar-desk.ts';
import { CalendarLeaving } from './front-desk/calendar-leaving.ts';
import { CalendarLinksDesk } from './front-desk/calendar-links-desk.ts';
import { CalendarRequests } from './front-desk/calendar-requests.ts';
import { ChangeDesk } from './front-desk/change-desk.ts';
import { Entrance } from './front-desk/entrance.ts';
import { FeedDesk } from './front-desk/feed-desk.ts';
import { HoldDesk } from './front-desk/hold-desk.ts';
import { HoursDesk } from './front-desk/hours-desk.ts';
import { Issuer } from './front-desk/issuer.ts';
import { OpenIdEntrance } from './front-desk/open-id-entrance.ts';
import { PostDesk } from './front-desk/post-desk.ts';
import { ReplyDesk } from './front-desk/reply-desk.ts';
import { Rules } from './front-desk/rules.ts';
import { StaffDesk } from './front-desk/staff-desk.ts';
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
import { RestoreController } from './http/citizen/restore.controller.ts';
import { SummaryController } from './http/citizen/summary.controller.ts';
import { GooglePushController } from './http/google-push.controller.ts';
import { FeedController } from './http/feed.controller.ts';
import { HealthController } from './http/health.controller.ts';
import { InviteFile } from './http/invite-file.ts';
import { Log } from './http/logging.ts';
import { Metrics } from './http/metrics.ts';
import { Pages } from './http/page.ts';
import { RateLimits } from './http/rate-limits.ts';
import { RefusalFilter } from './http/refusal-filter.ts';
import { EntranceController } from './http/staff/entrance.controller.ts';
import { NewBookingDesk } from './http/staff/new-booking-desk.ts';
import { NewBookingFormController } from './http/staff/new-booking-form.controller.ts';
import { NewBookingMemory } from './http/staff/new-booking-memory.ts';
import { NewBookingPage } from './http/staff/new-booking-page.ts';
import { NewBookingController } from './http/staff/new-booking.controller.ts';
import { OpenIdController } from './http/staff/open-id.controller.ts';
import { OpenId } from './http/staff/open-id.ts';
import { PasswordController } from './http/staff/password.controller.ts';
import { PeopleController } from './http/staff/people.controller.ts';
import { PeopleView } from './http/staff/people-view.ts';
import { RegisterController } from './http/staff/register.controller.ts';
import { SlipController } from './http/staff/slip.controller.ts';
import { AgendaController } from './http/staff/agenda/agenda.controller.ts';
import { DecisionsController } from './http/staff/agenda/decisions.controller.ts';
import { SearchController } from './http/staff/agenda/search.controller.ts';
import { ExportController } from './http/staff/hours/export.controller.ts';
import { HoursController } from './http/staff/hours/hours.controller.ts';
import { HoursDrafts } from './http/staff/hours/hours-drafts.ts';
import { HoursForms } from './http/staff/hours/hours-forms.ts';
import { HoursPreviewController } from './http/staff/hours/hours-preview.controller.ts';
import { HoursPreviews } from './http/staff/hours/hours-previews.ts';
import { AnswersController } from './http/staff/calendars/answers.controller.ts';
import { CalendarsController } from './http/staff/calendars/calendars.controller.ts';
import { CalendarsView } from './http/staff/calendars/calendars-view.ts';
import { ConsentController } from './http/staff/calendars/consent.controller.ts';
import { FeedsController } from './http/staff/calendars/feeds.controller.ts';
import { Looks } from './http/staff/looks.ts';
import { SignedInByCookie, StaffByCookie } from './http/staff/signed-in.ts';
import { StaffCookie } from './http/staff/staff-cookie.ts';
import { StaffPages } from './http/staff/staff-pages.ts';
import { AccessTokens } from './google/access-tokens.ts';
import { Consent } from './google/consent.ts';
import { GoogleCalendars } from './google/google-calendars.ts';
import { Sealed } from './google/sealed.ts';
import { MoveChoice } from './http/staff/sheet/move-choice.ts';
import { SheetController } from './http/staff/sheet/sheet.controller.ts';
import { SheetMoveController } from './http/staff/sheet/sheet-move.controller.ts';
import { Sheets } from './http/staff/sheet/sheets.ts';
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
  RestoreController,
  MeetingController,
  NoticesController,
  SheetController,
  SheetMoveController,
  EntranceController,
  NewBookingController,
  NewBookingFormController,
  OpenIdController,
  PasswordController,
  PeopleController,
  RegisterController,
  SlipController,
  AgendaController,
  SearchController,
  DecisionsController,
  HoursController,
  HoursPreviewController,
  ExportController,
  GooglePushController,
  FeedController,
  HealthController,
  ConsentController,
  CalendarsController,
  FeedsController,
  AnswersController,
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
  made(StaffBook, Database),
  made(Sessions, Database),
  {
    provide: AccessLog,
    inject: [Database, Clock, Config],
    useFactory: (database: Database, clock: Clock, { tokenSecret }: Config) =>
      new AccessLog(database, clock, tokenSecret),
  },
  {
    provide: Entrance,
    inject: [StaffBook, Sessions, AccessLog, Clock, Chance, Config],
    useFactory: (staff: StaffBook, sessions: Sessions, log: AccessLog, clock: Clock, chance: Chance, config: Config) =>
      new Entrance(staff, sessions, log, clock, chance, config.rateLimits),
  },
  made(Issuer, Clock, Chance, Tokens),
  made(OpenIdEntrance, StaffBook, Sessions, Entrance, Issuer),
  made(StaffDesk, StaffBook, Sessions, AccessLog, Issuer, Chance),
  made(Timetable, Registers, Clock),
  made(Diary, Database),
  made(Agenda, Registers, Diary, Timetable),
  made(Rules, Timetable),
  made(HoldDesk, Registers, Rules, Issuer),
  made(BookingDesk, Registers, HoldDesk, Rules, Issuer),
  made(ChangeDesk, Registers, Rules, Issuer),
  made(HoursDesk, Registers, ChangeDesk, Rules, Issuer),
  made(ReplyDesk, Registers, ChangeDesk, Issuer),
  made(Feeds, Database),
  made(FeedDesk, Feeds, Issuer),
  made(PostDesk, Registers, ReplyDesk, Issuer),
  made(AnswerDeadlines, Registers, ChangeDesk),
];

const google: Provider[] = [
  {
    provide: Sealed,
    inject: [Config, Chance],
    useFactory: ({ sessionSecret }: Config, chance: Chance) => new Sealed(sessionSecret, chance),
  },
  {
    provide: AccessTokens,
    inject: [Config, Sealed, Clock, Registers],
    useFactory: (config: Config, sealed: Sealed, clock: Clock, { calendarLinks }: Registers) =>
      new AccessTokens(config.google, sealed, clock, ({ counter }, token) => calendarLinks.keepToken(counter, token)),
  },
  {
    provide: GoogleCalendars,
    inject: [Config, AccessTokens, Clock],
    useFactory: (config: Config, tokens: AccessTokens, clock: Clock) =>
      new GoogleCalendars(config.google, tokens, clock),
  },
  {
    provide: Consent,
    inject: [Config, AccessTokens, Sealed],
    useFactory: (config: Config, tokens: AccessTokens, sealed: Sealed) => new Consent(config.google, tokens, sealed),
  },
  made(CalendarRequests, Registers, ChangeDesk, Issuer),
  made(CalendarAnswers, Registers, ChangeDesk, CalendarRequests, Issuer),
  {
    provide: CalendarChannels,
    inject: [Registers, GoogleCalendars, Issuer, Config],
    useFactory: (registers: Registers, calendars: GoogleCalendars, issuer: Issuer, { google: { pushUrl } }: Config) =>
      new CalendarChannels(registers, calendars, issuer, pushUrl ?? null),
  },
  made(CalendarLeaving, Registers, CalendarChannels, GoogleCalendars, Consent, Issuer),
  made(CalendarDesk, Registers, CalendarRequests, CalendarLeaving, GoogleCalendars, Issuer, Chance),
  made(CalendarLinksDesk, Registers, CalendarDesk, CalendarLeaving, Issuer),
  {
    provide: EventCarrier,
    inject: [Registers, GoogleCalendars, Config],
    useFactory: (registers: Registers, calendars: GoogleCalendars, { publicUrl }: Config) =>
      new EventCarrier(registers, calendars, new CalendarDoor(registers.calendarLinks), publicUrl),
  },
];

const doors: Provider[] = [
  Addresses,
  ApiDescription,
  Appointments,
  AuthorityByHost,
  CalendarsView,
  FormMemory,
  FormDesk,
  FormSteps,
  HoursDrafts,
  HoursForms,
  HoursPreviews,
  InviteFile,
  Looks,
  Metrics,
  MoveChoice,
  Pages,
  Sheets,
  RefusalFilter,
  NewBookingDesk,
  NewBookingMemory,
  NewBookingPage,
  OpenId,
  PeopleView,
  SignedInByCookie,
  StaffByCookie,
  StaffCookie,
  StaffPages,
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
      inject: [Registers, Tokens, EventCarrier],
      useFactory: (registers: Registers, tokens: Tokens, carrier: EventCarrier) =>
        new Courier(
          registers,
          { writer: new LetterWriter(), mailer, tokens, publicUrl: config.publicUrl },
          clock,
          (event, about, fault) => (fault === undefined ? log.warn(event, about) : log.fault(event, fault, about)),
          { carrier, chance },
        ),
    };
    const orm = TypeOrmModule.forRootAsync({
      useFactory: () => ({ ...database.writer.options, retryAttempts: 0 }),
      dataSourceFactory: () => Promise.resolve(database.writer),
    });
    return {
      module: AppModule,
      imports: [orm],
      controllers,
      providers: [...values, ...desks, ...google, ...doors, courier],
    };
  }
}
