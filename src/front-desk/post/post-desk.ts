// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Booking } from '../../bookings/booking.ts';
import { noticeTo } from '../../bookings/notices.ts';
import type { Registers } from '../../database/registers.ts';
import type { OutboxRow } from '../../database/rows.ts';
import { SeenMessages } from '../../database/seen-messages.ts';
import type { Bounce, Incoming, Words } from '../../mail/incoming/incoming.ts';
import type { Fate } from '../../mail/incoming/imap-inbox.ts';
import type { Issuer } from '../issuer.ts';
import { Overtaken, untilCurrent } from '../overtaken.ts';
import type { ReplyDesk } from './reply-desk.ts';

/** What the post brings: answers of calendars, letters that come back, and what people write. */
export class PostDesk {
  readonly #seen: SeenMessages;

  constructor(
    private readonly registers: Registers,
    private readonly replies: ReplyDesk,
    private readonly issuer: Issuer,
  ) {
    this.#seen = new SeenMessages(registers.database);
  }

  /** Carries a message out, once however often it comes. @returns `left` when a person has to look at it */
  async take(message: Incoming): Promise<Fate> {
    if (message.kind === 'automatic') return 'done';
    if (message.kind === 'unreadable') return 'left';
    if (message.kind === 'bounce') return this.#takeBack(message);
    if (message.kind === 'words') return this.#passOn(message);
    if (!(await this.#seen.has(message.hash))) await this.replies.take(message);
    return 'done';
  }

  /** The citizen's address fails: the office hears of it once, for it may have their telephone number. */
  async #takeBack(bounce: Bounce): Promise<Fate> {
    return untilCurrent(async () => {
      const row = await this.#firstOf(bounce.letters);
      const booking = row?.recipient === 'citizen' && (await this.registers.books.byId(row.bookingId));
      if (!booking || booking.email === null || !this.#isSame(booking.email, bounce.recipient)) return 'left';
      if (!booking.addressFails) await this.#markAddress(booking, bounce);
      return 'done';
    });
  }

  async #markAddress(was: Booking, { hash, status }: Bounce): Promise<void> {
    const { database, books, history, outbox } = this.registers;
    const now = was.with({ addressFails: 1 }, this.issuer.now());
    await database.transaction(async (tx) => {
      if (!(await this.#seen.note(tx, hash, now.updatedAt))) return;
      if (!(await books.replace(tx, was, now))) throw new Overtaken();
      await history.add(tx, this.issuer.id(), now, { by: { kind: 'reply' } }, 'bounced', { status });
      const letter = noticeTo('office', now, 'told', now.updatedAt, { why: 'bounced' });
      await outbox.owe(tx, now, [letter], this.issuer.id);
    });
    this.registers.changed();
  }

  /** What somebody wrote goes to the office; what came with it stays in the mailbox, for a person to open. */
  async #passOn(words: Words): Promise<Fate> {
    const row = await this.#firstOf(words.letters);
    const booking = row && (await this.registers.books.byId(row.bookingId));
    if (!booking) return 'left';
    const { database, outbox } = this.registers;
    const now = booking.at(this.issuer.now());
    const said = { note: this.#signed(words, booking), why: words.files ? 'wrote-with-files' : 'wrote' };
    await database.transaction(async (tx) => {
      if (!(await this.#seen.note(tx, words.hash, now.updatedAt))) return;
      await outbox.owe(tx, now, [noticeTo('office', now, 'told', now.updatedAt, said)], this.issuer.id);
    });
    this.registers.changed();
    return words.files ? 'left' : 'done';
  }

  /** Who writes is said when it is not the address we know. */
  #signed({ from, text }: Words, { email }: Booking): string {
    const isKnown = from !== null && email !== null && this.#isSame(email, from);
    return isKnown ? text : `${from ?? '?'}:\n${text}`;
  }

  #isSame(one: string, other: string): boolean {
    return this.issuer.tokens.emailHash(one) === this.issuer.tokens.emailHash(other);
  }

  async #firstOf(letters: readonly string[]): Promise<OutboxRow | null> {
    for (const id of letters) {
      const row = await this.registers.outbox.find(id);
      if (row) return row;
    }
    return null;
  }
}
