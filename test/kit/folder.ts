// SPDX-License-Identifier: AGPL-3.0-or-later
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new folder, in that of the test run, with which it goes; others (MariaDB's user) may look into it. */
export function newFolder(name: string): string {
  const folder = mkdtempSync(join(process.env['TEST_FOLDER'] ?? tmpdir(), `sportello-${name}-`));
  chmodSync(folder, 0o755);
  return folder;
}
