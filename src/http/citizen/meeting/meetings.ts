// SPDX-License-Identifier: AGPL-3.0-or-later
import { Injectable } from '@nestjs/common';
import type { Booking } from '../../../bookings/booking.ts';
import { Refusal } from '../../../bookings/refusal.ts';
import { BookingDesk } from '../../../front-desk/booking-desk.ts';
import { WaitingDesk } from '../../../front-desk/reception/waiting-desk.ts';
import type { Arrival } from '../../../waiting-room/arrival.ts';
import type { AtHost } from '../../authority-at-host.ts';

/** Whom a link to `/incontro/{token}` belongs to: who knocked, or who has an appointment and may have come already. */
export type Met =
  | { readonly token: string; readonly booking: null; readonly arrival: Arrival }
  | { readonly token: string; readonly booking: Booking; readonly arrival: Arrival | null };

/** Finds who stands behind the link of a meeting. */
@Injectable()
export class Meetings {
  constructor(
    private readonly bookings: BookingDesk,
    private readonly waiting: WaitingDesk,
  ) {}

  /** @throws Refusal `not-found` */
  async find({ authority }: AtHost, token: string): Promise<Met> {
    const arrival = await this.waiting.find(authority, token);
    if (arrival?.kind === 'knock') return { token, booking: null, arrival };
    const booking = await this.bookings.byToken(authority, 'meeting', token);
    if (!booking) throw new Refusal('not-found');
    return { token, booking, arrival };
  }
}

/** Whoever posts here knows the token already: no other site does, and old browsers hide where they come from. */
export const FORMS_OF_A_MEETING = ['entra', 'scrivi', 'richiamami', 'esci', 'di-nuovo'].map(
  (form) => `incontro/:token/${form}`,
);

export const pathOf = ({ token }: Pick<Met, 'token'>): string => `/incontro/${token}`;
