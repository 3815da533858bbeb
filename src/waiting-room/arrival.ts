// SPDX-License-Identifier: AGPL-3.0-or-later
import { toMillis, type Millis } from '../time/clock.ts';
import type { Minute } from '../time/interval.ts';
import type { Spoken } from '../time/say.ts';

/**
 * `waiting` for the door to be opened; `called` while staff talk with them; `held` while staff have asked them to wait
 * a moment; `call_back` when they would rather be telephoned. What follows is the end: `closed` by staff, `withdrawn`
 * by themselves. Who is `gone` is so by the clock, not by a status: they may not be told from who comes back in time.
 */
export type ArrivalStatus = 'waiting' | 'called' | 'held' | 'call_back' | 'closed' | 'withdrawn';

/** What may follow what. */
const MAY_BECOME: Record<ArrivalStatus, readonly ArrivalStatus[]> = {
  waiting: ['called', 'call_back', 'closed', 'withdrawn'],
  called: ['held', 'waiting', 'call_back', 'closed', 'withdrawn'],
  held: ['called', 'waiting', 'call_back', 'closed', 'withdrawn'],
  call_back: ['closed', 'withdrawn'],
  closed: [],
  withdrawn: [],
};

/** Without a sign of life for so long somebody is gone. */
export const GONE_AFTER_MS: Millis = 30_000;

/** Somebody before an office's virtual door: they knocked, or their appointment has come. */
export class Arrival {
  /** Of the booking, for who has one: nobody comes to an appointment twice. */
  id!: string;
  authorityId!: string;
  officeId!: string;
  kind!: 'knock' | 'booking';
  /** SHA-256 of the token in their link. */
  tokenHash!: string;
  /** 1, 2, 3 … at the office, in the order in which they came. */
  number!: number;
  /** When their appointment starts; null for who knocked. */
  due!: Minute | null;
  name!: string;
  /** One line: why they come. */
  reason!: string | null;
  phone!: string | null;
  language!: Spoken;
  status!: ArrivalStatus;
  /** Who let them in, while they talk: forgotten at the end, for it would tell who worked when. */
  staffId!: string | null;
  staffName!: string | null;
  /** The last line they wrote to the staff. */
  said!: string | null;
  /** The last line the staff wrote to them. */
  told!: string | null;
  /** The office that handed them over. */
  handedFrom!: string | null;
  /** 1 when staff chose our own room instead of the service's provider. */
  ownRoom!: number;
  /** +1 with every change but a sign of life. */
  version!: number;
  arrivedAt!: Millis;
  /** Their last sign of life. */
  seenAt!: Millis;
  calledAt!: Millis | null;
  endedAt!: Millis | null;
  /** When the staff are to be rung next, and how: 0 by Web Push, 1 by mail; null when no more. */
  ringAt!: Millis | null;
  ringStep!: number;

  constructor(values: Omit<Arrival, 'with' | 'mayBecome' | 'isGoneAt' | 'isLive' | 'waitsSince'>) {
    Object.assign(this, values);
  }

  /** Until it is over, whoever holds its link has something to come back to. */
  get isLive(): boolean {
    return MAY_BECOME[this.status].length > 0;
  }

  /** Who came before their time waits from then on. */
  get waitsSince(): Millis {
    return this.due === null ? this.arrivedAt : Math.max(this.arrivedAt, toMillis(this.due));
  }

  mayBecome(status: ArrivalStatus): boolean {
    return MAY_BECOME[this.status].includes(status);
  }

  /** Whether whoever waited has left. Staff who talk with them see for themselves; who is to be telephoned may leave. */
  isGoneAt(now: Millis): boolean {
    return this.status === 'waiting' && now >= this.seenAt + GONE_AFTER_MS;
  }

  with(changes: Partial<Arrival>): Arrival {
    return new Arrival({ ...this, ...changes, version: this.version + 1 });
  }
}

/** Who somebody new is; all else begins in the same way for everyone. */
type Who = Pick<
  Arrival,
  | 'id'
  | 'authorityId'
  | 'officeId'
  | 'kind'
  | 'tokenHash'
  | 'due'
  | 'name'
  | 'reason'
  | 'phone'
  | 'language'
  | 'arrivedAt'
>;

/** Somebody who has just come and has no number yet: the staff are to be rung. */
export const newArrival = (who: Who): Arrival =>
  new Arrival({
    ...who,
    number: 0,
    status: 'waiting',
    staffId: null,
    staffName: null,
    said: null,
    told: null,
    handedFrom: null,
    ownRoom: 0,
    version: 0,
    seenAt: who.arrivedAt,
    calledAt: null,
    endedAt: null,
    ringAt: who.arrivedAt,
    ringStep: 0,
  });
