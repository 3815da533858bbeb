// SPDX-License-Identifier: AGPL-3.0-or-later
import { Injectable } from '@nestjs/common';
import { LANGUAGES } from '../../../bookings/booking.ts';
import { LONGEST_NOTE } from '../../../bookings/change.ts';
import { spaced } from '../../../bookings/reference.ts';
import { Refusal } from '../../../bookings/refusal.ts';
import { BookingDesk } from '../../../front-desk/booking-desk.ts';
import type { Service } from '../../../offices/definition.ts';
import { Clock, toMinute } from '../../../time/clock.ts';
import { sayWhen } from '../../../time/say.ts';
import type { Answer } from '../../answer.ts';
import type { Problem } from '../../citizen/checks.ts';
import { Pages } from '../../page.ts';
import type { Visit } from '../../visit.ts';
import { mayOr404 } from '../entrance/signed-in.ts';
import { problemsIn, problemsInWhy } from './checks.ts';
import { NewBookingDesk } from './new-booking-desk.ts';
import type { NewBooking } from './new-booking-memory.ts';
import { heldUntil, otherTimeAddress, placeAndTimeOf } from './views.ts';
import { StaffPages, type StaffSetting } from '../staff-pages.ts';

/** A form on its way, and what its answers name. */
export interface Opened {
  readonly name: string;
  readonly answers: NewBooking;
  readonly service: Service;
}

/** The second page of a booking for someone, and what is shown when it is done. */
@Injectable()
export class NewBookingPage {
  constructor(
    private readonly pages: StaffPages,
    private readonly words: Pages,
    private readonly desk: NewBookingDesk,
    private readonly bookings: BookingDesk,
    private readonly clock: Clock,
  ) {}

  problems({ answers, service }: Opened, { language }: Visit): Problem[] {
    const t = this.words.words(language);
    const why = answers.overruled.length ? problemsInWhy(answers.why, t) : [];
    return [...problemsIn(answers, service, t, language), ...why];
  }

  /** @param said whether it was sent with something wrong, or something has come in between since it was read */
  async show(setting: StaffSetting, opened: Opened, said: { wrong: boolean; changed: boolean }): Promise<Answer> {
    const { authority } = setting.at;
    const { language } = setting.visit;
    const { answers, service, name } = opened;
    const now = this.clock.now();
    const inTheWay = await this.desk.inTheWay(authority, answers);
    const nearest = inTheWay.length ? await this.desk.nearest(authority, answers) : [];
    const look = { authority, language, now: toMinute(now) };
    return this.pages.show('staff/new-who', setting, {
      ...placeAndTimeOf(look, answers, inTheWay, nearest),
      ...said,
      answers,
      service,
      office: authority.office(answers.officeId),
      held: inTheWay.length ? null : heldUntil(authority, answers, language, now),
      problems: said.wrong ? this.problems(opened, setting.visit) : [],
      speaks: LANGUAGES,
      longestWhy: LONGEST_NOTE,
      here: `/operatore/nuovo/${name}`,
      otherTime: otherTimeAddress(answers, name, authority.zone),
    });
  }

  async done(setting: StaffSetting, reference: string): Promise<Answer> {
    const { authority } = setting.at;
    const booking = await this.bookings.byReference(authority, reference);
    if (!booking) throw new Refusal('not-found');
    mayOr404(setting.staff, 'change-bookings', booking.officeId);
    const { start, end, officeId, serviceId, counter } = booking;
    return this.pages.show('staff/new-done', setting, {
      booking,
      reference: spaced(reference),
      when: sayWhen(start, end, authority.zone, setting.visit.language, toMinute(this.clock.now())),
      office: authority.anyOffice(officeId)!,
      service: authority.anyService(officeId, serviceId)!,
      counter: authority.counterByKey(counter)?.name ?? null,
      sheet: `/operatore/appuntamenti/${reference}`,
    });
  }
}
