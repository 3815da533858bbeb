// SPDX-License-Identifier: AGPL-3.0-or-later

/**
 * Told after the COMMIT of what open pages show: they then read the state again. A hint may be lost or come twice; it
 * never throws and nobody waits for it.
 */
export abstract class Hints {
  /** Something changed before an office's virtual door: who waits there, or whether it is open. */
  abstract door(authorityId: string, officeId: string): void;
  /** Something changed for one who waits, or in their call. */
  abstract arrival(id: string): void;
}
