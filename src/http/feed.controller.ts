// SPDX-License-Identifier: AGPL-3.0-or-later
import { createHash } from 'node:crypto';
import { Controller, Get, Headers, Param, UseInterceptors } from '@nestjs/common';
import type { Booking } from '../bookings/booking.ts';
import { Refusal } from '../bookings/refusal.ts';
import { FeedDesk } from '../front-desk/feed-desk.ts';
import { feedOf, type FeedEntry } from '../mail/feed.ts';
import type { Authority } from '../offices/authority.ts';
import { Addresses } from './addresses.ts';
import { Answer, SendAnswer } from './answer.ts';
import { AtAuthority, type AtHost } from './authority-at-host.ts';

const FILE = /^([\w-]{43})\.ics$/;

/** `/calendario/{token}.ics`: one counter's appointments, for the calendar programs that staff have. */
@Controller('calendario')
@UseInterceptors(SendAnswer)
export class FeedController {
  constructor(
    private readonly feeds: FeedDesk,
    private readonly addresses: Addresses,
  ) {}

  @Get(':file')
  async read(
    @AtAuthority() { authority }: AtHost,
    @Param('file') file: string,
    @Headers('if-none-match') known: string | undefined,
  ): Promise<Answer> {
    const [, token] = FILE.exec(file) ?? [];
    if (!token) throw new Refusal('not-found');
    const feed = await this.feeds.byToken(authority, token);
    const bookings = await this.feeds.appointments(feed);
    const name = `${authority.counterByKey(feed.counter)?.name ?? ''} – ${authority.definition.name}`;
    return answerWith(feedOf(name, this.#entries(authority, bookings)), known);
  }

  #entries(authority: Authority, bookings: readonly Booking[]): FeedEntry[] {
    return bookings.flatMap((booking) => {
      const office = authority.anyOffice(booking.officeId);
      const service = authority.anyService(booking.officeId, booking.serviceId);
      const link = this.addresses.sheetOf(authority, booking);
      return office && service ? [{ booking, authority, office, service, link }] : [];
    });
  }
}

/** RFC 9110 13.1.2. A date would not do: an appointment that leaves makes the calendar no younger. */
function answerWith(content: string, known = ''): Answer {
  const etag = `"${createHash('sha256').update(content).digest('base64url').slice(0, 27)}"`;
  const headers = {
    etag,
    'cache-control': 'private, no-cache',
    'content-type': 'text/calendar; charset=utf-8; method=PUBLISH',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  };
  // A proxy that compresses marks the tag as weak, and may add to it.
  return known.includes(etag.slice(1, -1)) ? new Answer(304, headers, '') : new Answer(200, headers, content);
}
