// SPDX-License-Identifier: AGPL-3.0-or-later
import type { Mode } from '../offices/definition.ts';
import { whereOf } from '../offices/office-address.ts';
import type { Occasion } from './letter.ts';
import { fill, type Words } from './words.ts';

const TELEPHONE = /^\+?[\d ()./-]{4,30}$/;

/** Where one goes for an appointment in person: office, address, municipality. */
export const addressOf = ({ office, authority }: Pick<Occasion, 'office' | 'authority'>): string =>
  `${office.name}, ${whereOf(authority, office)}`;

/** How a telephone appointment reaches the citizen; the number only when it is nothing but a number. */
export function callOf({ booking }: Occasion, { where }: Words): string {
  const phone = booking.phone?.trim() ?? '';
  return TELEPHONE.test(phone) ? fill(where.phoneAt, { phone }) : where.phone;
}

/** What one brings to an office, one keeps at hand at home. */
export const needsTitle = (mode: Mode, { rows }: Words): string =>
  mode === 'in_person' ? rows.needs : rows.needsAtHand;
