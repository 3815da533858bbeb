// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Provider } from '@nestjs/common';
import { Sealed } from './access/sealed.ts';
import { made } from './app.made.ts';
import { Chance } from './bookings/chance.ts';
import { Config } from './config.ts';
import { CalendarDoor } from './courier/calendar-door.ts';
import { EventCarrier } from './courier/event-carrier.ts';
import { EventCourier } from './courier/event-courier.ts';
import { Registers } from './database/registers.ts';
import { CalendarAnswers } from './front-desk/calendar/answers.ts';
import { CalendarDesk } from './front-desk/calendar/calendar-desk.ts';
import { CalendarChannels } from './front-desk/calendar/channels.ts';
import { CalendarLeaving } from './front-desk/calendar/leaving.ts';
import { CalendarLinksDesk } from './front-desk/calendar/links-desk.ts';
import { CalendarRequests } from './front-desk/calendar/requests.ts';
import { ChangeDesk } from './front-desk/change-desk.ts';
import { Issuer } from './front-desk/issuer.ts';
import { AccessTokens } from './google/access-tokens.ts';
import { Consent } from './google/consent.ts';
import { GoogleCalendars } from './google/google-calendars.ts';
import { Log } from './http/logging.ts';
import { Clock } from './time/clock.ts';

/** Google Calendar: what is written there and what is read there. */
export const GOOGLE: Provider[] = [
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
  {
    provide: EventCourier,
    inject: [Registers, EventCarrier, Clock, Chance, Log],
    useFactory: (registers: Registers, carrier: EventCarrier, clock: Clock, chance: Chance, log: Log) =>
      new EventCourier(registers, carrier, clock, chance, log.report),
  },
];
