// SPDX-License-Identifier: AGPL-3.0-or-later
import { sha256 } from '../bookings/token.ts';

/** Equal for equal JSON, whatever the order of keys and the blanks between them. */
export const jsonHash = (value: unknown): string => sha256(JSON.stringify(value, sorted) ?? '');

const sorted = (_: string, value: unknown): unknown =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;
