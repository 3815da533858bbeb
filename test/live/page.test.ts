// SPDX-License-Identifier: AGPL-3.0-or-later
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';
import type { Browser, Page, WebSocketRoute } from 'playwright-core';
import { Authorities } from '../../src/database/authorities.ts';
import { OpeningDesk } from '../../src/front-desk/reception/opening-desk.ts';
import { WaitingDesk } from '../../src/front-desk/reception/waiting-desk.ts';
import { LiveServer } from '../../src/live/live-server.ts';
import { SystemClock } from '../../src/time/clock.ts';
import { startApp, type RunningApp } from '../kit/app.ts';
import { openBrowser, openPage } from '../kit/chromium.ts';
import { engines } from '../kit/engines.ts';

const TUESDAY = '2027-03-02T10:00:00+01:00';

let browser: Browser;
let running: RunningApp<SystemClock>;
let url: string;

beforeAll(async () => {
  browser = await openBrowser();
  running = await startApp({
    databaseUrl: await engines[0]!.freshUrl(),
    clock: new SystemClock(Date.parse(TUESDAY)),
  });
  url = await running.listen();
}, 60_000);
afterAll(async () => {
  await browser.close();
  await running.close();
});

describe('A part of a page made like the server would show it now', () => {
  /** An element of its own at the end of the page, which shows this. */
  const show = (page: Page, html: string) =>
    page.evaluate(`document.body.insertAdjacentHTML('beforeend', ${JSON.stringify(`<div id="region">${html}</div>`)})`);
  const makeLike = (page: Page, html: string) =>
    page.evaluate(`(async () => {
      const { morph } = await import('/assets/morph.js');
      const like = new DOMParser().parseFromString(${JSON.stringify(`<div id="region">${html}</div>`)}, 'text/html');
      morph(document.querySelector('#region'), like.querySelector('#region'));
    })()`);
  const focused = (page: Page) => page.locator(':focus').evaluate((element: { id: string }) => element.id);
  const inside = (page: Page) => page.locator('#region').innerHTML();

  test('keeps the focus on its row, what was typed, and what was opened', async () => {
    const { page } = await openPage(browser, { width: 1280, javaScript: true });
    await page.goto(`${url}/privacy`);
    const row = (id: string, name: string) => `<li id="${id}"><b>${name}</b><button id="open-${id}">Apri</button></li>`;
    const line = '<form action="/scrivi"><input name="line"><input name="more" value="no" type="hidden"></form>';
    const rest = '<details><summary>Altro</summary>testo</details>';
    await show(page, `<ul>${row('a', 'Anna')}${row('b', 'Bruno')}${row('c', 'Carla')}</ul>${line}${rest}`);
    await page.fill('[name=line]', 'sto scrivendo');
    await page.click('summary');
    await page.focus('#open-b');
    const after = `<p>Nuovo</p><ul>${row('b', 'Bruno, 2')}${row('d', 'Dario')}${row('c', 'Carla')}</ul><div>${rest}</div>${line.replace('no', 'sì')}${rest}`;
    await makeLike(page, after);
    expect(await focused(page)).toBe('open-b');
    expect(await page.inputValue('[name=line]')).toBe('sto scrivendo');
    expect(await page.getAttribute('#region > details', 'open')).toBe('');
    expect((await inside(page)).replaceAll(' open=""', '')).toBe(after);
    await page.context().close();
  });

  test('never leaves what was typed in another field', async () => {
    const { page } = await openPage(browser, { width: 1280, javaScript: true });
    await page.goto(`${url}/privacy`);
    const form = (name: string) => `<form action="/${name}"><input name="${name}"></form>`;
    await show(page, `${form('line')}${form('phone')}`);
    await page.fill('[name=line]', 'una riga');
    await page.fill('[name=phone]', '0141');
    await page.focus('[name=phone]');
    await makeLike(page, `<p>Testo</p>${form('phone')}${form('other')}`);
    expect(await page.inputValue('[name=phone]')).toBe('0141');
    expect(await page.inputValue('[name=other]')).toBe('');
    expect(await page.getAttribute(':focus', 'name')).toBe('phone');
    await page.context().close();
  });
});

describe('The page of who waits', () => {
  /** Somebody who knocked, and their page. @param without live connections */
  async function waiting(without: boolean) {
    const { app } = running;
    const [authority] = await app.get(Authorities).all();
    const knock = { name: 'Mario Verdi', reason: null, language: 'it' } as const;
    const { arrival, token } = await app.get(WaitingDesk).knock(authority!, authority!.office('suap')!, knock);
    const { page } = await openPage(browser, { width: 360, javaScript: true });
    await page.clock.install();
    const sockets: WebSocketRoute[] = [];
    await page.routeWebSocket(/\/live\//, (socket) => {
      sockets.push(socket);
      if (without) void socket.close();
      else socket.connectToServer();
    });
    await page.goto(`${url}/incontro/${token}`);
    await page.waitForSelector('[data-stage=waiting]');
    const find = async () => (await app.get(WaitingDesk).find(authority!, token))!;
    return { arrival, page, find, sockets };
  }

  test.each([false, true])(
    'hears of it, or asks again (without live connections: %s)',
    async (without) => {
      const { arrival, page, find, sockets } = await waiting(without);
      await running.app.get(OpeningDesk).tell(arrival, 'Arriviamo subito');
      if (without) await page.clock.fastForward(10_000);
      await page.waitForSelector('text=Arriviamo subito');
      expect(sockets.length).toBeGreaterThan(0);
      expect((await find()).seenAt).toBeGreaterThan(arrival.seenAt);
      await page.context().close();
    },
    40_000,
  );

  test('connects again by itself, with a new ticket', async () => {
    const { arrival, page, sockets } = await waiting(false);
    const live = running.app.get(LiveServer);
    for (; live.counts.citizens === 0;) await wait(20);
    await sockets[0]!.close();
    for (; sockets.length < 2 || live.counts.citizens === 0;) await wait(20);
    await running.app.get(OpeningDesk).tell(arrival, 'Ci siamo');
    await page.waitForSelector('text=Ci siamo');
    await page.context().close();
  }, 40_000);
});
