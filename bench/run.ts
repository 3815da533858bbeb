// SPDX-License-Identifier: AGPL-3.0-or-later
import { rmSync } from 'node:fs';
import { newFolder } from '../test/kit/folder.ts';
import { startMariadb } from '../test/kit/mariadb.ts';
import { agenda } from './agenda.ts';
import { availability } from './availability.ts';
import { bookings } from './bookings.ts';
import { Child } from './child.ts';
import { enginesAt, type Engine } from './house.ts';
import { hours } from './hours.ts';
import type { Job, Load } from './load.ts';
import { past } from './past.ts';
import { rush } from './rush.ts';
import { slots, type Loader } from './slots.ts';
import { tableOf, type Line } from './table.ts';

/** `npm run bench`: one table of ratios, each line beside its own raw limit in the same run (docs/bench.md). */

/** Names after the command pick some: `npm run bench -- bookings`. */
const PARTS: Record<string, (engine: Engine, loader: Loader) => Promise<Line[]>> = {
  past: async (engine) => [await past(engine)],
  agenda: async (engine) => [await agenda(engine)],
  hours: async (engine) => [await hours(engine)],
  slots,
  bookings,
  rush: async (engine, loader) => [await rush(engine, loader)],
};

const started = performance.now();
const named = process.argv.slice(2);
const isWanted = (part: string): boolean => named.length === 0 || named.includes(part);
const folder = newFolder('bench');
process.env['TEST_FOLDER'] = folder;
const mariadb = await startMariadb(folder);
const { child: loader } = await Child.start<Job, Load, object>('load');
const lines: Line[] = isWanted('availability') ? availability() : [];
try {
  for (const [name, part] of Object.entries(PARTS)) {
    if (!isWanted(name)) continue;
    for (const engine of enginesAt(mariadb.url)) {
      process.stderr.write(`${name}, ${engine.name} …\n`);
      lines.push(...(await part(engine, loader)));
    }
  }
} finally {
  await loader.stop();
  await mariadb.stop();
  rmSync(folder, { recursive: true, force: true });
}
console.log(tableOf(lines));
console.log(
  `\nin ${((performance.now() - started) / 1000).toFixed(0)} s; the ratios count, the times move with the machine: docs/bench.md`,
);
