// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Calendars } from '../../calendars/calendars.ts';
import { CalendarFailure } from '../../calendars/calendar-failure.ts';
import type { Link } from '../../calendars/link.ts';
import { seenEvent, type SeenEvent } from '../../calendars/seen-event.ts';
import type { Millis } from '../../time/clock.ts';

/** A calendar as it was listed to the last page. */
export interface Listed {
  readonly items: readonly SeenEvent[];
  readonly syncToken: string;
  readonly account: string | null;
  /** Everything from now on, rather than what changed. */
  readonly whole: boolean;
}

const GONE = 410;
const LONGEST_NAME = 254;

/**
 * What changed since the token, or all that ends after now when there is none or it no longer holds.
 * @param zone taken for the calendar's when it does not say
 * @throws CalendarFailure
 */
export async function listEvents(
  google: Calendars,
  link: Link,
  syncToken: string | null,
  zone: string,
  now: Millis,
): Promise<Listed> {
  try {
    return await pages(google, link, syncToken === null ? { from: now } : { syncToken }, zone);
  } catch (failure) {
    const isOld = failure instanceof CalendarFailure && failure.status === GONE && syncToken !== null;
    if (!isOld) throw failure;
    return pages(google, link, { from: now }, zone);
  }
}

async function pages(
  google: Calendars,
  link: Link,
  since: { from: Millis } | { syncToken: string },
  zone: string,
): Promise<Listed> {
  // The last word about an event counts, should it be on two pages.
  const items = new Map<string, SeenEvent>();
  for (let pageToken: string | undefined; ;) {
    const page = await google.list(link, { ...since, pageToken });
    for (const item of page.items) {
      const seen = seenEvent(item, page.timeZone ?? zone);
      if (seen.id) items.set(seen.id, seen);
    }
    if (page.nextSyncToken !== null)
      return {
        items: [...items.values()],
        syncToken: page.nextSyncToken,
        account: page.summary?.slice(0, LONGEST_NAME) ?? null,
        whole: 'from' in since,
      };
    pageToken = page.nextPageToken!;
  }
}
