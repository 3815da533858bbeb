// SPDX-License-Identifier: AGPL-3.0-or-later
import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { startApp, type RunningApp } from '../../kit/app.ts';
import { openBrowser, openPage, picture, type View } from '../../kit/chromium.ts';
import type { ManualClock } from '../../kit/clock.ts';
import { engines } from '../../kit/engines.ts';
import { employ, PASSWORD } from '../../kit/staff.ts';

const ANOTHER = 'tutta mia da oggi in poi';

let app: RunningApp<ManualClock>;
let browser: Browser;
let url: string;

beforeAll(async () => {
  app = await startApp({ databaseUrl: await engines[0]!.freshUrl() });
  url = await app.listen();
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
  await app.close();
});

/** Runs in the page. Links within a sentence may be as low as it. */
const MEASURED = `({
  wide: document.documentElement.scrollWidth > innerWidth,
  small: [...document.querySelectorAll('a, button')]
    .filter((one) => !one.closest('.skiplinks') && one.getClientRects().length > 0)
    .filter((one) => one.getBoundingClientRect().height < 44 && getComputedStyle(one).display !== 'inline')
    .map((one) => one.outerHTML.slice(0, 120)),
})`;

/** What is wrong with a page: by axe, wider than the screen, or hard to hit; axe is a script itself. */
async function faultsOf(page: Page, { javaScript }: View): Promise<string[]> {
  if (!javaScript) return [];
  const { violations } = await new AxeBuilder({ page }).analyze();
  const { wide, small } = await page.evaluate<{ wide: boolean; small: string[] }>(MEASURED);
  const said = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
  return [...said, ...(wide ? ['wider than the screen'] : []), ...small.map((html) => `hard to hit: ${html}`)];
}

/** The markup is one: axe looks at it on a small telephone, and on a desk all is done without a script. */
const views: View[] = [
  { width: 360, javaScript: true },
  { width: 1280, javaScript: false },
];

describe.each(views)('At $width px, JavaScript $javaScript', (view) => {
  const enter = async (page: Page, email: string, password: string) => {
    await page.getByLabel('Email').fill(email);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Entra' }).click();
  };

  test('an administrator enters for the first time, adds somebody and goes', async () => {
    const { email, name } = await employ(app, { role: 'administrator', offices: [], mustChange: 1 });
    const { page, errors } = await openPage(browser, view);
    await page.goto(`${url}/operatore/persone`);
    await picture(page, `operatore-accesso-${view.width}`);
    await enter(page, email, 'wrong');
    await page.getByText('Non ti abbiamo riconosciuto').waitFor();
    expect(await page.getByLabel('Email').inputValue()).toBe(email);
    expect(await faultsOf(page, view)).toEqual([]);

    await enter(page, email, PASSWORD);
    await page.getByRole('heading', { name: 'Scegli la tua password' }).waitFor();
    await page.getByLabel('Password che ti hanno dato').fill(PASSWORD);
    await page.getByLabel('Nuova password*', { exact: true }).fill('breve');
    await page.getByLabel('Nuova password, ancora una volta').fill('breve');
    await page.getByRole('button', { name: 'Cambia la password' }).click();
    await page.getByRole('link', { name: 'La nuova password è corta' }).waitFor();
    expect(await faultsOf(page, view)).toEqual([]);
    await page.getByLabel('Password che ti hanno dato').fill(PASSWORD);
    await page.getByLabel('Nuova password*', { exact: true }).fill(ANOTHER);
    await page.getByLabel('Nuova password, ancora una volta').fill(ANOTHER);
    await page.getByRole('button', { name: 'Cambia la password' }).click();

    await page.getByRole('link', { name: 'Persone' }).click();
    await page.getByLabel('Nome e cognome').fill('Mario Rossi');
    await page.getByLabel('Email').fill(`mario-${view.width}-${view.javaScript}@unione.example`);
    await page.getByRole('button', { name: 'Aggiungi una persona' }).click();
    await page.getByRole('link', { name: 'Scegli almeno un ufficio' }).waitFor();
    await page.locator('label[for=ruolo-head]').click();
    await page.locator('label[for=ufficio-suap]').click();
    expect(await faultsOf(page, view)).toEqual([]);
    await picture(page, `operatore-persone-${view.width}`);
    await page.getByRole('button', { name: 'Aggiungi una persona' }).click();
    expect(await page.locator('code').textContent()).toMatch(/^(\w{4}-){3}\w{4}$/);
    expect(await faultsOf(page, view)).toEqual([]);
    await page.getByRole('link', { name: 'Torna alle persone' }).click();
    await page.getByRole('link', { name: 'Mario Rossi' }).first().click();
    await page.getByRole('heading', { name: 'Mario Rossi' }).waitFor();
    expect(await faultsOf(page, view)).toEqual([]);

    await page.getByRole('link', { name }).click();
    await page.getByRole('heading', { name: 'Dove hai fatto l’accesso'.replace('’', "'") }).waitFor();
    expect(await faultsOf(page, view)).toEqual([]);
    await page.getByRole('button', { name: 'Esci', exact: true }).click();
    await page.getByText('Sei uscito').waitFor();
    await page.goto(`${url}/operatore/persone`);
    await page.getByRole('heading', { name: 'Accesso operatori' }).waitFor();
    expect(errors.filter((error) => !error.includes('422'))).toEqual([]);
    await page.context().close();
  });

  test('the privacy officer reads the access log and nothing else', async () => {
    const { email } = await employ(app, { role: 'privacy', offices: [], name: 'Dora Privata' });
    const { page, errors } = await openPage(browser, view);
    await page.goto(`${url}/operatore`);
    await enter(page, email, PASSWORD);
    await page.getByRole('heading', { name: 'Registro degli accessi' }).waitFor();
    expect(await page.locator('.staff-menu a').allTextContents()).toEqual(['Registro degli accessi']);
    await page.getByLabel('Persona').selectOption({ label: 'Dora Privata' });
    await page.getByRole('button', { name: 'Cerca' }).click();
    await page.getByRole('cell', { name: 'ha letto il registro' }).first().waitFor();
    expect(await faultsOf(page, view)).toEqual([]);
    await picture(page, `operatore-registro-${view.width}`);
    expect(errors).toEqual([]);
    await page.context().close();
  });
});
