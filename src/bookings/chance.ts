// SPDX-License-Identifier: AGPL-3.0-or-later
import { randomBytes } from 'node:crypto';

/** Where randomness comes from. Nothing else in the house draws any. */
export abstract class Chance {
  abstract bytes(length: number): Uint8Array;

  /** So many random bytes as base64url: a secret, the name of a cookie. */
  text(bytes: number): string {
    return Buffer.from(this.bytes(bytes)).toString('base64url');
  }
}

export class SystemChance extends Chance {
  bytes(length: number): Uint8Array {
    return randomBytes(length);
  }
}
