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

/** Letters carried at a time: half the connections to the database stay with those who book. */
const BATCH = 8;
const POLL_MS: Millis = 1_000;
/** Given as the reason: without one each booking would make an exception, stack and all, that nobody looks at. */
const WOKEN = 'woken';
const SWEEP_EVERY_MS: Millis = 60_000;
/** How long a stop waits for the letters in hand. */
const STOP_MS: Millis = 4_000;

/** Carries out what the outbox owes, again until done. Several may run: each row is one courier's at a time. */
export class Courier {
  readonly #sweeper: Sweeper;
  #lastSweep: Millis = 0;
  #stopped = false;
  #wake = new AbortController();
  #round: Promise<void> = Promise.resolve();

  constructor(
    private readonly registers: Registers,
    private readonly post: Post,
    private readonly clock: Clock,
    private readonly report: Report,
  ) {
    this.#sweeper = new Sweeper(registers.database);
  }

  start(): void {
    this.registers.onChange(() => this.#wake.abort(WOKEN));
    this.#round = this.#rounds();
  }

  /** Finishes the letters in hand, but does not wait for a mail server that does not answer: their leases end by themselves. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wake.abort(WOKEN);
    const finished = new AbortController();
    const late = this.clock.sleep(STOP_MS, finished.signal).catch(() => undefined);
    await Promise.race([this.#round, late]);
    finished.abort();
    await this.post.mailer.close();
  }

  /** Claims letters that are due, commits, and only then sends. @returns how many were claimed. */
  async carryOut(): Promise<number> {
    const rows = await this.registers.outbox.claim(this.clock.now(), BATCH);
    const carried = await Promise.allSettled(rows.map((row) => this.#deliver(row)));
    for (const each of carried) if (each.status === 'rejected') this.report('courier', {}, each.reason);
    return rows.length;
  }

  async #rounds(): Promise<void> {
    while (!this.#stopped) {
      this.#wake = new AbortController();
      const found = await this.#oneRound();
      if (!found && !this.#stopped) await this.clock.sleep(POLL_MS, this.#wake.signal).catch(() => undefined);
    }
  }

  async #oneRound(): Promise<number> {
    try {
      await this.#sweepNowAndThen();
      return await this.carryOut();
    } catch (fault) {
      this.report('courier', {}, fault);
      return 0;
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
    if (row.kind === 'reminder' && overtaken) return null;
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
