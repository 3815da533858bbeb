// SPDX-License-Identifier: AGPL-3.0-or-later
import { Hints } from '../waiting-room/hints.ts';
import type { LiveServer } from './live-server.ts';

/** Hints over the live connections, to the pages of every instance. */
export class SocketHints extends Hints {
  constructor(private readonly live: LiveServer) {
    super();
  }

  door(authorityId: string, officeId: string): void {
    this.live.door(authorityId, officeId);
  }

  arrival(id: string): void {
    this.live.arrival(id);
  }
}
