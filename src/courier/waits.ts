// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Chance } from '../bookings/chance.ts';
import type { OutboxRow } from '../database/rows.ts';
import type { Millis } from '../time/clock.ts';

const FIRST_WAIT_MS: Millis = 2_000;
export const LONGEST_WAIT_MS: Millis = 60 * 60_000;
/** How long we stay away where we are not let in. */
const TURNED_AWAY_MS: Millis = 10 * 60_000;
/** Some four days, as for letters. */
const MOST_ATTEMPTS = 100;

export const isOverdue = (row: OutboxRow): boolean => row.attempts + 1 >= MOST_ATTEMPTS;

/** Doubles each time, and is drawn by lot, so that what failed together does not come back together. */
export const waitAfter = (row: OutboxRow, chance: Chance): Millis =>
  FIRST_WAIT_MS / 2 + drawn(chance, Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** row.attempts));

export const waitTurnedAway = (chance: Chance): Millis => TURNED_AWAY_MS + drawn(chance, TURNED_AWAY_MS);

function drawn(chance: Chance, most: Millis): Millis {
  const [high = 0, low = 0] = chance.bytes(2);
  return Math.floor((most * (high * 256 + low)) / 65_536);
}
