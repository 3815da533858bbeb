// SPDX-License-Identifier: AGPL-3.0-or-later
import { Injectable } from '@nestjs/common';
import type { Booking, Language } from '../../bookings/booking.ts';
import { Refusal } from '../../bookings/refusal.ts';
import { BookingDesk } from '../../front-desk/booking-desk.ts';
import { HoldDesk } from '../../front-desk/hold-desk.ts';
import type { Authority } from '../../offices/authority.ts';
import type { Mode } from '../../offices/definition.ts';
import { Addresses } from '../addresses.ts';
import { FormMemory, type Answers } from './draft.ts';
import { versionOf } from './form-view.ts';

type KeptHold = NonNullable<Answers['hold']>;

interface ChosenTime {
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
    private readonly addresses: Addresses,
  ) {}

  /** A form at this time: a new one, or the one on its way with another time. */
  withTime(answers: Answers | null, chosen: ChosenTime): Answers {
    const blank = { reason: '', fields: {}, caseNumber: '', givenName: '', familyName: '', email: '', phone: '' };
    return { ...blank, hold: null, key: this.memory.newKey(), ...answers, ...chosen };
  }

  /** Keeps the time a while longer. @throws Refusal `slot-taken` and whatever else a start may be refused for */
  async renew(authority: Authority, answers: Answers): Promise<KeptHold> {
    const { hold, secret } = await this.holds.renew(authority, wishOf(answers), answers.hold ?? undefined);
    return { id: hold.id, secret, expiresAt: hold.expiresAt };
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

  /** Where the confirmation of a form that was booked already is; null when its booking is not there. */
  async confirmed(authority: Authority, reference: string): Promise<string | null> {
    const booking = await this.desk.byReference(authority, reference);
    return booking && this.confirmationOf(booking);
  }

  confirmationOf(booking: Booking): string {
    return `${this.addresses.pathsOf(booking).manage}/confermato`;
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
    const repeat = { caller: 'form', key: a.key, bodyHash: versionOf(a) };
    return this.desk.book(authority, request, repeat);
  }
}

const wishOf = ({ officeId, serviceId, start, mode }: Answers) => ({ officeId, serviceId, start, mode });
