// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Mode } from '../offices/definition.ts';
import type { Millis } from '../time/clock.ts';
import type { Interval, Minute } from '../time/interval.ts';
import type { ActorKind } from './change.ts';
import type { Status } from './status.ts';

export const LANGUAGES = ['it', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

export interface Citizen {
  readonly givenName: string;
  readonly familyName: string;
  /** Null for who has none: booked by staff, told by telephone or on paper. */
  readonly email: string | null;
  readonly phone: string | null;
}

type Computed =
  'isLive' | 'isForgotten' | 'claimed' | 'at' | 'with' | 'movedTo' | 'cancelled' | 'restored' | 'forgotten';

/** What a booking is without its citizen: no token has an empty hash, so its links are dead. */
const NOBODYS = {
  givenName: '',
  familyName: '',
  email: null,
  emailHash: null,
  phone: null,
  reason: null,
  fields: {},
  caseNumber: null,
  manageHash: '',
  meetingHash: '',
  meetingRoom: null,
} satisfies Partial<Booking>;

/** An appointment reserved at a counter. Cancelled ones stay in the books. */
export class Booking {
  id!: string;
  authorityId!: string;
  /** What a citizen reads on the phone: `7K4M9QX`. Unique in the authority. */
  reference!: string;
  officeId!: string;
  serviceId!: string;
  /** Key of the counter; provisional until the day. */
  counter!: number;
  start!: Minute;
  end!: Minute;
  /** End of what is claimed: the end and the buffer after it. */
  busyUntil!: Minute;
  mode!: Mode;
  status!: Status;
  /** RFC 5545 SEQUENCE: 0, then 1 more for each move and for the cancellation. */
  sequence!: number;
  /** 0, then 1 more for every change whatever: what two who change it at once are told apart by. */
  version!: number;
  /** Raised to make the links of a booking new; the tokens are derived from it. */
  generation!: number;
  language!: Language;
  givenName!: string;
  familyName!: string;
  email!: string | null;
  /** 1 once a letter has come back: the address does not work. */
  addressFails!: number;
  phone!: string | null;
  /** Finds the live bookings of one person without reading the address; null without one. */
  emailHash!: string | null;
  reason!: string | null;
  fields!: Record<string, string>;
  caseNumber!: string | null;
  /** SHA-256 of the manage and of the meeting token. */
  manageHash!: string;
  meetingHash!: string;
  /** The room of the video provider, once it has made one. */
  meetingRoom!: string | null;
  cancelledBy!: ActorKind | null;
  createdAt!: Millis;
  updatedAt!: Millis;

  constructor(values: Omit<Booking, Computed>) {
    Object.assign(this, values);
  }

  get isLive(): boolean {
    return this.status !== 'cancelled';
  }

  /** Whose it was is no longer known. */
  get isForgotten(): boolean {
    return this.manageHash === '';
  }

  /** The time it takes at its counter. */
  get claimed(): Interval {
    return { start: this.start, end: this.busyUntil };
  }

  /** The same booking, looked at later: nothing of it has changed. */
  at(moment: Millis): Booking {
    return new Booking({ ...this, updatedAt: moment });
  }

  /** The same booking after a change that its invite need not know of. */
  with(change: Partial<Pick<Booking, 'status' | 'counter' | 'addressFails'>>, at: Millis): Booking {
    return new Booking({ ...this, ...change, version: this.version + 1, updatedAt: at });
  }

  /** The same booking at another time and perhaps another counter, its SEQUENCE one higher. */
  movedTo(place: Pick<Booking, 'start' | 'end' | 'busyUntil' | 'counter'>, at: Millis): Booking {
    return new Booking({ ...this.with({}, at), ...place, sequence: this.sequence + 1 });
  }

  cancelled(by: ActorKind, at: Millis): Booking {
    return new Booking({ ...this.with({ status: 'cancelled' }, at), sequence: this.sequence + 1, cancelledBy: by });
  }

  /** A cancelled booking that stands again, at its time and perhaps another counter. */
  restored(place: Pick<Booking, 'start' | 'end' | 'busyUntil' | 'counter'>, at: Millis): Booking {
    return new Booking({ ...this.movedTo(place, at), status: 'confirmed', cancelledBy: null });
  }

  /** The same booking without its citizen: what, where, when and how it ended stay. */
  forgotten(at: Millis): Booking {
    return new Booking({ ...this.with({}, at), ...NOBODYS });
  }
}
