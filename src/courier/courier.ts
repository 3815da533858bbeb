// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Chance } from '../bookings/chance.ts';
import type { Tokens } from '../bookings/token.ts';
import type { Outcome } from '../database/outbox.ts';
import type { Registers } from '../database/registers.ts';
import type { OutboxRow } from '../database/rows.ts';
import { Sweeper } from '../database/sweeper.ts';
import { publicUrlOf } from '../offices/public-address.ts';
import type { Letter } from '../mail/letter.ts';
import type { LetterWriter } from '../mail/letter-writer.ts';
import { CalendarFailure } from '../calendars/calendar-failure.ts';
import { MailFailure } from '../mail/mail-failure.ts';
import type { Mailer } from '../mail/mailer.ts';
import { toMinute, type Clock, type Millis } from '../time/clock.ts';
import type { EventCarrier } from './event-carrier.ts';
import { eventOutcome } from './event-outcome.ts';
import { letterOf } from './letter-of.ts';
import { outcomeOf } from './outcome.ts';
import { Rounds } from './rounds.ts';

/** What the courier tells whoever keeps the log; `error` holds codes only. */
export type Report = (
  event: string,
  about: { outbox_id?: string; kind?: string; error?: string },
  fault?: unknown,
) => void;

/** What letters are made with and carried by. */
export interface Post {
  readonly writer: LetterWriter;
  readonly mailer: Mailer;
  readonly tokens: Tokens;
  readonly publicUrl: string;
}

/** Who makes the calendars agree. */
export interface Events {
  readonly carrier: EventCarrier;
  /** Spreads out what is to be tried again. */
  readonly chance: Chance;
}

/** Letters carried at a time: half the connections to the database stay with those who book. */
const BATCH = 8;
/** Events carried at a time: in one calendar they go one after the other, and all must be done before their lease ends. */
const EVENTS_BATCH = 4;
const POLL_MS: Millis = 1_000;
const SWEEP_EVERY_MS: Millis = 60_000;
/** How long a stop waits for the letters in hand. */
const STOP_MS: Millis = 4_000;

/** Carries out what the outbox owes, again until done. Several may run: each row is one courier's at a time. */
export class Courier {
  readonly #sweeper: Sweeper;
  readonly #letters: Rounds;
  /** Rounds of their own: Google may be slow, or down, and no letter waits for it. */
  readonly #events: Rounds;
  #lastSweep: Millis = 0;

  constructor(
    private readonly registers: Registers,
    private readonly post: Post,
    private readonly clock: Clock,
    private readonly report: Report,
    private readonly events?: Events,
  ) {
    this.#sweeper = new Sweeper(registers.database);
    const failed = (fault: unknown): void => this.report('courier', {}, fault);
    this.#letters = new Rounds(clock, POLL_MS, () => this.#lettersRound(), failed);
    this.#events = new Rounds(clock, POLL_MS, async () => (await this.carryEvents()) > 0, failed);
  }

  start(): void {
    this.registers.onChange(() => {
      this.#letters.wake();
      this.#events.wake();
    });
    this.#letters.start();
    if (this.events) this.#events.start();
  }

  /** Finishes what is in hand, but does not wait for a server that does not answer: the leases end by themselves. */
  async stop(): Promise<void> {
    await Promise.all([this.#letters.stop(STOP_MS), this.#events.stop(STOP_MS)]);
    await this.post.mailer.close();
  }

  /** Claims letters that are due, commits, and only then sends. @returns how many were claimed. */
  async carryOut(): Promise<number> {
    const rows = await this.registers.outbox.claim(this.clock.now(), BATCH);
    const carried = await Promise.allSettled(rows.map((row) => this.#deliver(row)));
    for (const each of carried) if (each.status === 'rejected') this.report('courier', {}, each.reason);
    return rows.length;
  }

  /** Claims events that are due, commits, and only then asks Google. @returns how many were claimed. */
  async carryEvents(): Promise<number> {
    const rows = await this.registers.outbox.claim(this.clock.now(), EVENTS_BATCH, 'events');
    const carried = await Promise.allSettled(rows.map((row) => this.#write(row)));
    for (const each of carried) if (each.status === 'rejected') this.report('courier', {}, each.reason);
    return rows.length;
  }

  async #lettersRound(): Promise<boolean> {
    await this.#sweepNowAndThen();
    return (await this.carryOut()) > 0;
  }

  async #write(row: OutboxRow): Promise<void> {
    const outcome = await this.#agree(row);
    if (!(await this.registers.outbox.finish(row, this.clock.now(), outcome))) return;
    const about = { outbox_id: row.id, kind: row.kind, error: outcome.error };
    if (outcome.status === 'dead') this.report('event dead', about, outcome.error);
    if (outcome.status === 'owed' && outcome.error) this.report('event delayed', about);
  }

  async #agree(row: OutboxRow): Promise<Outcome> {
    const { carrier, chance } = this.events!;
    try {
      const again = await carrier.agree(row);
      return again === null ? { status: 'sent' } : { status: 'owed', dueAt: this.clock.now() + again };
    } catch (fault) {
      if (!(fault instanceof CalendarFailure))
        this.report('event not written', { outbox_id: row.id, kind: row.kind }, fault);
      return eventOutcome(fault, row, this.clock.now(), chance);
    }
  }

  async #deliver(row: OutboxRow): Promise<void> {
    const outcome = await this.#send(row);
    if (!(await this.registers.outbox.finish(row, this.clock.now(), outcome))) return;
    const about = { outbox_id: row.id, kind: row.kind, error: outcome.error };
    if (outcome.status === 'dead') this.report('letter dead', about, outcome.error);
    if (outcome.status === 'owed') this.report('letter delayed', about);
  }

  async #send(row: OutboxRow): Promise<Outcome> {
    try {
      const letter = await this.#letterStillOwed(row);
      if (!letter) return { status: 'dropped' };
      await this.post.mailer.send(this.post.writer.write(letter));
      return { status: 'sent' };
    } catch (fault) {
      if (!(fault instanceof MailFailure) || fault.kind === 'configuration')
        this.report('letter not sent', { outbox_id: row.id, kind: row.kind }, fault);
      return outcomeOf(fault, row, this.clock.now());
    }
  }

  /** Null when there is nothing more to say: the booking went on without it, or a later letter says it all. */
  async #letterStillOwed(row: OutboxRow): Promise<Letter | null> {
    const { books, authorities, outbox } = this.registers;
    const now = this.clock.now();
    const [booking, authority] = await Promise.all([books.byId(row.bookingId), authorities.find(row.authorityId)]);
    if (!booking || !authority) return null;
    const overtaken = !booking.isLive || booking.sequence !== row.facts.sequence || booking.start <= toMinute(now);
    if ((row.kind === 'reminder' || row.kind === 'unsure') && overtaken) return null;
    if (row.refused && (await outbox.hasLater(row, now))) return null;
    const base = publicUrlOf(this.post.publicUrl, authority, booking.officeId);
    return letterOf(row, booking, authority, { tokens: this.post.tokens, base });
  }

  async #sweepNowAndThen(): Promise<void> {
    const now = this.clock.now();
    if (now - this.#lastSweep < SWEEP_EVERY_MS) return;
    this.#lastSweep = now;
    await this.#sweeper.sweep(now);
  }
}
