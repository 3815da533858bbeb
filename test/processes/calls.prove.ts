// SPDX-License-Identifier: AGPL-3.0-or-later
import { describe, expect, test } from '@jest/globals';
import type { BrowserContext } from 'playwright-core';
import { CallHall, ONLY_RELAY } from '../kit/calls.ts';
import { Coturn } from '../kit/coturn.ts';
import { counted } from '../kit/figures.ts';

const MINUTE = 60_000;

/** So many who knock, one after the other. */
async function calls(hall: CallHall, count: number): Promise<void> {
  const times: number[] = [];
  const hung: string[] = [];
  for (let i = 0; i < count; i++) {
    try {
      const call = await hall.call({ isBrought: true });
      times.push(call.ms);
      await call.close();
    } catch (fault) {
      hung.push(String(fault));
    }
  }
  times.sort((a, b) => a - b);
  const within5s = times.filter((ms) => ms <= 5_000).length;
  counted({
    calls: count,
    hung: hung.length,
    median: times[times.length >> 1] ?? 0,
    worst: times.at(-1) ?? 0,
    within5s,
  });
  expect(hung).toEqual([]);
}

describe('Calls', () => {
  test(
    'Fifty in a row, none hung',
    async () => {
      const hall = await CallHall.open();
      try {
        await calls(hall, 50);
      } finally {
        await hall.close();
      }
    },
    20 * MINUTE,
  );

  test(
    'Ten in a row through coturn alone, none hung',
    async () => {
      const coturn = await Coturn.start();
      const hall = await CallHall.open({ config: { video: { stunUrls: [], turn: coturn.turn } }, script: ONLY_RELAY });
      try {
        await calls(hall, 10);
      } finally {
        await hall.close();
        await coturn.stop();
      }
    },
    5 * MINUTE,
  );

  test(
    'A seat that was asked for in vain, its database away, is asked for again',
    async () => {
      const hall = await CallHall.open();
      let isLost = false;
      const prepare = (context: BrowserContext): Promise<void> =>
        context.routeWebSocket(/\/live\//, (page) => {
          const server = page.connectToServer();
          page.onMessage((message) => {
            if (isLost || !String(message).includes('"sit"')) server.send(message);
            else isLost = true;
          });
        });
      try {
        const { ms } = await hall.call({ citizen: { prepare } });
        counted({ ms });
        expect(isLost).toBe(true);
      } finally {
        await hall.close();
      }
    },
    MINUTE,
  );

  test(
    'Where nothing passes one is told so after three tries, with the telephone',
    async () => {
      // Only what is relayed may pass, and there is no relay.
      const hall = await CallHall.open({ script: ONLY_RELAY });
      try {
        const { citizen, staff } = await hall.meet();
        for (const { page } of [citizen, staff])
          await page.getByText('Non riusciamo a collegarvi').waitFor({ timeout: MINUTE });
        expect(await citizen.page.locator('[data-lost] a[href^="tel:"]').isVisible()).toBe(true);
      } finally {
        await hall.close();
      }
    },
    3 * MINUTE,
  );
});
