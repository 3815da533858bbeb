// SPDX-License-Identifier: AGPL-3.0-or-later
import { newFolder } from './folder.ts';
import { startMariadb } from './mariadb.ts';

/** Before the first test file: one folder and one MariaDB for the run. The workers inherit where they are. */
export default async function setUp(): Promise<void> {
  const folder = newFolder('run');
  const mariadb = await startMariadb(folder);
  process.env['TEST_FOLDER'] = folder;
  process.env['TEST_MARIADB'] = mariadb.url;
  Object.assign(globalThis, { stopMariadb: () => mariadb.stop() });
}
