// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Booking, Language } from '../../bookings/booking.ts';
import { isPhone, LONGEST_NAME } from '../../bookings/contact.ts';
import { invalid, Refusal } from '../../bookings/refusal.ts';
import { sha256 } from '../../bookings/token.ts';
import type { Registers } from '../../database/registers.ts';
import type { Authority } from '../../offices/authority.ts';
import type { Office } from '../../offices/definition.ts';
import type { Millis } from '../../time/clock.ts';
import { Arrival, newArrival, type ArrivalStatus } from '../../waiting-room/arrival.ts';
import { FIRST_MEAN_CALL, type DoorState } from '../../waiting-room/door.ts';
import type { Hints } from '../../waiting-room/hints.ts';
import type { Issuer } from '../issuer.ts';
import { BookedArrivals } from './booked-arrivals.ts';
import { learnLength } from './call-length.ts';
import type { Doors } from './doors.ts';
import { aheadOf, estimateOf } from './expectation.ts';
import { lineOf } from './lines.ts';
import { MOST_WAITING, Numbering } from './numbering.ts';
import { isUnanswered } from './patience.ts';
import { Turnstile } from './turnstile.ts';

/** How it stands for whoever came. `gone`: we lost sight of them while they waited. */
export type Stage = 'waiting' | 'called' | 'held' | 'call-back' | 'gone' | 'closed' | 'withdrawn';

const STAGES: Record<ArrivalStatus, Stage> = {
  waiting: 'waiting',
  called: 'called',
  held: 'held',
  call_back: 'call-back',
  closed: 'closed',
  withdrawn: 'withdrawn',
};

/** What somebody who came sees of it. */
export interface Waiting {
  readonly arrival: Arrival;
  readonly door: DoorState;
  readonly stage: Stage;
  /** People whose turn comes before theirs. */
  readonly ahead: number;
  /** Minutes they may have to wait, by how long calls last at that door; null when they do not wait, or it is paused. */
  readonly estimate: number | null;
  /** They have waited longer than the office asks of anybody: another way is to be offered. */
  readonly unanswered: boolean;
}

/** What somebody says at a door. */
export interface Knock {
  readonly name: string;
  /** Why they come, in one line. */
  readonly reason: string | null;
  readonly language: Language;
}

/** For those who come to an office's virtual door: they knock, or their appointment has come, and they wait. */
export class WaitingDesk {
  readonly #turnstile: Turnstile;
  readonly #numbering: Numbering;
  readonly #booked: BookedArrivals;

  constructor(
    private readonly registers: Registers,
    private readonly doors: Doors,
    private readonly issuer: Issuer,
    hints: Hints,
  ) {
    this.#turnstile = new Turnstile(registers, hints);
    this.#numbering = new Numbering(registers);
    this.#booked = new BookedArrivals(registers, issuer, this.#turnstile);
  }

  /**
   * A place in the queue, and the token of the link that leads there.
   * @throws Refusal `invalid`, `door-closed` with the next opening, `door-paused` with the sentence,
   *   `too-many-requests`
   */
  async knock(authority: Authority, office: Office, knock: Knock): Promise<{ arrival: Arrival; token: string }> {
    const reason = knock.reason?.trim() ? lineOf('reason', knock.reason) : null;
    const said = { name: lineOf('name', knock.name, LONGEST_NAME), reason };
    this.doors.checkOpen(authority, office);
    const token = this.issuer.secret();
    const comer = newArrival({
      ...said,
      id: this.issuer.id(),
      authorityId: authority.id,
      officeId: office.id,
      kind: 'knock',
      tokenHash: sha256(token),
      due: null,
      phone: null,
      language: knock.language,
      arrivedAt: this.issuer.now(),
    });
    const arrival = await this.#numbering.give(comer);
    this.#turnstile.tell(arrival);
    return { arrival, token };
  }

  /** Who has a video appointment: {@link BookedArrivals.arrive}. */
  arrive(authority: Authority, booking: Booking): Promise<Arrival> {
    return this.#booked.arrive(authority, booking);
  }

  /** By the token of a knock's link, or of a booking's meeting once its citizen has come. */
  find(authority: Authority, token: string): Promise<Arrival | null> {
    return this.registers.arrivals.byTokenHash(authority.id, sha256(token));
  }

  /** How it stands; that somebody looks is a sign of life. */
  async look(authority: Authority, arrival: Arrival): Promise<Waiting> {
    const now = this.issuer.now();
    const seen = await this.#seen(arrival, now);
    const { authorityId, officeId } = seen;
    const office = authority.anyOffice(officeId)!;
    const [crowded] = await this.registers.doors.crowded(authorityId, now, officeId);
    const waits = seen.status === 'waiting' && !seen.isGoneAt(now);
    const neighbours = waits ? await this.registers.arrivals.neighbours(seen, now) : [];
    const ahead = aheadOf(seen, neighbours, now);
    const door = this.doors.state(authority, office, crowded);
    const guesses = waits && door.state !== 'paused';
    return {
      arrival: seen,
      door,
      stage: seen.isGoneAt(now) ? 'gone' : STAGES[seen.status],
      ahead,
      estimate: guesses ? estimateOf(seen, neighbours, crowded?.meanCall ?? FIRST_MEAN_CALL, now) : null,
      unanswered: isUnanswered(seen, office, now),
    };
  }

  /** A sign of life, of a page that is open but reads nothing. @returns false for who is gone, or whose call is over */
  touch(id: string): Promise<boolean> {
    return this.registers.arrivals.seen(id, this.issuer.now());
  }

  /** A line to the staff. @throws Refusal `invalid`, `changed` once it is over */
  async say(arrival: Arrival, line: string): Promise<Arrival> {
    const said = lineOf('line', line);
    return this.#turnstile.pass(arrival, (was) => {
      if (!was.isLive) throw new Refusal('changed');
      return { said };
    });
  }

  /** Leaves. A second time, or once it is over, changes nothing. */
  withdraw(arrival: Arrival): Promise<Arrival> {
    const now = this.issuer.now();
    return this.#turnstile.pass(arrival, async (was, tx) => {
      if (!was.isLive) return null;
      await learnLength(this.registers.doors, tx, was, now);
      return { status: 'withdrawn', staffId: null, staffName: null, endedAt: now, ringAt: null };
    });
  }

  /**
   * Would rather be telephoned. A second time the number is corrected.
   * @throws Refusal `invalid`, `changed` once it is over, `too-many-requests` when as many are to be telephoned as may wait
   */
  async callBack(arrival: Arrival, phone: string): Promise<Arrival> {
    const number = phone.trim();
    if (!isPhone(number)) throw invalid('phone', 'must be a telephone number');
    return this.#turnstile.pass(arrival, async (was, tx) => {
      if (was.status !== 'call_back') {
        if (!was.mayBecome('call_back')) throw new Refusal('changed');
        if ((await this.registers.arrivals.countCallBacks(tx, was)) >= MOST_WAITING)
          throw new Refusal('too-many-requests');
      }
      return { status: 'call_back', phone: number, staffId: null, staffName: null, ringAt: null };
    });
  }

  /**
   * Who knocked and is gone knocks again: the same link and name, a new number.
   * @throws Refusal `changed` once it is over, and those of a knock
   */
  async knockAgain(authority: Authority, arrival: Arrival): Promise<Arrival> {
    const now = this.issuer.now();
    const office = authority.office(arrival.officeId);
    return this.#turnstile.pass(arrival, async (was, tx) => {
      if (!was.isLive || was.kind !== 'knock' || !office) throw new Refusal('changed');
      if (!was.isGoneAt(now)) return null;
      this.doors.checkOpen(authority, office);
      return this.#numbering.again(tx, was, now);
    });
  }

  /** Each sign is written down, however soon after the last: who is lost a moment later has half a minute from this one. */
  async #seen(arrival: Arrival, now: Millis): Promise<Arrival> {
    if (!arrival.isLive || arrival.isGoneAt(now) || now <= arrival.seenAt) return arrival;
    if (await this.registers.arrivals.seen(arrival.id, now)) return new Arrival({ ...arrival, seenAt: now });
    return (await this.registers.arrivals.find(arrival.authorityId, arrival.id)) ?? arrival;
  }
}
