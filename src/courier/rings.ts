// SPDX-License-Identifier: AGPL-3.0-or-later
import { createHash } from 'node:crypto';
import { mayDo } from '../access/permissions.ts';
import type { PushSubscriptions } from '../database/reception/push-subscriptions.ts';
import type { Registers } from '../database/registers.ts';
import { RingBook, type Ring } from '../database/reception/rings.ts';
import type { PushNotice, WebPush } from '../live/web-push.ts';
import type { LetterWriter } from '../mail/letter-writer.ts';
import { MailFailure } from '../mail/mail-failure.ts';
import type { Mailer } from '../mail/mailer.ts';
import { messageIdOf } from '../mail/message-id.ts';
import { fill, WORDS } from '../mail/words.ts';
import type { Authority } from '../offices/authority.ts';
import type { Office } from '../offices/definition.ts';
import { publicUrlOf } from '../offices/public-address.ts';
import type { Clock, Millis } from '../time/clock.ts';
import { GONE_AFTER_MS, type Arrival } from '../waiting-room/arrival.ts';
import type { Report } from './report.ts';

/** What rings are made with and carried by. */
export interface Bells {
  readonly subscriptions: PushSubscriptions;
  readonly push: WebPush;
  readonly writer: LetterWriter;
  readonly mailer: Mailer;
  readonly publicUrl: string;
}

const BATCH = 8;
/** How long an arrival is one courier's alone: longer than a letter may take. */
const LEASE_MS: Millis = 90_000;
/** Who stands at the page has opened by then. */
const MAIL_AFTER_MS: Millis = 20_000;
const FIRST_WAIT_MS: Millis = 30_000;
/** The first step is the push, the next ones are tries of the letter: the last one within ten minutes. */
const PUSH = 0;
const LAST_TRY = 5;
const WRITTEN = 9;

const WAITING_ROOM = '/operatore/attesa';

/**
 * Tells the staff of who waits before a door: at once the browsers that asked for it, a little later the office's
 * mailbox, if nobody has opened. Several may run: each arrival is rung by one. Whatever fails here, who knocked waits on.
 */
export class Rings {
  readonly #book: RingBook;

  constructor(
    private readonly registers: Registers,
    private readonly bells: Bells,
    private readonly clock: Clock,
    private readonly report: Report,
  ) {
    this.#book = new RingBook(registers.database);
  }

  /** Tells the browsers of who has come. @returns whether there was anybody */
  async pushes(): Promise<boolean> {
    const due = await this.#book.due(this.clock.now(), BATCH, 'push');
    const rung = await Promise.all(due.map((arrival) => this.#ring(arrival)));
    return rung.some(Boolean);
  }

  /** Writes to the offices: to all at once, of those before one door one after the other. @returns whether there was anybody */
  async letters(): Promise<boolean> {
    const due = await this.#book.due(this.clock.now(), BATCH, 'letter');
    const doors = Map.groupBy(due, ({ authorityId, officeId }) => `${authorityId} ${officeId}`);
    const rung = await Promise.all([...doors.values()].map((arrivals) => this.#ringInTurn(arrivals)));
    return rung.some(Boolean);
  }

  async #ringInTurn(arrivals: readonly Arrival[]): Promise<boolean> {
    let found = false;
    for (const arrival of arrivals) found = (await this.#ring(arrival)) || found;
    return found;
  }

  /** @returns whether it was ours to ring */
  async #ring(arrival: Arrival): Promise<boolean> {
    const now = this.clock.now();
    const step = arrival.ringStep;
    const authority = await this.registers.authorities.find(arrival.authorityId);
    const office = authority?.office(arrival.officeId);
    if (!authority || !office || arrival.status !== 'waiting' || arrival.isGoneAt(now))
      return this.#book.set(arrival, { at: null, step });
    const lease = { at: now + LEASE_MS, step };
    if (!(await this.#book.set(arrival, lease))) return false;
    const next = step === PUSH ? await this.#push(arrival, authority) : await this.#write(arrival, authority, office);
    await this.#book.set({ ...arrival, ringAt: lease.at }, next);
    return true;
  }

  /** What fails is not tried again: the letter follows. */
  async #push({ officeId, ringAt }: Arrival, authority: Authority): Promise<Ring> {
    const { subscriptions, push } = this.bells;
    const notice = noticeOf(authority, authority.office(officeId)!);
    const all = await subscriptions.subscribers(authority.id);
    const told = all.filter(({ staff }) => mayDo(staff, 'receive', officeId));
    const outcomes = await Promise.all(
      told.map(async ({ subscription }) => {
        const outcome = await push.send(subscription, notice);
        if (outcome === 'gone') await subscriptions.forget(subscription.id);
        return outcome;
      }),
    );
    if (outcomes.includes('failed')) this.report('push delayed', { kind: 'knock' });
    return { at: ringAt! + MAIL_AFTER_MS, step: PUSH + 1 };
  }

  async #write(arrival: Arrival, authority: Authority, office: Office): Promise<Ring> {
    const now = this.clock.now();
    if (await this.#book.isWritten(arrival, WRITTEN, now - GONE_AFTER_MS)) return { at: null, step: LAST_TRY };
    try {
      await this.#send(arrival, authority, office);
      return { at: null, step: WRITTEN };
    } catch (fault) {
      const isMail = fault instanceof MailFailure;
      this.report(
        'letter delayed',
        { kind: 'knock', error: isMail ? fault.message : 'fault' },
        isMail ? undefined : fault,
      );
      const step = arrival.ringStep;
      const isOver = step >= LAST_TRY || (isMail && fault.kind === 'permanent');
      return isOver ? { at: null, step: LAST_TRY } : { at: now + FIRST_WAIT_MS * 2 ** (step - 1), step: step + 1 };
    }
  }

  async #send({ id, number, arrivedAt }: Arrival, authority: Authority, office: Office): Promise<void> {
    const { writer, mailer, publicUrl } = this.bells;
    // Handed over, the same arrival is news to another office.
    const messageId = messageIdOf(`${id}.${office.id}-${number}`, 'knock', authority.definition.email);
    const link = publicUrlOf(publicUrl, authority, office.id) + WAITING_ROOM;
    await mailer.send(writer.writeKnock({ authority, office, link, messageId, stampedAt: arrivedAt }));
  }
}

/** Nothing of who knocks: it is shown on a locked screen. */
function noticeOf(authority: Authority, office: Office): PushNotice {
  const { subject, button } = WORDS.it.knock;
  const topic = createHash('sha256').update(`${authority.id} ${office.id}`).digest('base64url').slice(0, 32);
  const payload = { title: fill(subject, { office: office.name }), body: button, tag: topic, url: WAITING_ROOM };
  return { payload, topic, subject: `mailto:${authority.definition.email}` };
}
