// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Provider, Type } from '@nestjs/common';
import { Clock } from '../time/clock.ts';
import { Addresses } from './addresses.ts';
import { API_CONTROLLERS } from './api/api.ts';
import { ApiDescription } from './api/openapi.ts';
import { AuthorityByHost } from './authority-at-host.ts';
import { CITIZEN_CONTROLLERS, CITIZEN_PARTS } from './citizen/citizen.ts';
import { FeedController } from './feed.controller.ts';
import { GooglePushController } from './google-push.controller.ts';
import { HealthController } from './health.controller.ts';
import { InviteFile } from './invite-file.ts';
import { LiveGate } from './live/live-gate.ts';
import { TicketsController } from './live/tickets.controller.ts';
import { Metrics } from './metrics.ts';
import { Pages } from './page.ts';
import { RateLimits } from './rate-limits.ts';
import { RefusalFilter } from './refusal-filter.ts';
import { STAFF_CONTROLLERS, STAFF_PARTS } from './staff/staff.ts';

/** Every door of the house; the last three are for machines. */
export const DOORS: Type[] = [
  ...API_CONTROLLERS,
  ...CITIZEN_CONTROLLERS,
  ...STAFF_CONTROLLERS,
  TicketsController,
  GooglePushController,
  FeedController,
  HealthController,
];

export const DOOR_PARTS: Provider[] = [
  ApiDescription,
  ...CITIZEN_PARTS,
  ...STAFF_PARTS,
  Addresses,
  AuthorityByHost,
  InviteFile,
  LiveGate,
  Metrics,
  Pages,
  RefusalFilter,
  { provide: RateLimits, inject: [Clock], useFactory: (clock: Clock) => new RateLimits(clock) },
];
