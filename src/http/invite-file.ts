// SPDX-License-Identifier: AGPL-3.0-or-later
import { Injectable } from '@nestjs/common';
import type { Booking } from '../bookings/booking.ts';
import { linksOf } from '../bookings/links.ts';
import { Refusal } from '../bookings/refusal.ts';
import { Tokens } from '../bookings/token.ts';
import { Config } from '../config.ts';
import { publicUrlOf } from '../offices/public-address.ts';
import { downloadable } from '../mail/invite.ts';
import type { Authority } from '../offices/authority.ts';

/** The current invite of a booking as a file: METHOD PUBLISH, to add to any calendar. */
@Injectable()
export class InviteFile {
  constructor(
    private readonly config: Config,
    private readonly tokens: Tokens,
  ) {}

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
      links: linksOf(booking, this.tokens, publicUrlOf(this.config.publicUrl, authority, office.id)),
      stampedAt: booking.updatedAt,
    });
  }
}
