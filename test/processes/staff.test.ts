// SPDX-License-Identifier: AGPL-3.0-or-later
import { describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { AppProcess, SECRET } from '../kit/app.ts';
import { engines } from '../kit/engines.ts';
import { writeTown } from './town.ts';

const run = promisify(execFile);

describe.each(engines)('npm run staff beside an instance that runs, on $name', (engine) => {
  test('lets somebody in at once, and shuts them out at once', async () => {
    const databaseUrl = await engine.freshUrl();
    const app = await AppProcess.start({ DATABASE_URL: databaseUrl, AUTHORITY_FILE: writeTown() });
    const env = { PATH: process.env['PATH'], DATABASE_URL: databaseUrl, TOKEN_SECRET: SECRET };
    const staff = (...args: string[]) => run(process.execPath, ['dist/src/staff.js', ...args], { env });
    const named = ['--email', 'mario@borgo.example'];

    const added = await staff('add', ...named, '--name', 'Mario Rossi', '--role', 'head', '--offices', 'anagrafe');
    const password = /: ((?:\w{4}-){3}\w{4})\n$/.exec(added.stdout)![1]!;
    const entered = await fetch(`${app.url}/operatore/accesso`, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({ email: 'mario@borgo.example', password }),
    });
    const [cookie = ''] = entered.headers.getSetCookie()[0]!.split(';');
    const page = () => fetch(`${app.url}/operatore/password`, { headers: { cookie }, redirect: 'manual' });
    expect([entered.status, (await page()).status]).toEqual([303, 200]);

    expect((await staff('disable', ...named)).stdout).toBe('mario@borgo.example may no longer enter\n');
    expect((await page()).status).toBe(303);
    await expect(staff('add', ...named, '--name', 'Mario', '--role', 'privacy')).rejects.toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'somebody of borgo has this address already; nothing was changed\n',
    });
    await app.end('SIGTERM');
  }, 60_000);
});
