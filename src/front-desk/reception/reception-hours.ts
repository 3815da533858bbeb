// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Authority } from '../../offices/authority.ts';
import type { Office } from '../../offices/definition.ts';
import { closingOf, nextOpeningOf, type OpenOn } from '../../offices/open-hours.ts';
import { toMinute, type Clock } from '../../time/clock.ts';
import type { Minute } from '../../time/interval.ts';

/** When the virtual doors open: by the same hours, holidays and closures as the slots. */
export class ReceptionHours {
  constructor(private readonly clock: Clock) {}

  /** Whether an office ever receives at a virtual door; `reception_hours: []` says no, also on extraordinary openings. */
  receives({ receptionHours, openingHours, openings }: Office): boolean {
    const hours = receptionHours ?? [...openingHours, ...openings];
    return hours.some(({ audience }) => !audience || audience.includes('public'));
  }

  /** When the door closes, if it is open now. */
  openUntil(authority: Authority, office: Office): Minute | null {
    return closingOf(this.#openOn(authority, office), toMinute(this.clock.now()), authority.zone);
  }

  /** When the door opens next, after now; null when that is more than a year away. */
  nextOpening(authority: Authority, office: Office): Minute | null {
    if (!this.receives(office)) return null;
    return nextOpeningOf(this.#openOn(authority, office), toMinute(this.clock.now()), authority.zone);
  }

  #openOn(authority: Authority, office: Office): OpenOn {
    return this.receives(office) ? (day) => authority.days.forReception(office, day).open : () => [];
  }
}
