// SPDX-License-Identifier: AGPL-3.0-or-later
import { createHash } from 'node:crypto';
import { Chance } from '../../src/bookings/chance.ts';

/** The same bytes for the same seed: a day of the office can be replayed. */
export class SeededChance extends Chance {
  readonly #seed: string;
  #drawn = 0;

  constructor(seed: string | number) {
    super();
    this.#seed = String(seed);
  }

  bytes(length: number): Uint8Array {
    const blocks: Buffer[] = [];
    for (let size = 0; size < length; size += 32) {
      blocks.push(createHash('sha256').update(`${this.#seed}:${this.#drawn++}`).digest());
    }
    return Buffer.concat(blocks).subarray(0, length);
  }
}
