// SPDX-License-Identifier: AGPL-3.0-or-later
import { expect } from '@jest/globals';
import { appendFileSync } from 'node:fs';

/** Hands what the running proof has counted to the table at the end of `npm run prove`. */
export function counted(figures: Record<string, number>): void {
  const file = process.env['FIGURES'];
  if (!file) return;
  const said = Object.entries(figures).map(([name, value]) => `${name} ${value}`);
  appendFileSync(file, `${JSON.stringify({ proof: expect.getState().currentTestName, counted: said.join(', ') })}\n`);
}
