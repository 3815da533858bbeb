// SPDX-License-Identifier: AGPL-3.0-or-later
import { createApp } from './app.ts';
import { AuthorityFileError } from './authority-file/problem.ts';
import { readConfig } from './config.ts';
import { ConfigError } from './config/environment.ts';
import { UnusableDatabase } from './database/engine/unusable.ts';
import { stopGently } from './http/graceful-stop.ts';
import { MailFailure } from './mail/mail-failure.ts';
import { Mailer } from './mail/mailer.ts';
import { SystemClock } from './time/clock.ts';

/** What whoever set this up can mend is said in a sentence; anything else is shown whole. */
const isOfTheSetUp = (fault: unknown): fault is Error =>
  [ConfigError, UnusableDatabase, AuthorityFileError, MailFailure].some((kind) => fault instanceof kind);

// The database and the letters hold names: they are for this user's eyes only.
process.umask(0o077);

try {
  const config = readConfig();
  const app = await createApp(config);
  const server = app.getHttpAdapter().getInstance();
  stopGently(server, new SystemClock(), () => process.exit(1));
  await app.init();
  const { host, port } = config;
  await server.listen({ host, port }).catch(({ code }: NodeJS.ErrnoException) => {
    throw new ConfigError(`HOST and PORT: cannot listen on ${host}:${port} (${code})`);
  });
  if (!config.production) console.log(`Sportello è aperto: ${config.publicUrl}  (letters: ${app.get(Mailer).place})`);
} catch (fault) {
  console.error(isOfTheSetUp(fault) ? fault.message : fault);
  process.exit(1);
}
