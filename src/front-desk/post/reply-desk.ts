// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Booking } from '../../bookings/booking.ts';
import type { Change } from '../../bookings/change.ts';
import { noticeTo } from '../../bookings/notices.ts';
import { Refusal } from '../../bookings/refusal.ts';
import { isAhead } from '../../bookings/status.ts';
import { sha256 } from '../../bookings/token.ts';
import type { Registers } from '../../database/registers.ts';
import { SeenMessages } from '../../database/seen-messages.ts';
import type { Transaction } from '../../database/engine/transaction.ts';
import type { Reply } from '../../mail/incoming/incoming.ts';
import { toMinute } from '../../time/clock.ts';
import type { ChangeDesk } from '../change-desk.ts';
import type { Issuer } from '../issuer.ts';
import { Overtaken, untilCurrent } from '../overtaken.ts';

const BY_REPLY: Change = { by: { kind: 'reply' } };

/**
 * What the citizen's calendar answers to an invite. A no that is theirs for certain calls the appointment off, and the
 * letter that says so has the way back; of any other no we ask first. A yes is only written down.
 */
export class ReplyDesk {
  readonly #seen: SeenMessages;

  constructor(
    private readonly registers: Registers,
    private readonly changes: ChangeDesk,
    private readonly issuer: Issuer,
  ) {
    this.#seen = new SeenMessages(registers.database);
  }

  /** Carries an answer out, once however often it is told. One that is not about an appointment as it stands is let be. */
  take(reply: Reply): Promise<void> {
    return untilCurrent(async () => {
      const booking = await this.registers.books.byId(reply.bookingId);
      if (!booking || !this.#isAbout(booking, reply)) return;
      const hasBegun = booking.start <= toMinute(this.issuer.now());
      if (reply.answer !== 'DECLINED' || hasBegun) await this.#writeDown(booking, reply);
      else if (reply.authentic) await this.#cancel(booking, reply);
      else await this.#ask(booking, reply);
    });
  }

  /** From the one who was invited, to the invite as it is now: the answer to an earlier one says nothing of this one. */
  #isAbout(booking: Booking, { attendee, sequence }: Reply): boolean {
    const { tokens } = this.issuer;
    const isInvited = booking.email !== null && tokens.emailHash(booking.email) === tokens.emailHash(attendee);
    return isInvited && sequence >= booking.sequence && isAhead(booking.status);
  }

  async #writeDown(booking: Booking, reply: Reply): Promise<void> {
    if (reply.authentic) await this.#once(booking, reply, () => Promise.resolve());
  }

  /** Told twice it is still cancelled once: by then its SEQUENCE is higher, also when it was taken up again. */
  async #cancel(booking: Booking, reply: Reply): Promise<void> {
    const authority = await this.registers.authorities.find(booking.authorityId);
    if (!authority) return;
    try {
      await this.changes.cancel(authority, booking, { ...BY_REPLY, version: booking.version });
    } catch (fault) {
      if (!(fault instanceof Refusal)) throw fault;
      if (fault.reason === 'changed') throw new Overtaken();
      if (fault.reason !== 'too-late') throw fault;
      await this.#ask(booking, reply, 'too-late');
    }
  }

  /** One letter for each state of a booking, however many answers come. */
  #ask(booking: Booking, reply: Reply, why?: 'too-late'): Promise<void> {
    return this.#once(booking, reply, async (tx, now) => {
      if (!(await this.#seen.note(tx, sha256(`unsure ${booking.id} ${booking.version}`), now.updatedAt))) return;
      const letter = noticeTo('citizen', now, 'unsure', now.updatedAt, { by: 'reply', why });
      await this.registers.outbox.owe(tx, now, [letter], this.issuer.id);
    });
  }

  /** Writes the answer into the story, and what goes with it, unless that has been done. The booking stays as it is. */
  async #once(booking: Booking, reply: Reply, more: (tx: Transaction, now: Booking) => Promise<void>): Promise<void> {
    const { database, history } = this.registers;
    const now = booking.at(this.issuer.now());
    const detail = { answer: reply.answer.toLowerCase(), sure: reply.authentic };
    await database.transaction(async (tx) => {
      if (!(await this.#seen.note(tx, reply.hash, now.updatedAt))) return;
      await history.add(tx, this.issuer.id(), now, BY_REPLY, 'answered', detail);
      await more(tx, now);
    });
    this.registers.changed();
  }
}
