// SPDX-License-Identifier: AGPL-3.0-or-later
import { Injectable } from '@nestjs/common';
import { Refusal, type Reason } from '../../../bookings/refusal.ts';
import { AccessLog } from '../../../database/staff/access-log.ts';
import { Registers } from '../../../database/registers.ts';
import { OpeningDesk } from '../../../front-desk/reception/opening-desk.ts';
import type { Arrival } from '../../../waiting-room/arrival.ts';
import type { Answer } from '../../answer.ts';
import { mayOr404 } from '../entrance/signed-in.ts';
import type { StaffSetting } from '../staff-pages.ts';
import { WaitingView } from './waiting-view.ts';

/** Who tried what; what was typed is shown again when it could not be done. */
export interface Attempt {
  readonly setting: StaffSetting;
  /** The arrival or the office it is about. */
  readonly about: string;
  readonly typed?: string;
}

/** The refusals that the page itself tells; any other has a page of its own. */
const TOLD: readonly Reason[] = ['taken-over', 'changed', 'door-closed', 'invalid'];

/** What staff do in the waiting room: found for those who may, and told on the page when it cannot be done. */
@Injectable()
export class WaitingActs {
  constructor(
    private readonly opening: OpeningDesk,
    private readonly view: WaitingView,
    private readonly registers: Registers,
    private readonly log: AccessLog,
  ) {}

  /** @throws Refusal `not-found`, also for somebody before a door where they do not receive */
  async find({ at, staff }: StaffSetting, id: string): Promise<Arrival> {
    const arrival = await this.opening.find(at.authority, id);
    if (!arrival) throw new Refusal('not-found');
    mayOr404(staff, 'receive', arrival.officeId);
    return arrival;
  }

  /** Programs hear the refusal itself. @throws whatever is not about the door or who is before it */
  async tried({ setting, about, typed }: Attempt, act: () => Promise<Answer>): Promise<Answer> {
    try {
      return await act();
    } catch (fault) {
      if (!(fault instanceof Refusal) || !TOLD.includes(fault.reason) || setting.visit.wantsJson) throw fault;
      return this.view.show(setting, { refusal: fault, about, typed });
    }
  }

  /** An appointment that is let in or closed is changed by it, as from its sheet; a knock leaves no trace of anybody. */
  async noteChange({ at, staff }: StaffSetting, { kind, id }: Arrival, act: string): Promise<void> {
    const booking = kind === 'booking' ? await this.registers.books.byId(id) : null;
    if (booking) await this.log.note(at.authority, staff, 'change', { reference: booking.reference, booking: id, act });
  }
}
