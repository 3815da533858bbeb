// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Provider } from '@nestjs/common';
import { made } from './app.made.ts';
import { Chance } from './bookings/chance.ts';
import { Tokens } from './bookings/token.ts';
import { Config } from './config.ts';
import { AccessLog } from './database/staff/access-log.ts';
import { Authorities } from './database/authorities.ts';
import { Database } from './database/engine/database.ts';
import { Diary } from './database/diary.ts';
import { Drafts } from './database/drafts.ts';
import { Feeds } from './database/calendar/feeds.ts';
import { Registers } from './database/registers.ts';
import { Sessions } from './database/staff/sessions.ts';
import { StaffBook } from './database/staff/staff-book.ts';
import { Agenda } from './front-desk/agenda.ts';
import { AnswerDeadlines } from './front-desk/answer-deadlines.ts';
import { BookingDesk } from './front-desk/booking-desk.ts';
import { ChangeDesk } from './front-desk/change-desk.ts';
import { FeedDesk } from './front-desk/feed-desk.ts';
import { Forgetting } from './front-desk/forgetting.ts';
import { HoldDesk } from './front-desk/hold-desk.ts';
import { HoursDesk } from './front-desk/hours/hours-desk.ts';
import { Issuer } from './front-desk/issuer.ts';
import { PostDesk } from './front-desk/post/post-desk.ts';
import { ReplyDesk } from './front-desk/post/reply-desk.ts';
import { Doors } from './front-desk/reception/doors.ts';
import { OpeningDesk } from './front-desk/reception/opening-desk.ts';
import { OwnAbsence } from './front-desk/reception/own-absence.ts';
import { ReceptionHours } from './front-desk/reception/reception-hours.ts';
import { WaitingDesk } from './front-desk/reception/waiting-desk.ts';
import { Rules } from './front-desk/rules.ts';
import { Entrance } from './front-desk/staff/entrance.ts';
import { OpenIdEntrance } from './front-desk/staff/open-id-entrance.ts';
import { StaffDesk } from './front-desk/staff/staff-desk.ts';
import { Timetable } from './front-desk/timetable.ts';
import { Clock } from './time/clock.ts';
import { Hints } from './waiting-room/hints.ts';

const BOOKS: Provider[] = [
  made(Registers, Database),
  { provide: Authorities, inject: [Registers], useFactory: ({ authorities }: Registers) => authorities },
  made(Drafts, Database, Clock),
  made(StaffBook, Database),
  made(Sessions, Database),
  made(Diary, Database),
  made(Feeds, Database),
  {
    provide: AccessLog,
    inject: [Database, Clock, Config],
    useFactory: (database: Database, clock: Clock, { tokenSecret }: Config) =>
      new AccessLog(database, clock, tokenSecret),
  },
];

const FOR_CITIZENS: Provider[] = [
  made(Issuer, Clock, Chance, Tokens),
  made(Timetable, Registers, Clock),
  made(Rules, Timetable),
  made(HoldDesk, Registers, Rules, Issuer),
  made(BookingDesk, Registers, HoldDesk, Rules, Issuer),
  made(ChangeDesk, Registers, Rules, Issuer),
  made(ReplyDesk, Registers, ChangeDesk, Issuer),
  made(PostDesk, Registers, ReplyDesk, Issuer),
  made(AnswerDeadlines, Registers, ChangeDesk),
  made(Forgetting, Registers, AccessLog, Issuer),
];

const FOR_STAFF: Provider[] = [
  {
    provide: Entrance,
    inject: [StaffBook, Sessions, AccessLog, Clock, Chance, Config],
    useFactory: (staff: StaffBook, sessions: Sessions, log: AccessLog, clock: Clock, chance: Chance, config: Config) =>
      new Entrance(staff, sessions, log, clock, chance, config.sessionSecret, config.rateLimits),
  },
  made(OpenIdEntrance, StaffBook, Sessions, Entrance, Issuer),
  made(StaffDesk, StaffBook, Sessions, AccessLog, Issuer, Chance),
  made(Agenda, Registers, Diary, Timetable),
  made(HoursDesk, Registers, ChangeDesk, Rules, Issuer),
  made(FeedDesk, Feeds, Issuer),
];

const AT_THE_DOORS: Provider[] = [
  made(ReceptionHours, Clock),
  made(Doors, Registers, ReceptionHours, Issuer, Hints),
  made(WaitingDesk, Registers, Doors, Issuer, Hints),
  made(OpeningDesk, Registers, ReceptionHours, ChangeDesk, Issuer, Hints),
  made(OwnAbsence, Registers, Clock, Hints),
];

/** The books, and the desks that write in them. */
export const DESKS: Provider[] = [...BOOKS, ...FOR_CITIZENS, ...FOR_STAFF, ...AT_THE_DOORS];
