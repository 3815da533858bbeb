// SPDX-License-Identifier: AGPL-3.0-or-later
import { Refusal } from '../../bookings/refusal.ts';
import type { CrowdedDoor } from '../../database/reception/doors.ts';
import type { Registers } from '../../database/registers.ts';
import type { Authority } from '../../offices/authority.ts';
import type { Municipality, Office } from '../../offices/definition.ts';
import { toMillis, type Millis } from '../../time/clock.ts';
import { isPausedAt, type DoorState } from '../../waiting-room/door.ts';
import type { Hints } from '../../waiting-room/hints.ts';
import type { Issuer } from '../issuer.ts';
import { lineOf } from './lines.ts';
import type { ReceptionHours } from './reception-hours.ts';

/** How the virtual doors stand, and their pauses. */
export class Doors {
  constructor(
    private readonly registers: Registers,
    private readonly hours: ReceptionHours,
    private readonly issuer: Issuer,
    private readonly hints: Hints,
  ) {}

  async of(authority: Authority, office: Office): Promise<DoorState> {
    const [crowded] = await this.registers.doors.crowded(authority.id, this.issuer.now(), office.id);
    return this.state(authority, office, crowded);
  }

  /** Of every office that still receives, or of one municipality's, by office. */
  async all(authority: Authority, municipality?: Municipality): Promise<Map<string, DoorState>> {
    const crowded = await this.registers.doors.crowded(authority.id, this.issuer.now());
    const byOffice = new Map(crowded.map((door) => [door.officeId, door]));
    const here = authority.offices.filter((o) => !municipality || o.municipality === municipality.id);
    return new Map(here.map((office) => [office.id, this.state(authority, office, byOffice.get(office.id))]));
  }

  /** How a door stands, from what is written down of it. */
  state(authority: Authority, office: Office, crowded?: CrowdedDoor): DoorState {
    const waiting = crowded?.waiting ?? 0;
    const until = this.hours.openUntil(authority, office);
    if (until === null) {
      const next = this.hours.nextOpening(authority, office);
      return { state: this.hours.receives(office) ? 'closed' : 'none', waiting, until, next, sentence: null };
    }
    const sentence = crowded && isPausedAt(crowded, this.issuer.now()) ? crowded.sentence : null;
    const open = waiting ? 'busy' : 'open';
    return { state: sentence === null ? open : 'paused', waiting, until, next: null, sentence };
  }

  /** @throws Refusal `door-closed` with the next opening */
  checkOpen(authority: Authority, office: Office): void {
    if (this.hours.openUntil(authority, office) !== null) return;
    throw new Refusal('door-closed', { nextOpening: this.hours.nextOpening(authority, office) });
  }

  /**
   * Lets nobody knock any more until it is resumed, or that opening ends. Who waits is received as before.
   * @throws Refusal `door-closed`; `invalid` for a sentence that is none
   */
  async pause(authority: Authority, officeId: string, sentence: string): Promise<void> {
    const said = lineOf('sentence', sentence);
    const office = authority.office(officeId);
    if (!office) throw new Refusal('not-found');
    this.checkOpen(authority, office);
    const until = toMillis(this.hours.openUntil(authority, office)!);
    await this.#write(authority, officeId, said, until);
  }

  resume(authority: Authority, officeId: string): Promise<void> {
    return this.#write(authority, officeId, null, 0);
  }

  async #write({ id }: Authority, officeId: string, sentence: string | null, until: Millis): Promise<void> {
    await this.registers.doors.pause({ authorityId: id, officeId }, sentence, until);
    this.hints.door(id, officeId);
  }
}
