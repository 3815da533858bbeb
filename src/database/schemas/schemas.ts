// SPDX-License-Identifier: AGPL-3.0-or-later
import type { EntitySchema } from 'typeorm';
import type { Dialect } from '../engine/dialect.ts';
import { bookings } from './bookings.ts';
import { calendars } from './calendars.ts';
import { reception } from './reception.ts';
import { staff } from './staff.ts';

/** Every table, mapped from outside onto plain classes. */
export const schemas = (dialect: Dialect): EntitySchema[] => [
  ...bookings(dialect),
  ...staff(),
  ...calendars(),
  ...reception(),
];
