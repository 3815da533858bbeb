// SPDX-License-Identifier: AGPL-3.0-or-later
import { readConfig } from './src/config.ts';
import { createDataSource } from './src/database/engine/data-source.ts';

/** For TypeORM's own command line: `npm run build && npx typeorm -d dist/ormconfig.js migration:show`. */
export default createDataSource(readConfig().databaseUrl);
