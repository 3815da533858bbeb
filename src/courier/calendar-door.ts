// SPDX-License-Identifier: AGPL-3.0-or-later
import type { CalendarLinks } from '../database/calendar/calendar-links.ts';
import { CalendarFailure } from '../calendars/calendar-failure.ts';
import { linkOf, type Link } from '../calendars/link.ts';
import type { Authority } from '../offices/authority.ts';

/** The ways into the counters' calendars, and what is known of whether they are open. */
export class CalendarDoor {
  /** Counters at whose calendar we were turned away, as far as this process knows. */
  readonly #inTrouble = new Set<number>();

  constructor(private readonly links: CalendarLinks) {}

  calendarOf(authority: Authority, counter: number): string | undefined {
    return authority.counterByKey(counter)?.googleCalendar?.id;
  }

  /** @returns null for a counter without a calendar. */
  async linkOf(authority: Authority, key: number): Promise<Link | null> {
    const counter = authority.counterByKey(key);
    if (!counter?.googleCalendar) return null;
    const kept = await this.links.of(authority.id, key, counter.googleCalendar.id);
    if (kept.state === 'reauthorize' || kept.state === 'error') this.#inTrouble.add(key);
    return linkOf(counter, kept.refreshToken);
  }

  /** Writes down what stands in the way, for staff to see, and when it no longer does. @throws CalendarFailure */
  async through<T>({ counter }: Link, work: () => Promise<T>): Promise<T> {
    try {
      const result = await work();
      if (this.#inTrouble.delete(counter)) await this.links.wellAgain(counter);
      return result;
    } catch (failure) {
      await this.#note(counter, failure);
      throw failure;
    }
  }

  async #note(counter: number, failure: unknown): Promise<void> {
    if (!(failure instanceof CalendarFailure)) return;
    if (failure.kind === 'reauthorize') await this.links.trouble(counter, 'reauthorize', failure.message);
    if (failure.kind === 'fatal') await this.links.trouble(counter, 'error', failure.message);
  }
}
