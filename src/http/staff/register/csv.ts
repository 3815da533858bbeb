// SPDX-License-Identifier: AGPL-3.0-or-later

/** What a spreadsheet would take for a formula, in full width too. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/u;

/** Comma-separated values (RFC 4180), every field in quotes; a quote before what would be a formula. */
export const csvOf = (rows: readonly (readonly (string | number)[])[]): string =>
  rows.map((row) => `${row.map((field) => quoted(String(field))).join(',')}\r\n`).join('');

const quoted = (field: string): string => `"${(FORMULA.test(field) ? `'${field}` : field).replaceAll('"', '""')}"`;
