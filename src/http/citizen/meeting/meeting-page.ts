// SPDX-License-Identifier: AGPL-3.0-or-later
import { Injectable } from '@nestjs/common';
import type { Booking } from '../../../bookings/booking.ts';
import { WaitingDesk } from '../../../front-desk/reception/waiting-desk.ts';
import { WaysIn, type WayIn } from '../../../front-desk/rooms/ways-in.ts';
import { Timetable } from '../../../front-desk/timetable.ts';
import type { Authority } from '../../../offices/authority.ts';
import { Clock, toMinute } from '../../../time/clock.ts';
import { rfc3339 } from '../../../time/zone.ts';
import type { Answer } from '../../answer.ts';
import type { AtHost } from '../../authority-at-host.ts';
import { Pages } from '../../page.ts';
import { StaffCookie } from '../../staff/entrance/staff-cookie.ts';
import type { Visit } from '../../visit.ts';
import { sayAhead } from '../ahead.ts';
import { Appointments } from '../appointments.ts';
import type { Problem } from '../checks.ts';
import { contactOf } from '../contact.ts';
import type { DoorLook } from '../reception/door-view.ts';
import { ENTERING, FOLLOWING, stageOf, type MeetingStage } from './meeting-stage.ts';
import { pathOf, type Met } from './meetings.ts';
import { otherTimes } from './other-times.ts';
import { waitingViewOf } from './waiting-view.ts';

/** What the page asks for: a line to the staff, a telephone number; and what was wrong with it. */
export interface Asked {
  readonly asks: 'line' | 'phone' | null;
  readonly typed: string;
  readonly problems: readonly Problem[];
}

export const NOTHING_ASKED: Asked = { asks: null, typed: '', problems: [] };

/** Those in which the staff may still read a line, and those in which a telephone call is still a way out. */
const ASKING: Record<'line' | 'phone', readonly MeetingStage[]> = {
  line: ['waiting', 'unanswered', 'held', 'called', 'call-back'],
  phone: ['waiting', 'unanswered', 'held', 'called', 'call-back', 'gone'],
};

/** Those in which another provider's room is offered, until the appointment ends. */
const OFFERED: readonly MeetingStage[] = [...ENTERING, 'waiting', 'unanswered', 'held', 'gone', 'withdrawn'];

/** The page of a meeting, whatever has become of it. That it is looked at keeps the place of who waits. */
@Injectable()
export class MeetingPage {
  constructor(
    private readonly appointments: Appointments,
    private readonly waiting: WaitingDesk,
    private readonly ways: WaysIn,
    private readonly timetable: Timetable,
    private readonly pages: Pages,
    private readonly clock: Clock,
    private readonly staffCookie: StaffCookie,
  ) {}

  async show(at: AtHost, visit: Visit, met: Met, asked = NOTHING_ASKED): Promise<Answer> {
    const { authority } = at;
    const { booking, arrival } = met;
    const waited = arrival && (await this.waiting.look(authority, arrival));
    const stage = stageOf(booking, waited, this.clock.now());
    const office = authority.anyOffice(waited?.arrival.officeId ?? booking!.officeId)!;
    const asks = asked.asks && ASKING[asked.asks].includes(stage) ? asked.asks : null;
    const look = this.#look(authority, visit);
    const view = {
      stage,
      path: pathOf(met),
      office,
      contact: contactOf(authority, office),
      appointment: booking && this.#appointment(at, visit, booking),
      waiting: waited && waitingViewOf(waited, look),
      way: await this.#way(authority, met, stage),
      times: stage === 'unanswered' ? await otherTimes(this.timetable, office, booking?.serviceId ?? null, look) : [],
      follows: FOLLOWING.includes(stage),
      isStaffs: booking !== null && this.#isStaffs(authority, visit),
      ...asked,
      asks,
    };
    const status = asked.problems.length ? 422 : 200;
    return this.pages.show('meeting', { at, visit }, view, { status, kind: 'token' });
  }

  /** The office's copy of the letter holds the same link: who follows it there opens the door, and does not wait before it. */
  #isStaffs(authority: Authority, visit: Visit): boolean {
    return Boolean(this.staffCookie.read(authority, visit) ?? this.staffCookie.readMark(authority, visit));
  }

  #look(authority: Authority, { language }: Visit): DoorLook {
    return { authority, language, now: toMinute(this.clock.now()), t: this.pages.words(language) };
  }

  /** The link of the meeting may be passed on: whoever has it sees when and with whom, and cannot change anything. */
  #appointment(at: AtHost, visit: Visit, booking: Booking) {
    const { service, when, again, calendars } = this.appointments.view(at, visit, booking);
    const ahead = sayAhead(booking.start - toMinute(this.clock.now()), this.pages.words(visit.language));
    return { service, when, again, calendars, ahead, start: rfc3339(booking.start, at.authority.zone) };
  }

  async #way(authority: Authority, { booking, arrival }: Met, stage: MeetingStage): Promise<WayIn | null> {
    if (!booking || !OFFERED.includes(stage) || booking.end <= toMinute(this.clock.now())) return null;
    const name = `${booking.givenName} ${booking.familyName}`;
    const way = await this.ways.of(authority, booking, arrival, { role: 'citizen', name });
    return way.url === null ? null : way;
  }
}
