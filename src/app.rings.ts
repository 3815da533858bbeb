// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Provider } from '@nestjs/common';
import { made } from './app.made.ts';
import { Config } from './config.ts';
import { Rings } from './courier/rings.ts';
import { Database } from './database/engine/database.ts';
import { PushSubscriptions } from './database/reception/push-subscriptions.ts';
import { Registers } from './database/registers.ts';
import { Log } from './http/logging.ts';
import { WebPush } from './live/web-push.ts';
import { LetterWriter } from './mail/letter-writer.ts';
import { Mailer } from './mail/mailer.ts';
import { Clock } from './time/clock.ts';

/** What tells the staff of who knocks while nobody looks. */
export const RINGS: Provider[] = [
  made(PushSubscriptions, Database),
  {
    provide: WebPush,
    inject: [Config],
    useFactory: ({ sessionSecret }: Config) => new WebPush(sessionSecret),
  },
  {
    provide: Rings,
    inject: [Registers, PushSubscriptions, WebPush, Mailer, Config, Clock, Log],
    useFactory: (
      registers: Registers,
      subscriptions: PushSubscriptions,
      push: WebPush,
      mailer: Mailer,
      { publicUrl }: Config,
      clock: Clock,
      log: Log,
    ) =>
      new Rings(registers, { subscriptions, push, writer: new LetterWriter(), mailer, publicUrl }, clock, log.report),
  },
];
