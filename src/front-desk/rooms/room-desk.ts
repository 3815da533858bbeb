// SPDX-License-Identifier: AGPL-3.0-or-later
import { mayDo } from '../../access/permissions.ts';
import type { Staff } from '../../access/staff.ts';
import { sha256 } from '../../bookings/token.ts';
import type { Config } from '../../config.ts';
import type { Registers } from '../../database/registers.ts';
import type { Ticket } from '../../database/rows.ts';
import type { StaffBook } from '../../database/staff/staff-book.ts';
import type { Tickets } from '../../database/reception/tickets.ts';
import type { Arrival } from '../../waiting-room/arrival.ts';
import type { Pass } from '../../waiting-room/pass.ts';
import type { Millis } from '../../time/clock.ts';
import type { Issuer } from '../issuer.ts';
import { iceServersFor, type IceServer } from './ice-servers.ts';

/** Long enough to open a connection with, and no longer: a ticket that leaks is worth little. */
const TICKET_MS: Millis = 60_000;

/** Who may hear of a door, and sit in a call. */
export class RoomDesk {
  constructor(
    private readonly tickets: Tickets,
    private readonly registers: Registers,
    private readonly staff: StaffBook,
    private readonly issuer: Issuer,
    private readonly video: Config['video'],
  ) {}

  /** For who has the link of an arrival. @param seat one that SEAT allows */
  ticketFor({ id, authorityId }: Arrival, seat: string): Promise<string> {
    return this.#hand({ authorityId, arrivalId: id, staffId: null, seat });
  }

  /** @param arrival whose call; null to watch the queue of their offices */
  staffTicket({ id, authorityId }: Staff, arrival: Arrival | null, seat: string): Promise<string> {
    return this.#hand({ authorityId, arrivalId: arrival?.id ?? null, staffId: id, seat });
  }

  /** Whose a ticket is, once. Null for one unknown, spent, expired, or of somebody who may no longer come in. */
  async redeem(ticket: string): Promise<Pass | null> {
    const taken = await this.tickets.take(sha256(ticket), this.issuer.now());
    if (!taken) return null;
    const arrival = taken.arrivalId === null ? null : await this.#find(taken.authorityId, taken.arrivalId);
    if (taken.arrivalId !== null && !arrival?.isLive) return null;
    return taken.staffId === null ? citizenPass(taken, arrival) : this.#staffPass(taken, arrival);
  }

  /** Whether the call has begun and is not over, and is theirs: staff also stay while the citizen is asked to wait. */
  async maySit({ arrivalId, authorityId, role, staffId }: Pass): Promise<boolean> {
    const arrival = arrivalId && (await this.#find(authorityId, arrivalId));
    if (!arrival) return false;
    if (role === 'citizen') return arrival.status === 'called';
    if (arrival.status !== 'called' && arrival.status !== 'held') return false;
    return (await this.#receiver(authorityId, staffId, arrival.officeId)) !== null;
  }

  /** Before which door somebody is now, for they may have been handed on; null when it is over. */
  async officeOf({ authorityId, arrivalId }: Pass): Promise<string | null> {
    const arrival = arrivalId && (await this.#find(authorityId, arrivalId));
    return arrival && arrival.isLive ? arrival.officeId : null;
  }

  /** A sign of life of who waits: their connection was there, so long ago. */
  async alive({ arrivalId, role }: Pass, ago: Millis = 0): Promise<void> {
    if (role === 'citizen' && arrivalId) await this.registers.arrivals.seen(arrivalId, this.issuer.now() - ago);
  }

  /** How their browser finds a way to the others': for ten minutes, and only to whom we know. */
  iceServers({ arrivalId, seat }: Pass): IceServer[] {
    return iceServersFor(this.video, `${arrivalId} ${seat}`, this.issuer.now());
  }

  async #hand(ticket: Pick<Ticket, 'authorityId' | 'arrivalId' | 'staffId' | 'seat'>): Promise<string> {
    const secret = this.issuer.secret();
    await this.tickets.add({ ...ticket, hash: sha256(secret), expiresAt: this.issuer.now() + TICKET_MS });
    return secret;
  }

  async #staffPass({ authorityId, arrivalId, staffId, seat }: Ticket, arrival: Arrival | null): Promise<Pass | null> {
    const staff = await this.#receiver(authorityId, staffId, arrival?.officeId);
    if (!staff) return null;
    const authority = await this.registers.authorities.find(authorityId);
    const offices = (authority?.definition.offices ?? []).map(({ id }) => id);
    const theirs = arrival ? [arrival.officeId] : offices.filter((id) => mayDo(staff, 'receive', id));
    return { authorityId, arrivalId, role: 'staff', staffId, name: staff.name, seat, offices: theirs };
  }

  /** Somebody who may receive, at an office or at any. */
  async #receiver(authorityId: string, staffId: string | null, officeId?: string): Promise<Staff | null> {
    const staff = staffId === null ? null : await this.staff.find(authorityId, staffId);
    if (!staff || staff.disabledAt !== null || staff.mustChange === 1) return null;
    return mayDo(staff, 'receive', officeId) ? staff : null;
  }

  #find(authorityId: string, id: string): Promise<Arrival | null> {
    return this.registers.arrivals.find(authorityId, id);
  }
}

const citizenPass = ({ authorityId, arrivalId, seat }: Ticket, arrival: Arrival | null): Pass | null =>
  arrival && {
    authorityId,
    arrivalId,
    role: 'citizen',
    staffId: null,
    name: arrival.name,
    seat,
    offices: [arrival.officeId],
  };
