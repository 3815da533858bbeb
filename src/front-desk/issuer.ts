// SPDX-License-Identifier: AGPL-3.0-or-later
import { v7 } from 'uuid';
import type { Chance } from '../bookings/chance.ts';
import { newReference } from '../bookings/reference.ts';
import type { Tokens } from '../bookings/token.ts';
import type { Clock, Millis } from '../time/clock.ts';

/** Everything a desk hands out that is made of time and chance. */
export class Issuer {
  constructor(
    private readonly clock: Clock,
    private readonly chance: Chance,
    readonly tokens: Tokens,
  ) {}

  now(): Millis {
    return this.clock.now();
  }

  /** UUID version 7 (RFC 9562): ordered by time, made before the transaction so a lost COMMIT is recognised. */
  readonly id = (): string => v7({ msecs: Math.floor(this.clock.now()), random: this.chance.bytes(16) });

  reference(): string {
    return newReference(this.chance);
  }

  /** 256 bits. */
  secret(): string {
    return this.chance.text(32);
  }
}
