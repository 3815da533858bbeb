// SPDX-License-Identifier: AGPL-3.0-or-later
import { timingSafeEqual } from 'node:crypto';
import { sha256 } from '../../bookings/token.ts';
import type { Registers } from '../../database/registers.ts';
import type { CalendarLink } from '../../database/rows.ts';
import type { Calendars } from '../../calendars/calendars.ts';
import { CalendarFailure } from '../../calendars/calendar-failure.ts';
import { linkOf, type Link } from '../../calendars/link.ts';
import type { Millis } from '../../time/clock.ts';
import type { Issuer } from '../issuer.ts';

const WEEK_MS: Millis = 7 * 24 * 60 * 60_000;
/** A channel lives a week; in its last quarter another takes its place. */
const RENEWED_MS: Millis = WEEK_MS / 4;
/** Whoever moves five events in a minute causes one look. */
const DEBOUNCE_MS: Millis = 2_000;

/** Where Google tells us that a calendar has changed: a hint and no more, for the look that it hastens sees for itself. */
export class CalendarChannels {
  constructor(
    private readonly registers: Registers,
    private readonly google: Calendars,
    private readonly issuer: Issuer,
    /** Where Google reaches us; null where it cannot, and calendars are only looked at every few minutes. */
    private readonly address: string | null,
  ) {}

  /** Opens the channels that are missing or end soon. A calendar that has none is looked at all the same. */
  async renewDue(): Promise<void> {
    if (this.address === null) return;
    const ending = await this.registers.calendarPulls.channelsEnding(this.issuer.now() + RENEWED_MS);
    for (const link of ending) await this.#renew(link, this.address);
  }

  /** Whatever Google says, or somebody else: only who names the channel and its token is believed. */
  async told(channelId: string, token: string, state: string): Promise<void> {
    if (state === 'sync') return;
    const link = channelId ? await this.registers.calendarPulls.byChannel(channelId) : null;
    if (link?.channelHash && isSame(link.channelHash, sha256(token)))
      await this.registers.calendarPulls.hurry(link.counter, this.issuer.now() + DEBOUNCE_MS);
  }

  /** Closes the channel of a calendar that is left. */
  async close({ channelId, resourceId }: CalendarLink, google: Link): Promise<void> {
    if (channelId && resourceId) await this.#stop(google, channelId, resourceId);
  }

  /** The new one first, written down, and only then the old one is closed: nothing is missed between. */
  async #renew(link: CalendarLink, address: string): Promise<void> {
    const authority = await this.registers.authorities.find(link.authorityId);
    const counter = authority?.counterByKey(link.counter);
    const google = counter && linkOf(counter, link.refreshToken);
    if (google?.calendarId !== link.calendarId) return;
    const [id, token] = [this.issuer.id(), this.issuer.secret()];
    try {
      const { resourceId, endsAt } = await this.google.watch(google, { id, token, address });
      const channel = { id, hash: sha256(token), resourceId, endsAt };
      // Another instance may have renewed it at the same time: only one of the two is listened to.
      if (!(await this.registers.calendarPulls.keepChannel(link, channel))) await this.#stop(google, id, resourceId);
      else if (link.channelId && link.resourceId) await this.#stop(google, link.channelId, link.resourceId);
    } catch (failure) {
      // The calendar is looked at all the same.
      if (!(failure instanceof CalendarFailure)) throw failure;
    }
  }

  /** One that cannot be closed ends by itself. */
  async #stop(google: Link, channelId: string, resourceId: string): Promise<void> {
    await this.google.stop(google, channelId, resourceId).catch((failure: unknown) => {
      if (!(failure instanceof CalendarFailure)) throw failure;
    });
  }
}

const isSame = (a: string, b: string): boolean => timingSafeEqual(Buffer.from(a), Buffer.from(b));
