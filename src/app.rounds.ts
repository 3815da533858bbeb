// SPDX-License-Identifier: AGPL-3.0-or-later
import type { INestApplicationContext } from '@nestjs/common';
import type { Ground } from './app.module.ts';
import { Courier } from './courier/courier.ts';
import { Rounds } from './courier/rounds.ts';
import { AnswerDeadlines } from './front-desk/answer-deadlines.ts';
import { CalendarChannels } from './front-desk/calendar/channels.ts';
import { CalendarLinksDesk } from './front-desk/calendar/links-desk.ts';
import { Forgetting } from './front-desk/forgetting.ts';
import { PostDesk } from './front-desk/post/post-desk.ts';
import { ImapInbox } from './mail/incoming/imap-inbox.ts';

const DEADLINES_EVERY_MS = 60_000;
const LOOKS_EVERY_MS = 2_000;
const CHANNELS_EVERY_MS = 5 * 60_000;
const FORGETTING_EVERY_MS = 3_600_000;
/** How long a stop waits for what is in hand. */
const STOP_MS = 4_000;

/**
 * Starts what goes on without anybody asking: the courier, the deadlines, the forgetting, the calendars, the mailbox.
 * @returns what stops it all, once what is in hand is done
 */
export function startRounds(app: INestApplicationContext, ground: Ground): () => Promise<void> {
  const courier = app.get(Courier);
  const rounds = [
    deadlineRounds(app.get(AnswerDeadlines), ground),
    forgettingRounds(app.get(Forgetting), ground),
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

const deadlineRounds = (desk: AnswerDeadlines, { clock, log }: Ground): Rounds =>
  new Rounds(
    clock,
    DEADLINES_EVERY_MS,
    async () => (await desk.expirePending(clock.now())) > 0,
    (fault) => log.fault('deadlines', fault),
  );

/** It works at night; by day each round only looks at the clock. */
const forgettingRounds = (forgetting: Forgetting, { clock, log }: Ground): Rounds =>
  new Rounds(
    clock,
    FORGETTING_EVERY_MS,
    () => forgetting.round(),
    (fault) => log.fault('forgetting', fault),
  );

/** Of their own, for Google may be slow: a look at the calendars whose time has come, and the channels by which it hastens one. */
function calendarRounds(links: CalendarLinksDesk, channels: CalendarChannels, { clock, log }: Ground): Rounds[] {
  const failed = (fault: unknown): void => log.fault('calendars', fault);
  const renewed = async (): Promise<boolean> => {
    await channels.renewDue();
    return false;
  };
  return [
    new Rounds(clock, LOOKS_EVERY_MS, () => links.round(), failed),
    new Rounds(clock, CHANNELS_EVERY_MS, renewed, failed),
  ];
}

function inboxOf({ config: { imap }, clock, log }: Ground): ImapInbox | undefined {
  if (!imap) return undefined;
  return new ImapInbox(imap.url, imap.authservId, clock, (event, about, fault) =>
    fault === undefined ? log.warn(event, about) : log.fault(event, fault, about),
  );
}
