// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Registers } from '../../database/registers.ts';
import type { CalendarLink } from '../../database/rows.ts';
import { CalendarFailure } from '../../calendars/calendar-failure.ts';
import type { Calendars, Permissions } from '../../calendars/calendars.ts';
import type { Link } from '../../calendars/link.ts';
import type { Authority } from '../../offices/authority.ts';
import type { GoogleCalendar } from '../../offices/definition.ts';
import { toMinute } from '../../time/clock.ts';
import type { CalendarChannels } from './channels.ts';
import type { Issuer } from '../issuer.ts';
import { Overtaken, untilCurrent } from '../overtaken.ts';

/** How a counter gets its calendar, and how we take our leave of one. */
export class CalendarLeaving {
  constructor(
    private readonly registers: Registers,
    private readonly channels: CalendarChannels,
    private readonly google: Calendars,
    private readonly consent: Permissions,
    private readonly issuer: Issuer,
  ) {}

  /** Takes our events still to come out of a calendar, gives back the permission, and forgets both. @throws CalendarFailure */
  async leave(authority: Authority, link: CalendarLink, google: Link): Promise<void> {
    for (;;) {
      const known = await this.registers.calendarPulls.known(link.counter);
      const now = toMinute(this.issuer.now());
      const ours = known.filter(({ bookingId, end }) => bookingId !== null && end > now);
      for (const { counter, eventId } of ours) {
        await this.google.delete(google, eventId);
        await this.registers.calendarEvents.forget({ counter, eventId });
      }
      // What was booked meanwhile has been written there by now.
      if (!ours.length) break;
    }
    await this.channels.close(link, google);
    await this.forget(authority, link);
  }

  /** Forgets a calendar as it is. Our events stay in it when they were not taken out before. */
  async forget(authority: Authority, link: CalendarLink): Promise<void> {
    await this.assign(authority, link.counter, null);
    await this.registers.calendarPulls.drop(link.counter);
    this.registers.changed();
    if (link.refreshToken && !(await this.#isSharedBy(link))) await this.#giveBack(link.refreshToken);
  }

  /** Google ends all that an account has allowed us when one permission is given back. */
  async #isSharedBy({ account }: CalendarLink): Promise<boolean> {
    const links = await this.registers.calendarPulls.links();
    return links.some((other) => other.refreshToken !== null && other.account === account);
  }

  /** What Google does not hear now it may be told on the page of the account. */
  async #giveBack(token: string): Promise<void> {
    await this.consent.revoke(token).catch((failure: unknown) => {
      if (!(failure instanceof CalendarFailure)) throw failure;
    });
  }

  /** Writes a counter's calendar into the definition. */
  async assign(authority: Authority, counter: number, calendar: GoogleCalendar | null): Promise<void> {
    const { authorities, database } = this.registers;
    await untilCurrent(async () => {
      const current = (await authorities.find(authority.id)) ?? authority;
      const { id } = current.counterByKey(counter)!;
      const counters = current.definition.counters.map((c) => (c.id === id ? { ...c, googleCalendar: calendar } : c));
      await database.transaction(async (tx) => {
        if (!(await authorities.replace(tx, current, { ...current.definition, counters }))) throw new Overtaken();
      });
    });
    this.registers.changed();
  }
}
