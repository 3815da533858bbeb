// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Clerk } from '../../../../src/front-desk/reception/opening-desk.ts';
import type { Millis } from '../../../../src/time/clock.ts';

const MINUTE: Millis = 60_000;
const GONE: Millis = 30_000;
const LOST_FROM_SIGHT: Millis = 10 * MINUTE;
export const PATIENCE: Millis = 5 * MINUTE;

/** Somebody before a door, as it should be written down. */
export interface Person {
  officeId: string;
  kind: 'knock' | 'booking';
  number: number;
  /** Milliseconds, unlike in the table. */
  due: Millis | null;
  status: 'waiting' | 'called' | 'held' | 'call_back' | 'closed' | 'withdrawn';
  staff: Clerk | null;
  said: string | null;
  told: string | null;
  phone: string | null;
  handedFrom: string | null;
  arrivedAt: Millis;
  seenAt: Millis;
  over: boolean;
}

interface Pause {
  sentence: string;
  until: Millis;
}

/** What an appointment is when somebody comes to it. */
export interface Appointment {
  id: string;
  officeId: string;
  start: Millis;
  end: Millis;
  isLive: boolean;
}

/** When the doors of the day open and close. */
export interface Hours {
  readonly opens: Millis;
  readonly closes: Millis;
}

export interface View {
  readonly stage: string;
  readonly ahead: number;
}

/**
 * What the reception must do, written a second time and simply: no database, no instances, one thing after the other.
 * Each act answers in a word, as the desks' outcome is put in one.
 */
export class Model {
  people = new Map<string, Person>();
  numbers = new Map<string, number>();
  pauses = new Map<string, Pause>();

  constructor(readonly hours: Hours) {}

  copy(): Model {
    const copy = new Model(this.hours);
    copy.people = new Map([...this.people].map(([key, person]) => [key, { ...person }]));
    copy.numbers = new Map(this.numbers);
    copy.pauses = new Map(this.pauses);
    return copy;
  }

  knock(key: string, officeId: string, now: Millis): string {
    const no = this.#refusal(officeId, now);
    if (no) return no;
    this.people.set(key, this.#comer('knock', officeId, null, now));
    return 'ok';
  }

  knockAgain(key: string, now: Millis): string {
    const person = this.#at(key);
    if (person.over || person.kind === 'booking') return 'changed';
    if (!isGone(person, now)) return 'ok';
    const no = this.#refusal(person.officeId, now);
    if (no) return no;
    const number = this.#next(person.officeId);
    Object.assign(person, { number, handedFrom: null, arrivedAt: now, seenAt: Math.max(person.seenAt, now) });
    return 'ok';
  }

  arrive({ id, officeId, start, end, isLive }: Appointment, now: Millis): string {
    const known = this.people.get(id);
    if (known && !mayComeAgain(known, start, now)) return 'ok';
    if (!isLive) return 'cancelled';
    if (now < start - 10 * MINUTE) return 'too-soon';
    if (now >= end + 30 * MINUTE) return 'too-late';
    const comer = this.#comer('booking', officeId, start, now);
    this.people.set(id, { ...comer, seenAt: Math.max(known?.seenAt ?? 0, now) });
    return 'ok';
  }

  touch(key: string, now: Millis): string {
    const person = this.#at(key);
    if (person.over || isGone(person, now)) return 'lost';
    person.seenAt = Math.max(person.seenAt, now);
    return 'ok';
  }

  say(key: string, said: string): string {
    return this.#whileLive(key, { said });
  }

  tell(key: string, told: string): string {
    return this.#whileLive(key, { told });
  }

  withdraw(key: string): string {
    const person = this.#at(key);
    if (!person.over) Object.assign(person, { status: 'withdrawn', staff: null, over: true });
    return 'ok';
  }

  callBack(key: string, phone: string): string {
    return this.#whileLive(key, { phone, status: 'call_back', staff: null });
  }

  open(key: string, clerk: Clerk, now: Millis): string {
    const person = this.#at(key);
    if (person.status === 'called' && person.staff!.id === clerk.id) return 'ok';
    if (person.status !== 'waiting' || isGone(person, now)) return takenBy(person);
    Object.assign(person, { status: 'called', staff: clerk });
    return 'ok';
  }

  hold(key: string, clerk: Clerk): string {
    const person = this.#at(key);
    if (person.status === 'held') return 'ok';
    if (person.status !== 'called') return takenBy(person);
    Object.assign(person, { status: 'held', staff: clerk });
    return 'ok';
  }

  recall(key: string, clerk: Clerk): string {
    const person = this.#at(key);
    if (person.status === 'called' && person.staff!.id === clerk.id) return 'ok';
    if (person.status !== 'held') return takenBy(person);
    Object.assign(person, { status: 'called', staff: clerk });
    return 'ok';
  }

  close(key: string, clerk: Clerk): string {
    const person = this.#at(key);
    if (person.over) return 'ok';
    if (person.status === 'called' && person.staff!.id !== clerk.id) return takenBy(person);
    Object.assign(person, { status: 'closed', staff: null, over: true });
    return 'ok';
  }

  hand(key: string, officeId: string, clerk: Clerk, now: Millis): string {
    const person = this.#at(key);
    if (person.status === 'called' && person.staff!.id !== clerk.id) return takenBy(person);
    if (person.over || person.status === 'call_back' || isGone(person, now)) return 'changed';
    if (person.officeId === officeId) return 'invalid';
    const seenAt = Math.max(person.seenAt, now);
    const anew = { officeId, number: this.#next(officeId), handedFrom: person.officeId, arrivedAt: now, seenAt };
    Object.assign(person, { ...anew, status: 'waiting', staff: null, told: null });
    return 'ok';
  }

  pause(officeId: string, sentence: string, now: Millis): string {
    if (!this.isOpen(now)) return 'door-closed';
    this.pauses.set(officeId, { sentence, until: this.hours.closes });
    return 'ok';
  }

  resume(officeId: string): string {
    this.pauses.delete(officeId);
    return 'ok';
  }

  isOpen(now: Millis): boolean {
    return this.hours.opens <= now && now < this.hours.closes;
  }

  /** Of the door: how it stands, and how many wait. */
  door(officeId: string, now: Millis): string {
    const waiting = this.line(officeId, now).length;
    if (!this.isOpen(now)) return `closed ${waiting}`;
    if (this.#pauseAt(officeId, now)) return `paused ${waiting}`;
    return `${waiting ? 'busy' : 'open'} ${waiting}`;
  }

  /** The keys of those who wait at a door, in turn. */
  line(officeId: string, now: Millis): string[] {
    return [...this.people]
      .filter(([, person]) => person.officeId === officeId && person.status === 'waiting' && !isGone(person, now))
      .sort(([, a], [, b]) => rank(a, now) - rank(b, now) || a.number - b.number)
      .map(([key]) => key);
  }

  /** Everybody the staff see, as groups that follow each other: only who waits stands in a line. */
  queue(now: Millis): { in: string[]; gone: string[]; toCall: string[] } {
    const among = (is: (person: Person) => boolean): string[] =>
      [...this.people].flatMap(([key, person]) => (is(person) ? [key] : [])).sort();
    return {
      in: among(({ status }) => status === 'called' || status === 'held'),
      gone: among((person) => isGone(person, now) && now < person.seenAt + GONE + LOST_FROM_SIGHT),
      toCall: among(({ status }) => status === 'call_back'),
    };
  }

  view(key: string, now: Millis): View {
    const person = this.#at(key);
    if (isGone(person, now)) return { stage: 'gone', ahead: 0 };
    const stage = person.status === 'call_back' ? 'call-back' : person.status;
    return { stage, ahead: stage === 'waiting' ? this.line(person.officeId, now).indexOf(key) : 0 };
  }

  isUnanswered(key: string, now: Millis): boolean {
    const { status, due, arrivedAt } = this.#at(key);
    return status === 'waiting' && now >= Math.max(arrivedAt, due ?? 0) + PATIENCE;
  }

  #at(key: string): Person {
    return this.people.get(key)!;
  }

  #next(officeId: string): number {
    const number = (this.numbers.get(officeId) ?? 0) + 1;
    this.numbers.set(officeId, number);
    return number;
  }

  #pauseAt(officeId: string, now: Millis): Pause | null {
    const pause = this.pauses.get(officeId);
    return pause && now < pause.until ? pause : null;
  }

  #refusal(officeId: string, now: Millis): string | null {
    if (!this.isOpen(now)) return 'door-closed';
    const pause = this.#pauseAt(officeId, now);
    return pause && `door-paused ${pause.sentence}`;
  }

  #whileLive(key: string, changes: Partial<Person>): string {
    const person = this.#at(key);
    if (person.over) return 'changed';
    Object.assign(person, changes);
    return 'ok';
  }

  #comer(kind: Person['kind'], officeId: string, due: Millis | null, now: Millis): Person {
    const nothing = { staff: null, said: null, told: null, phone: null, handedFrom: null };
    const place = { kind, officeId, due, number: this.#next(officeId) };
    return { ...place, ...nothing, status: 'waiting', arrivedAt: now, seenAt: now, over: false };
  }
}

export const isGone = ({ status, seenAt }: Person, now: Millis): boolean =>
  status === 'waiting' && now - seenAt >= GONE;

function mayComeAgain(known: Person, start: Millis, now: Millis): boolean {
  if (known.status === 'withdrawn' || isGone(known, now)) return true;
  return known.due !== start && known.status !== 'called' && known.status !== 'held';
}

const takenBy = ({ staff }: Person): string => (staff ? `taken-over ${staff.name}` : 'changed');

/** Appointments by their time, and before all else once it has come; then who was handed on, who knocked, who is early. */
function rank({ handedFrom, due }: Person, now: Millis): number {
  const DAYS = 1e12;
  if (handedFrom !== null) return 1 * DAYS * 10;
  if (due === null) return 2 * DAYS * 10;
  return due <= now ? due - 10 * DAYS : 3 * DAYS * 10 + due;
}
