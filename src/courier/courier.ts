// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Tokens } from '../bookings/token.ts';
import type { Outcome } from '../database/outbox.ts';
import type { Registers } from '../database/registers.ts';
import type { OutboxRow } from '../database/rows.ts';
import { Sweeper } from '../database/sweeper.ts';
import { publicUrlOf } from '../offices/public-address.ts';
import type { Letter } from '../mail/letter.ts';
import type { LetterWriter } from '../mail/letter-writer.ts';
import { MailFailure } from '../mail/mail-failure.ts';
import type { Mailer } from '../mail/mailer.ts';
import { toMinute, type Clock, type Millis } from '../time/clock.ts';
import { letterOf } from './letter-of.ts';
import { outcomeOf } from './outcome.ts';
import type { Report } from './report.ts';
import { Rounds } from './rounds.ts';

/** What letters are made with and carried by. */
export interface Post {
  readonly writer: LetterWriter;
  readonly mailer: Mailer;
  readonly tokens: Tokens;
  readonly publicUrl: string;
}

/** Carries out something else that the outbox owes. @returns how many were claimed */
export interface Beside {
  carry(): Promise<number>;
}

/** Letters carried at a time: half the connections to the database stay with those who book. */
const BATCH = 8;
const POLL_MS: Millis = 1_000;
const SWEEP_EVERY_MS: Millis = 60_000;
/** How long a stop waits for the letters in hand. */
const STOP_MS: Millis = 4_000;

/** Carries out what the outbox owes, again until done. Several may run: each row is one courier's at a time. */
export class Courier {
  readonly #sweeper: Sweeper;
  readonly #letters: Rounds;
  /** Each of their own: whoever is asked may be slow, or down, and no letter waits for them. */
  readonly #beside: readonly Rounds[];
  #lastSweep: Millis = 0;

  constructor(
    private readonly registers: Registers,
    private readonly post: Post,
    private readonly clock: Clock,
    private readonly report: Report,
    beside: readonly Beside[] = [],
  ) {
    this.#sweeper = new Sweeper(registers.database);
    const failed = (fault: unknown): void => this.report('courier', {}, fault);
    this.#letters = new Rounds(clock, POLL_MS, () => this.#lettersRound(), failed);
    this.#beside = beside.map((each) => new Rounds(clock, POLL_MS, async () => (await each.carry()) > 0, failed));
  }

  start(): void {
    this.registers.onChange(() => this.#rounds.forEach((rounds) => rounds.wake()));
    for (const rounds of this.#rounds) rounds.start();
  }

  /** Finishes what is in hand, but does not wait for a server that does not answer: the leases end by themselves. */
  async stop(): Promise<void> {
    await Promise.all(this.#rounds.map((rounds) => rounds.stop(STOP_MS)));
    await this.post.mailer.close();
  }

  /** Claims letters that are due, commits, and only then sends. @returns how many were claimed. */
  async carryOut(): Promise<number> {
    const rows = await this.registers.outbox.claim(this.clock.now(), BATCH);
    const carried = await Promise.allSettled(rows.map((row) => this.#deliver(row)));
    for (const each of carried) if (each.status === 'rejected') this.report('courier', {}, each.reason);
    return rows.length;
  }

  get #rounds(): readonly Rounds[] {
    return [this.#letters, ...this.#beside];
  }

  async #lettersRound(): Promise<boolean> {
    await this.#sweepNowAndThen();
    return (await this.carryOut()) > 0;
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
