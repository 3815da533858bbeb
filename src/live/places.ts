// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Guest } from './gate.ts';
import { ROOMS, type LiveIo } from './protocol.ts';

/** Who watches the doors without a ticket; others look every ten seconds. */
const MOST_WATCHERS = 5_000;
/** A town hall, or many telephones behind one address. */
const MOST_WATCHERS_FROM_ONE = 200;
/** Of who waits: their own tabs and devices, and who came with them. */
const MOST_PAGES_OF_ONE = 20;
const MOST_CONNECTIONS = 10_000;

/** How many this instance has place for, and where each belongs. */
export class Places {
  constructor(private readonly io: LiveIo) {}

  /** Whoever they may be. */
  get isFull(): boolean {
    return this.io.engine.clientsCount >= MOST_CONNECTIONS;
  }

  /** @param client those who come from one network */
  hasPlaceFor({ pass }: Guest, client: string): boolean {
    if (pass?.role === 'staff') return true;
    if (pass) return pass.arrivalId !== null && this.#size(ROOMS.arrival(pass.arrivalId)) < MOST_PAGES_OF_ONE;
    const fromThere = this.#size(ROOMS.watchersFrom(client));
    return this.#size(ROOMS.watchers) < MOST_WATCHERS && fromThere < MOST_WATCHERS_FROM_ONE;
  }

  roomsOf({ authorityId, pass }: Guest, client: string): string[] {
    if (!pass) return [ROOMS.doors(authorityId), ROOMS.watchers, ROOMS.watchersFrom(client)];
    const doors = pass.offices.map((officeId) => ROOMS.door(authorityId, officeId));
    const own = pass.arrivalId === null ? [] : [ROOMS.arrival(pass.arrivalId)];
    return [pass.role === 'staff' ? ROOMS.staff : ROOMS.citizens, ...doors, ...own];
  }

  /** How many are connected, by whose they are. */
  get counts(): Record<'doors' | 'citizens' | 'staff', number> {
    return { doors: this.#size(ROOMS.watchers), citizens: this.#size(ROOMS.citizens), staff: this.#size(ROOMS.staff) };
  }

  #size(room: string): number {
    return this.io.of('/').adapter.rooms.get(room)?.size ?? 0;
  }
}
