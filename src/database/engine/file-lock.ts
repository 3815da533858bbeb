// SPDX-License-Identifier: AGPL-3.0-or-later
import Sqlite from 'better-sqlite3';
import { UnusableDatabase } from './unusable.ts';

/**
 * Lets one instance at a time hold a database file, by an exclusive transaction on a file beside it:
 * the kernel drops it with the process, however that ends. `npm run import` takes no lock and waits its turn instead.
 * @throws UnusableDatabase when another instance has it.
 */
export function lockBeside(file: string): () => void {
  const lock = new Sqlite(`${file}.lock`, { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch {
    lock.close();
    const advice = 'stop it, or give this one a DATABASE_URL of its own';
    throw new UnusableDatabase(`another Sportello already runs on ${file}: ${advice}`);
  }
  return () => lock.close();
}
