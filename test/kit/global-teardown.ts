// SPDX-License-Identifier: AGPL-3.0-or-later

/** After the last test file. Jest runs this in the process of `global-setup.ts`. */
export default async function tearDown(): Promise<void> {
  const { stopMariadb } = globalThis as { stopMariadb?: () => Promise<void> };
  await stopMariadb?.();
}
