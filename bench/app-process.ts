// SPDX-License-Identifier: AGPL-3.0-or-later
import { createApp } from '../src/app.ts';
import { readConfig } from '../src/config.ts';
import { Courier } from '../src/courier/courier.ts';
import { say } from './child.ts';

/** The whole app, as `npm start` runs it. With COURIER=off the letters stay owed, as when another instance sends them. */
const config = readConfig();
const app = await createApp(config);
if (process.env['COURIER'] === 'off') await app.get(Courier).stop();
await app.listen(config.port, config.host);
process.on('disconnect', () => void app.close().then(() => process.exit()));
say({ ready: true });
