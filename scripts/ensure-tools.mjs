// SPDX-License-Identifier: AGPL-3.0-or-later
// The tests run a real MariaDB, a Galera cluster, a real Dovecot, coturn, Redis and a real Chromium. What is missing is installed when we are root on
// Debian or Ubuntu; else one line names it and the tests do not start. Nothing is skipped silently.
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const FOLDERS = [
  '/usr/sbin',
  '/usr/bin',
  '/usr/local/sbin',
  '/usr/local/bin',
  ...(process.env.PATH ?? '').split(delimiter),
];
const has = (program) => FOLDERS.some((folder) => folder && existsSync(join(folder, program)));

/** Debian package → is it here? rsync and lsof carry a Galera node's first copy. */
const PACKAGES = {
  chromium: () => existsSync(process.env.CHROMIUM ?? '/usr/bin/chromium'),
  'mariadb-server': () => has('mariadbd') && has('mariadb-install-db'),
  'galera-4': () => existsSync('/usr/lib/galera/libgalera_smm.so'),
  rsync: () => has('rsync'),
  lsof: () => has('lsof'),
  coturn: () => has('turnserver'),
  'redis-server': () => has('redis-server'),
  'dovecot-imapd': () => has('dovecot') && existsSync('/usr/lib/dovecot/imap'),
};

const missing = () => Object.keys(PACKAGES).filter((name) => !PACKAGES[name]());

function run(command, args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const { status, stdout, stderr } = spawnSync(command, args, { env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}:\n${stdout ?? ''}${stderr ?? ''}`);
}

function install(packages) {
  const wait = '-oDPkg::Lock::Timeout=300';
  const policy = '/usr/sbin/policy-rc.d'; // forbids the package to start its own server; one that exists stays as it is
  const isOurs = !existsSync(policy);
  if (isOurs) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    run('apt-get', [wait, 'update', '-q']);
    run('apt-get', [wait, 'install', '-q', '-y', '--no-install-recommends', ...packages]);
  } finally {
    if (isOurs) rmSync(policy, { force: true });
  }
}

function fail(packages, why) {
  console.error(
    `The tests need: ${packages.join(' ')} (${why}). On Debian: sudo apt-get install ${packages.join(' ')}`,
  );
  process.exit(1);
}

const packages = missing();
if (packages.length > 0) {
  if (process.getuid?.() !== 0) fail(packages, 'and only root may install them');
  if (!has('apt-get')) fail(packages, 'and there is no apt-get here to install them');
  console.log(`Installing ${packages.join(', ')} for the tests; this happens once.`);
  try {
    install(packages);
  } catch (error) {
    console.error(error.message);
    fail(packages, 'and apt-get could not install them');
  }
  if (missing().length > 0) fail(missing(), 'and they are not where they should be after installing');
}
