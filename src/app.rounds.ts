// SPDX-License-Identifier: AGPL-3.0-or-later
import type { INestApplicationContext } from '@nestjs/common';
import type { Ground } from './app.module.ts';
import { Courier } from './courier/courier.ts';
import { Rings } from './courier/rings.ts';
import { Rounds } from './courier/rounds.ts';
import { AnswerDeadlines } from './front-desk/answer-deadlines.ts';
import { CalendarChannels } from './front-desk/calendar/channels.ts';
import { CalendarLinksDesk } from './front-desk/calendar/links-desk.ts';
import { Forgetting } from './front-desk/forgetting.ts';
import { OwnAbsence } from './front-desk/reception/own-absence.ts';
import { RoomUpkeep } from './front-desk/rooms/room-upkeep.ts';
import { PostDesk } from './front-desk/post/post-desk.ts';
import { ImapInbox } from './mail/incoming/imap-inbox.ts';
import type { Millis } from './time/clock.ts';

const RINGS_EVERY_MS = 1_000;
const DEADLINES_EVERY_MS = 60_000;
const LOOKS_EVERY_MS = 2_000;
const CHANNELS_EVERY_MS = 5 * 60_000;
const ROOMS_EVERY_MS = 60_000;
const FORGETTING_EVERY_MS = 3_600_000;
/** How long a stop waits for what is in hand. */
const STOP_MS = 4_000;

/**
 * Starts what goes on without anybody asking: the courier, the rings, the deadlines, the forgetting, the calendars, the mailbox.
 * @returns what stops it all, once what is in hand is done
 */
export function startRounds(app: INestApplicationContext, ground: Ground): () => Promise<void> {
  const courier = app.get(Courier);
  const rounds = [
    ...ringRounds(app.get(Rings), app.get(OwnAbsence), ground),
    deadlineRounds(app.get(AnswerDeadlines), ground),
    forgettingRounds(app.get(Forgetting), ground),
    roomRounds(app.get(RoomUpkeep), ground),
    ...calendarRounds(app.get(CalendarLinksDesk), app.get(CalendarChannels), ground),
  ];
  const inbox = inboxOf(ground);
  const post = app.get(PostDesk);
  courier.start();
  for (const round of rounds) round.start();
  inbox?.start((message) => post.take(message));
  return async () => {
    await Promise.all([courier.stop(), ...rounds.map((round) => round.stop(STOP_MS)), inbox?.stop()]);
  };
}

/** Again at once while a round says that there is more to do, else after so long. */
const every = (ms: Millis, name: string, { clock, log }: Ground, round: () => Promise<boolean>): Rounds =>
  new Rounds(clock, ms, round, (fault) => log.fault(name, fault));

/** Each of its own: a mail server that says nothing keeps no browser from ringing. After an absence nobody counts as gone. */
function ringRounds(rings: Rings, absence: OwnAbsence, ground: Ground): Rounds[] {
  const after = (ring: () => Promise<boolean>) => async (): Promise<boolean> => {
    await absence.beat();
    return ring();
  };
  return [
    every(
      RINGS_EVERY_MS,
      'rings',
      ground,
      after(() => rings.pushes()),
    ),
    every(
      RINGS_EVERY_MS,
      'rings',
      ground,
      after(() => rings.letters()),
    ),
  ];
}

const deadlineRounds = (desk: AnswerDeadlines, ground: Ground): Rounds =>
  every(DEADLINES_EVERY_MS, 'deadlines', ground, async () => (await desk.expirePending(ground.clock.now())) > 0);

/** It works at night; by day each round only looks at the clock. */
const forgettingRounds = (forgetting: Forgetting, ground: Ground): Rounds =>
  every(FORGETTING_EVERY_MS, 'forgetting', ground, () => forgetting.round());

/** Rooms of the calls to come, wherever the authority file now wants them. */
const roomRounds = (upkeep: RoomUpkeep, ground: Ground): Rounds =>
  every(ROOMS_EVERY_MS, 'rooms', ground, async () => {
    await upkeep.round();
    return false;
  });

/** Of their own, for Google may be slow: a look at the calendars whose time has come, and the channels by which it hastens one. */
function calendarRounds(links: CalendarLinksDesk, channels: CalendarChannels, ground: Ground): Rounds[] {
  const renewed = async (): Promise<boolean> => {
    await channels.renewDue();
    return false;
  };
  return [
    every(LOOKS_EVERY_MS, 'calendars', ground, () => links.round()),
    every(CHANNELS_EVERY_MS, 'calendars', ground, renewed),
  ];
}

function inboxOf({ config: { imap }, clock, log }: Ground): ImapInbox | undefined {
  if (!imap) return undefined;
  return new ImapInbox(imap.url, imap.authservId, clock, log.report);
}
