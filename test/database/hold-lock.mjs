// SPDX-License-Identifier: AGPL-3.0-or-later
// A process that holds a database file as an instance does, until it is killed.
import { lockBeside } from '../../src/database/engine/file-lock.ts';

const unlock = lockBeside(process.argv[2]);
process.send('held');
setInterval(() => unlock, 1_000);
