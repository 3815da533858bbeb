// SPDX-License-Identifier: AGPL-3.0-or-later
import { Injectable } from '@nestjs/common';
import type { Booking, Language } from '../../bookings/booking.ts';
import { Refusal } from '../../bookings/refusal.ts';
import { sha256, Tokens } from '../../bookings/token.ts';
import { BookingDesk } from '../../front-desk/booking-desk.ts';
import { HoldDesk, type Held } from '../../front-desk/hold-desk.ts';
import type { Authority } from '../../offices/authority.ts';
import type { Mode } from '../../offices/definition.ts';
import { FormMemory, type Answers } from './draft.ts';
import { versionOf } from './form-view.ts';

type KeptHold = NonNullable<Answers['hold']>;

export interface ChosenTime {
  readonly ufficio: string;
  readonly sede: string;
  readonly serviceId: string;
  readonly officeId: string;
  readonly start: number;
  readonly mode: Mode;
}

/** What a form asks of the booking desk, in the form's own terms. */
@Injectable()
export class FormDesk {
  constructor(
    private readonly desk: BookingDesk,
    private readonly holds: HoldDesk,
    private readonly memory: FormMemory,
    private readonly tokens: Tokens,
  ) {}

  /** A form at this time: a new one, or the one on its way with another time. */
  withTime(answers: Answers | null, chosen: ChosenTime): Answers {
    const blank = { reason: '', fields: {}, caseNumber: '', givenName: '', familyName: '', email: '', phone: '' };
    return { ...blank, hold: null, key: this.memory.newKey(), ...answers, ...chosen };
  }

  /** Keeps the time a while longer. @throws Refusal `slot-taken` and whatever else a start may be refused for */
  async renew(authority: Authority, answers: Answers): Promise<KeptHold> {
    const wish = wishOf(answers);
    const mine = answers.hold ?? undefined;
    try {
      return keptOf(await this.holds.renew(authority, wish, mine));
    } catch (fault) {
      if (!mine || !isTaken(fault) || !this.#meets(authority, answers, mine)) throw fault;
      // What stands in the way is the time held until now, half an hour earlier or later.
      await this.holds.release(authority, mine);
      return keptOf(await this.holds.hold(authority, wish));
    }
  }

  /** The booking of this form, however often it is sent. @throws Refusal */
  async book(authority: Authority, answers: Answers, language: Language): Promise<Booking> {
    try {
      return await this.#book(authority, answers, language);
    } catch (fault) {
      if (!(fault instanceof Refusal) || fault.reason !== 'hold-expired') throw fault;
      return this.#book(authority, { ...answers, hold: await this.renew(authority, answers) }, language);
    }
  }

  confirmationOf(booking: Booking): string {
    return `/appuntamento/${this.tokens.derive('manage', booking)}/confermato`;
  }

  #meets(authority: Authority, { officeId, serviceId, start }: Answers, held: KeptHold): boolean {
    const { duration = 0, bufferAfter = 0 } = authority.service(officeId, serviceId) ?? {};
    return held.start !== start && Math.abs(held.start - start) < duration + bufferAfter;
  }

  async #book(authority: Authority, a: Answers, language: Language): Promise<Booking> {
    const request = {
      ...wishOf(a),
      citizen: {
        givenName: a.givenName,
        familyName: a.familyName,
        email: a.email,
        phone: a.mode === 'phone' ? a.phone : null,
      },
      reason: a.reason || null,
      fields: a.fields,
      caseNumber: a.caseNumber || null,
      language,
      hold: a.hold ?? undefined,
    };
    const repeat = { caller: 'form', key: a.key, bodyHash: sha256(versionOf(a)) };
    return this.desk.book(authority, request, repeat);
  }
}

const wishOf = ({ officeId, serviceId, start, mode }: Answers) => ({ officeId, serviceId, start, mode });

const keptOf = ({ hold, secret }: Held): KeptHold => ({
  id: hold.id,
  secret,
  expiresAt: hold.expiresAt,
  start: hold.start,
});

const isTaken = (fault: unknown): boolean => fault instanceof Refusal && fault.reason === 'slot-taken';
