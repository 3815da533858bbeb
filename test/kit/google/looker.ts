// SPDX-License-Identifier: AGPL-3.0-or-later
import { CalendarAnswers } from '../../../src/front-desk/calendar/answers.ts';
import { CalendarChannels } from '../../../src/front-desk/calendar/channels.ts';
import { CalendarDesk } from '../../../src/front-desk/calendar/calendar-desk.ts';
import { CalendarLeaving } from '../../../src/front-desk/calendar/leaving.ts';
import { CalendarLinksDesk } from '../../../src/front-desk/calendar/links-desk.ts';
import { CalendarRequests } from '../../../src/front-desk/calendar/requests.ts';
import { SeededChance } from '../chance.ts';
import type { House } from '../desks.ts';
import type { courierTo } from './craft.ts';

export interface Looker {
  links: CalendarLinksDesk;
  desk: CalendarDesk;
  channels: CalendarChannels;
  answers: CalendarAnswers;
}

type Craft = Pick<ReturnType<typeof courierTo>, 'calendars' | 'consent'>;

/** Who reads the calendars of a house. @param address where pushes arrive; none when absent */
export function lookerFor({ calendars, consent }: Craft, house: House, address: string | null = null): Looker {
  const { registers, changes, issuer } = house;
  const requests = new CalendarRequests(registers, changes, issuer);
  const channels = new CalendarChannels(registers, calendars, issuer, address);
  const leaving = new CalendarLeaving(registers, channels, calendars, consent, issuer);
  const desk = new CalendarDesk(registers, requests, leaving, calendars, issuer, new SeededChance('looks'));
  const links = new CalendarLinksDesk(registers, desk, leaving, issuer);
  return { links, desk, channels, answers: new CalendarAnswers(registers, changes, requests, issuer) };
}
