// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Registers } from '../../database/registers.ts';
import type { Authority } from '../../offices/authority.ts';
import type { GoogleCalendar } from '../../offices/definition.ts';
import type { CalendarDesk } from './calendar-desk.ts';
import type { CalendarLeaving } from './leaving.ts';
import type { Issuer } from '../issuer.ts';

/** What staff say to a link that stopped because too much had vanished: put all back, or ask one by one. */
export type Resumption = 'restoring' | 'asking';

/** What staff decide about the calendars of their counters. Google is asked later, never while somebody waits. */
export class CalendarLinksDesk {
  /** The revisions for which the links are as the authority files have them. */
  #aligned = '';

  constructor(
    private readonly registers: Registers,
    private readonly desk: CalendarDesk,
    private readonly leaving: CalendarLeaving,
    private readonly issuer: Issuer,
  ) {}

  /** Begins a link for each counter whose calendar has none; one that is no longer wanted ends at its next look. */
  async align(): Promise<void> {
    const authorities = await this.registers.authorities.all();
    const revisions = authorities.map(({ id, revision }) => `${id} ${revision}`).join();
    if (revisions === this.#aligned) return;
    const links = new Map((await this.registers.calendarPulls.links()).map((link) => [link.counter, link.calendarId]));
    for (const authority of authorities) await this.#alignOne(authority, links);
    this.#aligned = revisions;
  }

  async #alignOne(authority: Authority, links: ReadonlyMap<number, string>): Promise<void> {
    // Retired ones too: they may still have somebody.
    for (const { key, googleCalendar } of authority.counters) {
      const id = googleCalendar?.id;
      if (id !== undefined && !links.has(key)) await this.registers.calendarLinks.of(authority.id, key, id);
      if (links.has(key) && links.get(key) !== id) await this.registers.calendarPulls.hurry(key, this.issuer.now());
    }
  }

  async assign(authority: Authority, counter: number, calendar: GoogleCalendar): Promise<void> {
    await this.leaving.assign(authority, counter, calendar);
  }

  /** Somebody has let us into their calendar. @param token sealed */
  async admit(authority: Authority, counter: number, token: string): Promise<void> {
    const calendar = authority.counterByKey(counter)!.googleCalendar!;
    await this.registers.calendarLinks.of(authority.id, counter, calendar.id);
    await this.registers.calendarPulls.admit(counter, token, this.issuer.now());
    await this.#hurry(authority);
  }

  /** Leaves a calendar: at the next look our events are taken out and all is forgotten. */
  async leave(counter: number): Promise<void> {
    const states = ['ok', 'reauthorize', 'stopped', 'error', 'restoring', 'asking'] as const;
    await this.registers.calendarPulls.turn(counter, states, 'leaving', this.issuer.now());
  }

  /** Leaves a calendar into which we are not let any more: our events stay there. */
  async forget(authority: Authority, counter: number): Promise<void> {
    const link = await this.registers.calendarLinks.find(counter);
    if (link) await this.leaving.forget(authority, link);
    else await this.leaving.assign(authority, counter, null);
  }

  /** @returns false when somebody else has answered already. */
  resume(counter: number, resumption: Resumption): Promise<boolean> {
    return this.registers.calendarPulls.turn(counter, ['stopped'], resumption, this.issuer.now());
  }

  /** Has the calendar looked at within some seconds, and what is missing there written, also what had been given up. */
  async lookNow(authority: Authority, counter: number): Promise<void> {
    await this.registers.calendarPulls.hurry(counter, this.issuer.now());
    await this.desk.writeAll(authority, counter);
    await this.#hurry(authority);
  }

  /** What could not be written before would else wait up to an hour for its next attempt. */
  async #hurry({ id }: Authority): Promise<void> {
    await this.registers.outbox.hurryEvents(id, this.issuer.now());
    this.registers.changed();
  }

  /** One round of the loop. @returns whether there was anything to look at. */
  async round(): Promise<boolean> {
    await this.align();
    return (await this.desk.lookAtDue()) > 0;
  }
}
