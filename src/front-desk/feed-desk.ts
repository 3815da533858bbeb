// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Staff } from '../access/staff.ts';
import type { Booking } from '../bookings/booking.ts';
import { Refusal } from '../bookings/refusal.ts';
import { sha256 } from '../bookings/token.ts';
import type { Feeds } from '../database/calendar/feeds.ts';
import { Feed } from '../database/rows.ts';
import type { Authority } from '../offices/authority.ts';
import { toMinute } from '../time/clock.ts';
import type { Issuer } from './issuer.ts';

const LOOKS_BACK_MINUTES = 30 * 1440;

/** Private addresses at which a calendar program reads the appointments of one counter. Whoever has one may read it. */
export class FeedDesk {
  constructor(
    private readonly feeds: Feeds,
    private readonly issuer: Issuer,
  ) {}

  /** @returns the token too: 256 bits, said once, for only its hash is kept. @throws Refusal `not-found` for no counter of the authority */
  async create(
    authority: Authority,
    counter: number,
    { name }: Pick<Staff, 'name'>,
  ): Promise<{ feed: Feed; token: string }> {
    if (!authority.counterByKey(counter)) throw new Refusal('not-found');
    const token = this.issuer.secret();
    const feed = Object.assign(new Feed(), {
      id: this.issuer.id(),
      authorityId: authority.id,
      counter,
      tokenHash: sha256(token),
      createdBy: name,
      createdAt: this.issuer.now(),
      revokedAt: null,
    });
    await this.feeds.add(feed);
    return { feed, token };
  }

  /** Those that still work, of one counter or of all. */
  list({ id }: Authority, counter?: number): Promise<Feed[]> {
    return this.feeds.live(id, counter);
  }

  /** From now on it is as if it had never been. @returns false when it worked no more */
  revoke({ id }: Authority, feedId: string): Promise<boolean> {
    return this.feeds.revoke(id, feedId, this.issuer.now());
  }

  /** @throws Refusal `not-found`, whether it never was or was revoked */
  async byToken({ id }: Authority, token: string): Promise<Feed> {
    const feed = await this.feeds.byTokenHash(id, sha256(token));
    if (!feed) throw new Refusal('not-found');
    return feed;
  }

  /** From a month ago on, without those cancelled or seated elsewhere. */
  appointments({ counter }: Feed): Promise<Booking[]> {
    return this.feeds.appointments(counter, Math.floor(toMinute(this.issuer.now())) - LOOKS_BACK_MINUTES);
  }
}
