// SPDX-License-Identifier: AGPL-3.0-or-later
import { readFile } from 'node:fs/promises';
import { SystemChance } from './bookings/chance.ts';
import { readConfig } from './config.ts';
import { Authorities } from './database/authorities.ts';
import { Database } from './database/engine/database.ts';
import { importAuthority } from './front-desk/import-authority.ts';
import { SystemClock } from './time/clock.ts';

/** `npm run import -- FILE.yaml`, safe beside a running instance. */
async function run(file: string | undefined): Promise<void> {
  if (!file) throw new Error('name the file to import: npm run import -- FILE.yaml');
  const text = await readFile(file, 'utf8');
  const { databaseUrl, video } = readConfig();
  const database = await Database.open(databaseUrl, new SystemClock(), new SystemChance(), false);
  try {
    for (const change of await importAuthority(new Authorities(database), text, video)) console.log(change);
  } finally {
    await database.close();
  }
}

run(process.argv[2]).catch((fault: unknown) => {
  console.error(fault instanceof Error ? fault.message : fault);
  process.exitCode = 1;
});
