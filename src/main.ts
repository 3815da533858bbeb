// SPDX-License-Identifier: AGPL-3.0-or-later
import { createApp } from './app.ts';
import { ConfigError, readConfig } from './config.ts';

try {
  const config = readConfig();
  const app = await createApp(config);
  await app.listen(config.port, config.host);
  if (!config.production) console.log(`Sportello è aperto: ${config.publicUrl}  (letters: ${config.mailDir})`);
} catch (fault) {
  console.error(fault instanceof ConfigError ? fault.message : fault);
  process.exit(1);
}
