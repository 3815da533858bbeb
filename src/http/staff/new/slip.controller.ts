// SPDX-License-Identifier: AGPL-3.0-or-later
import { Controller, Get, Param, UseInterceptors } from '@nestjs/common';
import { normalised } from '../../../bookings/reference.ts';
import { Refusal } from '../../../bookings/refusal.ts';
import { AccessLog } from '../../../database/staff/access-log.ts';
import { BookingDesk } from '../../../front-desk/booking-desk.ts';
import { Clock, toMinute } from '../../../time/clock.ts';
import { Addresses } from '../../addresses.ts';
import { SendAnswer, type Answer } from '../../answer.ts';
import { Pages } from '../../page.ts';
import { AtStaff, mayOr404 } from '../entrance/signed-in.ts';
import { slipOf } from './slip-view.ts';
import { StaffPages, type StaffSetting } from '../staff-pages.ts';

/** `/operatore/appuntamenti/{reference}/foglio`: the appointment on paper, for whoever gets no letters. */
@Controller('operatore/appuntamenti/:reference/foglio')
@UseInterceptors(SendAnswer)
export class SlipController {
  constructor(
    private readonly pages: StaffPages,
    private readonly words: Pages,
    private readonly bookings: BookingDesk,
    private readonly addresses: Addresses,
    private readonly log: AccessLog,
    private readonly clock: Clock,
  ) {}

  @Get()
  async show(@AtStaff() setting: StaffSetting, @Param('reference') asked: string): Promise<Answer> {
    const { at, staff } = setting;
    const booking = await this.bookings.byReference(at.authority, normalised(asked));
    if (!booking) throw new Refusal('not-found');
    const { id, officeId, reference, language } = booking;
    mayOr404(staff, 'change-bookings', officeId);
    await this.log.note(at.authority, staff, 'slip', { reference, booking: id });
    const links = this.addresses.linksOf(at.authority, booking);
    const slip = slipOf(at.authority, booking, links, toMinute(this.clock.now()));
    const sheet = `/operatore/appuntamenti/${reference}`;
    return this.pages.show('staff/slip', setting, { slip, sheet, say: this.words.words(language) });
  }
}
