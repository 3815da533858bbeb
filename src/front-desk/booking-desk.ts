// SPDX-License-Identifier: AGPL-3.0-or-later
import { Booking, type Citizen, type Language } from '../bookings/booking.ts';
import { CITIZEN, overrules, type Change } from '../bookings/change.ts';
import { withPlainDomain } from '../bookings/contact.ts';
import { checkFields } from '../bookings/fields.ts';
import type { Hold } from '../bookings/hold.ts';
import { invalid, Refusal } from '../bookings/refusal.ts';
import { sha256, type TokenKind } from '../bookings/token.ts';
import { isLockTimeout } from '../database/engine/dialect.ts';
import type { Registers } from '../database/registers.ts';
import { Claim, IdempotencyKey } from '../database/rows.ts';
import { DuplicateKey, type Transaction } from '../database/engine/transaction.ts';
import type { Authority } from '../offices/authority.ts';
import type { Service } from '../offices/definition.ts';
import type { HoldDesk, HoldTicket } from './hold-desk.ts';
import type { Issuer } from './issuer.ts';
import { Overruling } from './overruling.ts';
import { Overtaken, untilCurrent } from './overtaken.ts';
import { PersonLimit } from './person-limit.ts';
import { theService, type Allowed, type Rules, type Wish } from './rules.ts';
import { Scribe } from './scribe.ts';

export interface BookingRequest extends Wish {
  readonly citizen: Citizen;
  readonly reason: string | null;
  readonly fields: Readonly<Record<string, string>>;
  readonly caseNumber: string | null;
  readonly language: Language;
  readonly hold?: HoldTicket;
}

/** What makes two requests the same one. */
export interface Repeat {
  /** Anonymous callers of an authority count as one. */
  readonly caller: string;
  readonly key: string;
  /** SHA-256 of the body, alike for equal JSON. */
  readonly bodyHash: string;
}

/** What the first answer said, beside the booking: kept for its repeats, with no personal data in it. */
type FirstAnswer = Pick<
  Booking,
  'counter' | 'start' | 'end' | 'busyUntil' | 'mode' | 'status' | 'sequence' | 'generation'
>;

/** A booking about to be written, with all it is written with. */
interface Entry {
  readonly booking: Booking;
  readonly service: Service;
  readonly repeat: Repeat;
  readonly hold: Hold | undefined;
  readonly by: Change;
}

/** Reserves appointments: one write path for the form and for REST. */
export class BookingDesk {
  /** Attempts by how they ended since the start: `ok`, the slug of a refusal, or `error`. */
  readonly results = new Map<string, number>();

  readonly #limit: PersonLimit;
  readonly #scribe: Scribe;
  readonly #overruling: Overruling;

  constructor(
    private readonly registers: Registers,
    private readonly holds: HoldDesk,
    private readonly rules: Rules,
    private readonly issuer: Issuer,
  ) {
    this.#limit = new PersonLimit(registers);
    this.#scribe = new Scribe(registers, issuer);
    this.#overruling = new Overruling(registers, rules, issuer);
  }

  /**
   * Books, or answers a repeat as the first time.
   * @param by whoever books: staff who say why are bound neither by hours nor by capacity nor by a person's limit
   * @throws Refusal in the order of the contract: `invalid`, `closed`, `off-grid`, `too-soon`, `too-far`,
   *   `hold-expired`, `already-booked`, `slot-taken`; `idempotency-mismatch`, `idempotency-in-progress`
   */
  async book(authority: Authority, request: BookingRequest, repeat: Repeat, by: Change = CITIZEN): Promise<Booking> {
    try {
      const booking = await this.#bookOrRepeat(authority, request, repeat, by);
      this.#count('ok');
      return booking;
    } catch (fault) {
      this.#count(fault instanceof Refusal ? fault.reason : 'error');
      throw fault;
    }
  }

  async #bookOrRepeat(authority: Authority, request: BookingRequest, repeat: Repeat, by: Change): Promise<Booking> {
    try {
      return await this.#bookOnce(authority, request, repeat, by);
    } catch (fault) {
      // A repeat finds its key taken, or is refused a slot that is its own: the first answer is looked for only then.
      const answered = fault instanceof Refusal || isTakenKey(fault) ? await this.#answered(authority, repeat) : null;
      if (answered) return answered;
      throw fault;
    }
  }

  #count(result: string): void {
    this.results.set(result, (this.results.get(result) ?? 0) + 1);
  }

  byReference(authority: Authority, reference: string): Promise<Booking | null> {
    return this.registers.books.byReference(authority.id, reference);
  }

  /** What the request with this key became, whatever it said; null while it has become nothing. */
  async byKey({ id: authorityId }: Authority, { caller, key }: Omit<Repeat, 'bodyHash'>): Promise<Booking | null> {
    const known = await this.registers.keys.find({ authorityId, caller, keyHash: sha256(key) }, this.issuer.now());
    return known && this.registers.books.byId(known.bookingId);
  }

  byToken(authority: Authority, kind: TokenKind, token: string): Promise<Booking | null> {
    return this.registers.books.byTokenHash(authority.id, kind, sha256(token));
  }

  #bookOnce(authority: Authority, request: BookingRequest, repeat: Repeat, by: Change): Promise<Booking> {
    return untilCurrent(async (outOfDate) => {
      const current = (outOfDate && (await this.registers.authorities.find(authority.id))) || authority;
      const { service } = theService(current, request);
      checkCitizen(service, request);
      const allowed = await (overrules(by) ? this.#overruling : this.rules).allow(current, request, request.hold?.id);
      const hold = request.hold && (await this.holds.spendable(current, request, request.hold));
      // The counter it was held at may have left the service meanwhile.
      if (hold && !allowed.counters.includes(hold.counter)) throw new Refusal('hold-expired');
      for (const counter of hold ? [hold.counter] : allowed.counters) {
        const booking = this.#newBooking(current, request, allowed, counter);
        if (await this.#write(current, { booking, service, repeat, hold, by })) return booking;
      }
      return this.#refuse(current, service, request, by);
    });
  }

  async #refuse(authority: Authority, service: Service, request: BookingRequest, by: Change): Promise<never> {
    // Somebody took the place in more that was free: there may be another.
    if (overrules(by) && request.onlyAt === undefined) throw new Overtaken();
    const person = { ...this.#person(authority, request), id: '', start: request.start };
    if (!overrules(by)) await this.#limit.check(authority, service, person);
    throw await this.rules.slotTaken(authority, request);
  }

  /** Everything a booking is, in one transaction. @returns false when another was faster at this counter. */
  async #write(authority: Authority, entry: Entry): Promise<boolean> {
    try {
      await this.registers.database.transaction((tx) => this.#writeIn(tx, authority, entry));
    } catch (fault) {
      if (!(fault instanceof DuplicateKey)) throw fault;
      // The reference is another's: draw a new one.
      if (fault.target === Booking) throw new Overtaken();
      if (fault.target !== Claim) throw fault;
      return false;
    }
    this.registers.changed();
    return true;
  }

  async #writeIn(tx: Transaction, authority: Authority, { booking, service, repeat, hold, by }: Entry): Promise<void> {
    const { keys, authorities, books, claims, holds } = this.registers;
    const stretch = { counter: booking.counter, time: booking.claimed };
    const now = booking.createdAt;
    await keys.insert(tx, keyOf(booking, repeat)).catch(inProgress);
    if (!(await authorities.isCurrent(tx, authority))) throw new Overtaken();
    if (!overrules(by)) await this.#limit.hold(tx, authority, service, booking);
    if (!hold) await claims.take(tx, stretch, booking.id, { now });
    else if (!(await holds.remove(tx, hold.id)) || !(await claims.handOver(tx, stretch, hold.id, booking.id, now)))
      throw new Refusal('hold-expired');
    await books.insert(tx, booking);
    await this.#scribe.begin(tx, authority, booking, by);
  }

  #person({ id }: Authority, { serviceId, citizen }: BookingRequest) {
    const emailHash = citizen.email === null ? null : this.issuer.tokens.emailHash(citizen.email);
    return { authorityId: id, serviceId, emailHash };
  }

  #newBooking(
    authority: Authority,
    request: BookingRequest,
    { end, busyUntil }: Pick<Allowed, 'end' | 'busyUntil'>,
    counter: number,
  ): Booking {
    const { tokens } = this.issuer;
    const now = this.issuer.now();
    const link = { id: this.issuer.id(), generation: 0 };
    const { citizen, officeId, serviceId, start, mode, language, reason, fields, caseNumber } = request;
    const pending = authority.service(officeId, serviceId)?.confirmation === 'staff';
    return new Booking({
      ...link,
      ...this.#person(authority, request),
      reference: this.issuer.reference(),
      officeId,
      counter,
      start,
      end,
      busyUntil,
      mode,
      status: pending ? 'pending' : 'confirmed',
      sequence: 0,
      version: 0,
      language,
      ...citizen,
      email: citizen.email && withPlainDomain(citizen.email),
      addressFails: 0,
      reason,
      fields: { ...fields },
      caseNumber,
      manageHash: tokens.hashOf('manage', link),
      meetingHash: tokens.hashOf('meeting', link),
      meetingRoom: null,
      cancelledBy: null,
      createdAt: now,
      updatedAt: now,
    });
  }

  /** The booking as the first request with this key was told of it. @throws Refusal `idempotency-mismatch` */
  async #answered(authority: Authority, { caller, key, bodyHash }: Repeat): Promise<Booking | null> {
    const keyHash = sha256(key);
    const known = await this.registers.keys.find({ authorityId: authority.id, caller, keyHash }, this.issuer.now());
    if (!known) return null;
    if (known.bodyHash !== bodyHash) throw new Refusal('idempotency-mismatch');
    const booking = await this.registers.books.byId(known.bookingId);
    return booking && new Booking({ ...booking, ...(known.answer as FirstAnswer) });
  }
}

/** @throws Refusal `invalid` */
function checkCitizen(service: Service, { mode, citizen, fields, language }: BookingRequest): void {
  if (mode === 'phone' && !citizen.phone) throw invalid('citizen.phone', PHONE_NEEDED[language]);
  const errors = checkFields(service, fields, language);
  if (errors.length) throw new Refusal('invalid', { errors });
}

const PHONE_NEEDED = {
  it: "Per un appuntamento al telefono serve il tuo numero: l'ufficio ti chiama lì.",
  en: 'An appointment by phone needs your number: the office calls you there.',
} as const;

function keyOf(booking: Booking, { caller, key, bodyHash }: Repeat): IdempotencyKey {
  const { counter, start, end, busyUntil, mode, status, sequence, generation } = booking;
  const answer: FirstAnswer = { counter, start, end, busyUntil, mode, status, sequence, generation };
  const { authorityId, id: bookingId, createdAt } = booking;
  return { authorityId, caller, keyHash: sha256(key), bodyHash, bookingId, answer, createdAt };
}

const isTakenKey = (fault: unknown): boolean => fault instanceof DuplicateKey && fault.target === IdempotencyKey;

function inProgress(fault: unknown): never {
  throw isLockTimeout(fault) ? new Refusal('idempotency-in-progress') : fault;
}
