// SPDX-License-Identifier: AGPL-3.0-or-later
import { Injectable } from '@nestjs/common';
import type { Booking } from '../bookings/booking.ts';
import { linksOf, type Links } from '../bookings/links.ts';
import { Tokens } from '../bookings/token.ts';
import { Config } from '../config.ts';
import type { Authority } from '../offices/authority.ts';
import { publicUrlOf } from '../offices/public-address.ts';

/** Where a booking is reached. */
@Injectable()
export class Addresses {
  constructor(
    private readonly config: Config,
    private readonly tokens: Tokens,
  ) {}

  /** To be kept: whole, under the office's public name. */
  linksOf(authority: Authority, booking: Booking): Links {
    return linksOf(booking, this.tokens, publicUrlOf(this.config.publicUrl, authority, booking.officeId));
  }

  /** Of who knocked: the waiting room, then the call. */
  waitingRoomOf(authority: Authority, officeId: string, token: string): string {
    return `${publicUrlOf(this.config.publicUrl, authority, officeId)}/incontro/${token}`;
  }

  /** To be followed from a page, without a host: a citizen who came by another name of the authority stays there. */
  pathsOf(booking: Booking): Links {
    return linksOf(booking, this.tokens, '');
  }

  /** Its page in the staff's agenda. */
  sheetOf(authority: Authority, { officeId, reference }: Booking): string {
    return `${publicUrlOf(this.config.publicUrl, authority, officeId)}/operatore/appuntamenti/${reference}`;
  }

  manageTokenOf(booking: Booking): string {
    return this.tokens.derive('manage', booking);
  }
}
