// SPDX-License-Identifier: AGPL-3.0-or-later
import { join } from 'node:path';
import { newFolder } from './folder.ts';
import { freshDatabase } from './mariadb.ts';

export interface Engine {
  name: string;
  /** The URL of a new, empty database. */
  freshUrl(): Promise<string>;
}

function mariadb(): string {
  const url = process.env['TEST_MARIADB'];
  if (!url) throw new Error('TEST_MARIADB is unset: test/kit/global-setup.ts did not run');
  return url;
}

/** For `describe.each(engines)('… on $name', …)`. */
export const engines: Engine[] = [
  { name: 'SQLite', freshUrl: () => Promise.resolve(`sqlite:${join(newFolder('sqlite'), 'sportello.db')}`) },
  { name: 'MariaDB', freshUrl: () => freshDatabase(mariadb()) },
];
