// SPDX-License-Identifier: AGPL-3.0-or-later
import { randomBytes } from 'node:crypto';

/** Where randomness comes from. Nothing else in the house draws any. */
export abstract class Chance {
  abstract bytes(length: number): Uint8Array;
}

export class SystemChance extends Chance {
  bytes(length: number): Uint8Array {
    return randomBytes(length);
  }
}
