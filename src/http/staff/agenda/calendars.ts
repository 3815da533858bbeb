// SPDX-License-Identifier: AGPL-3.0-or-later
import type { CalendarStanding, CalendarState } from '../../../front-desk/calendar/states.ts';
import { toMinute } from '../../../time/clock.ts';
import { sayMoment } from '../../../time/say.ts';
import type { Look } from './booking-line.ts';

/** What is wrong with a counter's calendar, and since when it has said nothing; empty when it never spoke. */
export interface CalendarView {
  readonly standing: CalendarStanding;
  readonly since: string;
}

/** By the key of the counter; nothing for one whose calendar is as it should be. */
export type CalendarViews = ReadonlyMap<number, CalendarView>;

export const calendarsInTrouble = (
  states: readonly CalendarState[],
  { now, authority, language }: Look,
): CalendarViews =>
  new Map(
    states
      .filter(({ standing }) => standing !== 'ok')
      .map(({ counter, standing, syncedAt }) => {
        const at = Math.floor(toMinute(syncedAt));
        return [counter.key, { standing, since: at ? sayMoment(at, authority.zone, language, now) : '' }];
      }),
  );
