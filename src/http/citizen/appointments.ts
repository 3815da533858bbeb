// SPDX-License-Identifier: AGPL-3.0-or-later
import { Injectable } from '@nestjs/common';
import type { Booking } from '../../bookings/booking.ts';
import { Refusal } from '../../bookings/refusal.ts';
import type { TokenKind } from '../../bookings/token.ts';
import { BookingDesk } from '../../front-desk/booking-desk.ts';
import { Clock } from '../../time/clock.ts';
import { Addresses } from '../addresses.ts';
import type { Answer } from '../answer.ts';
import type { AtHost } from '../authority-at-host.ts';
import { Pages } from '../page.ts';
import type { Visit } from '../visit.ts';
import { appointmentOf, type AppointmentView } from './appointment-view.ts';

/** An appointment for whoever has its link: found by the token, and shown. */
@Injectable()
export class Appointments {
  constructor(
    private readonly desk: BookingDesk,
    private readonly addresses: Addresses,
    private readonly pages: Pages,
    private readonly clock: Clock,
  ) {}

  /** @throws Refusal `not-found` */
  async find({ authority }: AtHost, kind: TokenKind, token: string): Promise<Booking> {
    const booking = await this.desk.byToken(authority, kind, token);
    if (!booking) throw new Refusal('not-found');
    return booking;
  }

  view({ authority }: AtHost, visit: Visit, booking: Booking): AppointmentView {
    const links = this.addresses.linksOf(authority, booking);
    const paths = this.addresses.pathsOf(booking);
    return appointmentOf({ authority, booking, links, paths, language: visit.language, now: this.clock.now() });
  }

  show(template: string, at: AtHost, visit: Visit, booking: Booking, more: object = {}): Answer {
    const view = { ...this.view(at, visit, booking), ...more };
    return this.pages.show(template, { at, visit }, view, { kind: 'token' });
  }
}

/** Whoever posts here knows the token already: no other site does, and old browsers hide where they come from. */
export const FORMS_UNDER_A_TOKEN = [
  'appuntamento/:token/sposta',
  'appuntamento/:token/annulla',
  'appuntamento/:token/riprendi',
  'incontro/:token/biglietto',
];
