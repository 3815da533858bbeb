// SPDX-License-Identifier: AGPL-3.0-or-later
import { parseArgs } from 'node:util';
import { SystemChance } from './bookings/chance.ts';
import { readConfig } from './config.ts';
import { Authorities } from './database/authorities.ts';
import { Database } from './database/engine/database.ts';
import { StaffCommand } from './front-desk/staff/staff-command.ts';
import { SystemClock } from './time/clock.ts';

/** `npm run staff -- add | list | disable | enable | reset`, safe beside a running instance. */
async function run(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      authority: { type: 'string' },
      email: { type: 'string' },
      name: { type: 'string' },
      role: { type: 'string' },
      offices: { type: 'string' },
    },
  });
  const { databaseUrl, tokenSecret } = readConfig();
  const clock = new SystemClock();
  const chance = new SystemChance();
  const database = await Database.open(databaseUrl, clock, chance, false);
  try {
    const command = new StaffCommand(new Authorities(database), database, clock, chance, tokenSecret);
    for (const line of await command.run(positionals, values)) console.log(line);
  } finally {
    await database.close();
  }
}

run().catch((fault: unknown) => {
  console.error(fault instanceof Error ? fault.message : fault);
  process.exitCode = 1;
});
