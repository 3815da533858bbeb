// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Provider, Type } from '@nestjs/common';
import { AgendaController } from './agenda/agenda.controller.ts';
import { DecisionsController } from './agenda/decisions.controller.ts';
import { SearchController } from './agenda/search.controller.ts';
import { AnswersController } from './calendars/answers.controller.ts';
import { CalendarsView } from './calendars/calendars-view.ts';
import { CalendarsController } from './calendars/calendars.controller.ts';
import { ConsentController } from './calendars/consent.controller.ts';
import { FeedsController } from './calendars/feeds.controller.ts';
import { EntranceController } from './entrance/entrance.controller.ts';
import { OpenIdController } from './entrance/open-id.controller.ts';
import { OpenId } from './entrance/open-id.ts';
import { PasswordController } from './entrance/password.controller.ts';
import { SignedInByCookie, StaffByCookie } from './entrance/signed-in.ts';
import { Errands } from './entrance/errands.ts';
import { StaffCookie } from './entrance/staff-cookie.ts';
import { ExportController } from './hours/export.controller.ts';
import { HoursDrafts } from './hours/hours-drafts.ts';
import { HoursForms } from './hours/hours-forms.ts';
import { HoursPreviewController } from './hours/hours-preview.controller.ts';
import { HoursPreviews } from './hours/hours-previews.ts';
import { HoursController } from './hours/hours.controller.ts';
import { Looks } from './looks.ts';
import { NewBookingDesk } from './new/new-booking-desk.ts';
import { NewBookingFormController } from './new/new-booking-form.controller.ts';
import { NewBookingMemory } from './new/new-booking-memory.ts';
import { NewBookingPage } from './new/new-booking-page.ts';
import { NewBookingController } from './new/new-booking.controller.ts';
import { SlipController } from './new/slip.controller.ts';
import { PeopleView } from './people/people-view.ts';
import { PeopleController } from './people/people.controller.ts';
import { RegisterController } from './register/register.controller.ts';
import { ArrivalActsController } from './reception/arrival-acts.controller.ts';
import { PushController } from './reception/push.controller.ts';
import { StaffRoomController } from './reception/room.controller.ts';
import { WaitingActs } from './reception/waiting-acts.ts';
import { WaitingController } from './reception/waiting.controller.ts';
import { WaitingView } from './reception/waiting-view.ts';
import { MoveChoice } from './sheet/move-choice.ts';
import { SheetMoveController } from './sheet/sheet-move.controller.ts';
import { SheetController } from './sheet/sheet.controller.ts';
import { Sheets } from './sheet/sheets.ts';
import { StaffPages } from './staff-pages.ts';

export const STAFF_CONTROLLERS: Type[] = [
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
  ConsentController,
  CalendarsController,
  FeedsController,
  AnswersController,
  PushController,
  WaitingController,
  ArrivalActsController,
  StaffRoomController,
];

export const STAFF_PARTS: Provider[] = [
  CalendarsView,
  Errands,
  HoursDrafts,
  HoursForms,
  HoursPreviews,
  Looks,
  MoveChoice,
  NewBookingDesk,
  NewBookingMemory,
  NewBookingPage,
  OpenId,
  PeopleView,
  Sheets,
  SignedInByCookie,
  StaffByCookie,
  StaffCookie,
  StaffPages,
  WaitingActs,
  WaitingView,
];
