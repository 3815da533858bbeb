// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Provider, Type } from '@nestjs/common';
import { AppointmentController } from './appointment.controller.ts';
import { Appointments } from './appointments.ts';
import { ChoosingController } from './choosing.controller.ts';
import { FormMemory } from './draft.ts';
import { FormDesk } from './form-desk.ts';
import { FormSteps } from './form-steps.ts';
import { FormController } from './form.controller.ts';
import { HallController } from './hall.controller.ts';
import { MeetingController } from './meeting/meeting.controller.ts';
import { MeetingPage } from './meeting/meeting-page.ts';
import { MeetingStepsController } from './meeting/meeting-steps.controller.ts';
import { Meetings } from './meeting/meetings.ts';
import { RoomController } from './meeting/room.controller.ts';
import { MoveController } from './move.controller.ts';
import { NoticesController } from './notices.controller.ts';
import { BadgeController } from './reception/badge.controller.ts';
import { DoorsController } from './reception/doors.controller.ts';
import { KnockController } from './reception/knock.controller.ts';
import { RestoreController } from './restore.controller.ts';
import { SummaryController } from './summary.controller.ts';

export const CITIZEN_CONTROLLERS: Type[] = [
  HallController,
  ChoosingController,
  FormController,
  SummaryController,
  AppointmentController,
  MoveController,
  RestoreController,
  MeetingController,
  MeetingStepsController,
  RoomController,
  DoorsController,
  BadgeController,
  KnockController,
  NoticesController,
];

export const CITIZEN_PARTS: Provider[] = [Appointments, FormMemory, FormDesk, FormSteps, Meetings, MeetingPage];
