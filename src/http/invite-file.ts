// SPDX-License-Identifier: AGPL-3.0-or-later
import { Injectable } from '@nestjs/common';
import type { Booking } from '../bookings/booking.ts';
import { Refusal } from '../bookings/refusal.ts';
import { downloadable } from '../mail/invite.ts';
import type { Authority } from '../offices/authority.ts';
import { Addresses } from './addresses.ts';

/** The current invite of a booking as a file: METHOD PUBLISH, to add to any calendar. */
@Injectable()
export class InviteFile {
  constructor(private readonly addresses: Addresses) {}

  headersOf(booking: Booking): Record<string, string> {
    return {
      'content-type': 'text/calendar; charset=utf-8; method=PUBLISH',
      'content-disposition': `attachment; filename="${booking.reference}.ics"`,
      'cache-control': 'no-store',
    };
  }

  textOf(authority: Authority, booking: Booking): string {
    const office = authority.anyOffice(booking.officeId);
    const service = authority.anyService(booking.officeId, booking.serviceId);
    if (!office || !service) throw new Refusal('not-found');
    return downloadable({
      booking,
      authority,
      office,
      service,
      counterName: null,
      links: this.addresses.linksOf(authority, booking),
      stampedAt: booking.updatedAt,
    });
  }
}
