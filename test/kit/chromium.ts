// SPDX-License-Identifier: AGPL-3.0-or-later
import { mkdirSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** One headless Chromium: open it once a test file, close it in `afterAll`. @param more arguments of its command */
export const openBrowser = (more: string[] = []): Promise<Browser> =>
  chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: [...ARGUMENTS, ...more] });

export interface View {
  /** CSS pixels; 360 is a small telephone, 1280 a desk. */
  width: number;
  javaScript: boolean;
  /** What the browser asks for in Accept-Language. */
  language?: 'it' | 'en';
}

/** For `describe.each(views)('at $width px, JavaScript $javaScript', …)`. */
export const views: View[] = [360, 1280].flatMap((width) => [false, true].map((javaScript) => ({ width, javaScript })));

/** A page in a context of its own: no cookie is shared. Every error of its scripts and console fails `errors`. */
export async function openPage(browser: Browser, view: View): Promise<{ page: Page; errors: string[] }> {
  const context = await browser.newContext({
    viewport: { width: view.width, height: view.width < 600 ? 740 : 900 },
    javaScriptEnabled: view.javaScript,
    locale: view.language === 'en' ? 'en-GB' : 'it-IT',
    timezoneId: 'Europe/Rome',
    isMobile: view.width < 600,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  return { page, errors };
}

/** Keeps a picture in docs/screenshots, only when SCREENSHOTS=1; of the whole page, or of what is seen first. */
export async function picture(page: Page, name: string, whole = true): Promise<void> {
  if (process.env['SCREENSHOTS'] !== '1') return;
  mkdirSync('docs/screenshots', { recursive: true });
  await page.screenshot({
    path: `docs/screenshots/${name}.png`,
    fullPage: whole,
    scale: 'css',
    animations: 'disabled',
  });
}
