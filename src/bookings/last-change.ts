// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Service } from '../offices/definition.ts';
import { before } from '../time/duration.ts';
import type { Minute } from '../time/interval.ts';
import type { Booking } from './booking.ts';

/** The last moment at which its citizen may still move or cancel a booking. */
export const lastChange = ({ start }: Pick<Booking, 'start'>, { cancelUntil }: Service, zone: string): Minute =>
  before(start, cancelUntil, zone);
