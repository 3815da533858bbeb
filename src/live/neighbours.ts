// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Clock, Millis } from '../time/clock.ts';
import type { LiveIo, Seated } from './protocol.ts';
import type { RedisLine } from './redis-line.ts';

/** Whoever has not answered by then is not waited for: they hear of us all the same, and we of them. */
const PATIENCE_MS: Millis = 900;

/** The other instances, where there are any. */
export class Neighbours {
  constructor(
    private readonly io: LiveIo,
    private readonly clock: Clock,
    /** Absent where there are none. */
    private readonly line: RedisLine | undefined,
  ) {}

  tellOfArrival(id: string): void {
    if (this.line) this.io.serverSideEmit('arrival', id);
  }

  tellOfSeat(arrivalId: string, who: Seated): void {
    if (this.line) this.io.serverSideEmit('seated', arrivalId, who);
  }

  tellOfLeaving(arrivalId: string, id: string): void {
    if (this.line) this.io.serverSideEmit('risen', arrivalId, id);
  }

  /** Who sits in a call there. */
  async seatedAt(arrivalId: string): Promise<Seated[]> {
    if (!this.line?.isUp) return [];
    const answered = new AbortController();
    const late = this.clock.sleep(PATIENCE_MS, answered.signal).then(
      () => [],
      () => [],
    );
    const all = new Promise<Seated[]>((resolve) => {
      this.io.serverSideEmit('who', arrivalId, (_fault: Error | null, answers: readonly (readonly Seated[])[] = []) =>
        resolve(answers.flat()),
      );
    });
    const seated = await Promise.race([all, late]);
    answered.abort();
    return seated;
  }
}
