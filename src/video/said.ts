// SPDX-License-Identifier: AGPL-3.0-or-later

const keysOf = (said: unknown): Readonly<Record<string, unknown>> =>
  typeof said === 'object' && said ? (said as Record<string, unknown>) : {};

/** A text, or a whole number as text, under a key of what was answered; null when there is none. */
export function textAt(said: unknown, key: string): string | null {
  const value = keysOf(said)[key];
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  return typeof value === 'string' && value ? value : null;
}

export function numberAt(said: unknown, key: string): number | null {
  const value = keysOf(said)[key];
  return typeof value === 'number' ? value : null;
}

/** The list that was answered, be it under a key. */
export function listIn(said: unknown, key: string): readonly unknown[] {
  if (Array.isArray(said)) return said;
  const value = keysOf(said)[key];
  return Array.isArray(value) ? value : [];
}

/** As long as the table has room for. */
const LONGEST_ADDRESS = 1000;

/** The address of a room; null for what a browser should not be led to. */
export function addressAt(said: unknown, key: string): string | null {
  const address = textAt(said, key);
  return address?.startsWith('https://') && address.length <= LONGEST_ADDRESS ? address : null;
}
