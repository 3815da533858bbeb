// SPDX-License-Identifier: AGPL-3.0-or-later
import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { Database } from '../../../src/database/engine/database.ts';
import { startApp, type RunningApp } from '../../kit/app.ts';
import { openBrowser, openPage, picture, views, type View } from '../../kit/chromium.ts';
import type { ManualClock } from '../../kit/clock.ts';
import { engines } from '../../kit/engines.ts';
import { awaitLetters, lettersIn } from '../../kit/mailbox.ts';

let app: RunningApp<ManualClock>;
let browser: Browser;
const contexts: BrowserContext[] = [];

beforeAll(async () => {
  app = await startApp({ databaseUrl: await engines[0]!.freshUrl() });
  await app.listen();
  browser = await openBrowser();
}, 60_000);

afterAll(async () => {
  await Promise.all(contexts.map((context) => context.close()));
  await browser?.close();
  await app?.close();
});

const PHONE: View = { width: 360, javaScript: false };

async function open(view: View, path: string): Promise<Page> {
  const { page } = await openPage(browser, view);
  contexts.push(page.context());
  await page.goto(app.url + path);
  return page;
}

const on = (page: Page): Locator => page.getByRole('button', { name: /^(Avanti|Next)$/ });
const times = (page: Page): Locator => page.locator('#giorni button');
const confirm = (page: Page): Locator => page.getByRole('button', { name: /^(Conferma l'appuntamento|Confirm the)/ });

async function introduce(page: Page, givenName: string, email: string): Promise<void> {
  await page.getByLabel(/^(Nome|First name)/).fill(givenName);
  await page.getByLabel(/^(Cognome|Last name)/).fill('Ferrero');
  await page.getByLabel(/^Email/).fill(email);
}

/** From the link of a service to its confirmation, at the nth time of the first week. */
async function book(page: Page, email: string, nth = 0): Promise<void> {
  await press(on(page));
  await press(times(page).nth(nth));
  await press(on(page));
  await introduce(page, 'Anna', email);
  await press(on(page));
  await press(confirm(page));
}

/** Clicks on what leads to another page, and waits for it. */
async function press(target: Locator): Promise<void> {
  await Promise.all([target.page().waitForEvent('load'), target.click()]);
}

const heading = (page: Page): Promise<string | null> => page.locator('h1').textContent();

interface Seen {
  classes: string[];
  fonts: string[];
  version: string;
  small: string[];
  wide: boolean;
}

/** Run in the page. */
const LOOK = `(() => {
  const all = [...document.querySelectorAll('*')];
  const family = (e) => getComputedStyle(e).fontFamily.split(',')[0].replaceAll(/["']/g, '').trim();
  const texts = [...document.querySelectorAll('h1,h2,h3,h4,h5,h6,p')].flatMap((e) => [e, ...e.querySelectorAll('*')]);
  const targets = [...document.querySelectorAll('main a.btn, main button, main select, main input')];
  return {
    classes: [...new Set(all.flatMap((e) => [...e.classList]))],
    fonts: [...new Set(texts.map(family))],
    version: getComputedStyle(document.body).getPropertyValue('--bootstrap-italia-version').trim(),
    small: targets.filter((e) => e.checkVisibility() && e.offsetHeight < 44).map((e) => e.outerHTML.slice(0, 80)),
    wide: document.documentElement.scrollWidth > document.documentElement.clientWidth,
  };
})()`;

/** Does nobody any harm and keeps the national rules: what is asked of every page. */
async function faultsOf(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
  const seen = await page.evaluate<Seen>(LOOK);
  const known = seen.classes.filter((name) => BOOTSTRAP.has(name)).length;
  const cookies = await page.context().cookies();
  return [
    ...violations.map(
      (v) =>
        `axe ${v.id}: ${v.nodes
          .map((n) => n.html.slice(0, 120))
          .slice(0, 3)
          .join(' | ')}`,
    ),
    ...seen.fonts.filter((f) => !['Titillium Web', 'Lora', 'Roboto Mono'].includes(f)).map((f) => `font ${f}`),
    ...(seen.version === '"2.18.3"' ? [] : [`version ${seen.version}`]),
    ...(known >= seen.classes.length / 2 ? [] : [`${known} of ${seen.classes.length} classes are Bootstrap Italia's`]),
    ...cookies.filter((c) => c.domain !== 'localhost').map((c) => `cookie of ${c.domain}`),
    ...seen.small.map((html) => `hard to hit: ${html}`),
    ...(seen.wide ? ['wider than the screen'] : []),
  ];
}

const BOOTSTRAP = new Set(
  [
    ...readFileSync('node_modules/bootstrap-italia/dist/css/bootstrap-italia.min.css', 'utf8').matchAll(
      /\.([a-zA-Z][\w-]*)/g,
    ),
  ].map((match) => match[1]!),
);

describe.each(views.map((view, nth) => ({ ...view, nth })))(
  'at $width px, JavaScript $javaScript',
  ({ nth, ...view }) => {
    test('a citizen books in nine clicks and four fields, sees, moves and cancels', async () => {
      const email = `anna.${nth}@example.org`;
      const name = (what: string) => `${what}-${view.width}`;
      const kept = view.javaScript;
      const page = await open(view, '/prenota?servizio=consulenza');
      let clicks = 0;
      const click = async (target: Locator) => {
        clicks++;
        await press(target);
      };
      if (kept) {
        await page.goto(app.url);
        await picture(page, name('uffici'), false);
        await page.goBack();
        await picture(page, name('luogo'));
      }
      await click(on(page));
      if (kept) await picture(page, name('data-e-orario'), false);
      await click(times(page).nth(nth));
      await expect(page.locator('main').textContent()).resolves.toContain('Ti teniamo questo orario fino alle 7:05');
      await click(on(page));
      await introduce(page, 'Anna', email);
      if (kept) await picture(page, name('richiedente'));
      await click(on(page));
      if (kept) await picture(page, name('riepilogo'));
      await click(confirm(page));
      expect(await heading(page)).toBe('Appuntamento confermato');
      expect(clicks).toBeLessThanOrEqual(9);
      if (kept) await picture(page, name('confermato'));

      await press(page.getByRole('link', { name: 'Sposta o annulla' }));
      const manage = page.url();
      const before = await page.locator('main dl strong').textContent();
      await press(page.getByRole('link', { name: "Sposta l'appuntamento" }));
      expect(await page.locator('.lead strong').textContent()).toBe(before);
      const wanted = times(page).nth(12 + nth);
      const after = await wanted.getAttribute('aria-label');
      await press(wanted);
      await expect(page.locator('main dl').innerText()).resolves.toContain(before);
      await press(page.getByRole('button', { name: "Sposta l'appuntamento" }));
      expect(await page.locator('main dl strong').textContent()).toBe(after);
      expect(after).not.toBe(before);
      if (kept) await picture(page, name('appuntamento'));

      await press(page.getByRole('link', { name: "Annulla l'appuntamento" }));
      await press(page.getByRole('button', { name: "Annulla l'appuntamento" }));
      expect(page.url()).toBe(manage);
      await expect(page.locator('main').innerText()).resolves.toContain('annullato');
      await expect(page.getByRole('link', { name: 'Prenota di nuovo' }).isVisible()).resolves.toBe(true);
      const letters = await awaitLetters(
        async () => (await lettersIn(app.mailDir)).filter((l) => l.email.to?.[0]?.address === email),
        3,
      );
      expect(letters).toHaveLength(3);
    });

    test('every choice can be pressed itself, by its name, and shows the focus', async () => {
      const page = await open(view, '/prenota?servizio=consulenza');
      await page.locator('input[value=video]').check();
      await page.getByLabel('Per telefono').check();
      expect(await page.locator('input[value=video]').isChecked()).toBe(false);
      const ring = '(e) => getComputedStyle(e.nextElementSibling).boxShadow';
      await page.keyboard.press('ArrowUp');
      expect(await page.locator('input:checked:focus').evaluate(`(${ring})(document.activeElement)`)).not.toBe('none');
      await page.goto(`${app.url}/prenota?servizio=sportello-tecnico`);
      const choices = await page.getByRole('radio').all();
      expect(choices.length).toBeGreaterThan(4);
      for (const choice of choices) {
        await choice.check();
        const { width, height } = (await choice.boundingBox())!;
        expect(Math.min(width, height)).toBeGreaterThanOrEqual(44);
      }
    });
  },
);

describe.each([
  { language: 'it' as const, width: 360 },
  { language: 'en' as const, width: 1280 },
])('every page in $language at $width px', ({ language, width }) => {
  test('is accessible, first-party and in the national style', async () => {
    const page = await open({ width, javaScript: true, language }, '/');
    const faults: string[] = [];
    const look = async () => {
      faults.push(...(await faultsOf(page)).map((fault) => `${new URL(page.url()).pathname}: ${fault}`));
      expect(await page.locator('html').getAttribute('lang')).toBe(language);
    };
    const visit = async (path: string) => {
      await page.goto(app.url + path);
      await look();
    };
    await look();
    for (const path of [
      '/prenota',
      '/prenota?servizio=nulla',
      '/prenota?servizio=sportello-tecnico',
      '/privacy',
      '/accessibilita',
      '/note-legali',
      '/nulla',
    ])
      await visit(path);
    await visit('/prenota/data?servizio=sportello-tecnico&sede=qualsiasi&modo=in_person');
    await visit(
      '/prenota/data?servizio=consulenza&sede=suap&modo=in_person&occupato=2027-03-02T09%3A00%3A00%2B01%3A00',
    );
    await visit('/prenota?servizio=consulenza');
    await page.getByLabel('video').check();
    await press(on(page));
    await look();
    await press(times(page).nth(20));
    await look();
    await press(on(page));
    await press(on(page));
    await look();
    await introduce(page, 'Anna', `${language}.${width}@example.org`);
    await press(on(page));
    await look();
    await press(confirm(page));
    await look();
    const manage = page.url().replace('/confermato', '');
    const meeting = await page.locator('a[href*="/incontro/"]').getAttribute('href');
    for (const path of ['', '/sposta', '/annulla']) await visit(manage.replace(app.url, '') + path);
    await visit(new URL(meeting!).pathname);
    await page.goto(`${manage}/annulla`);
    await press(page.locator('main form button'));
    await look();
    await visit(new URL(meeting!).pathname);
    // As if it had been the answer of a calendar that was not meant.
    await app.app.get(Database).run(`UPDATE bookings SET cancelled_by = 'reply' WHERE status = 'cancelled'`);
    for (const path of ['', '/riprendi?occupato=1', '/riprendi']) await visit(manage.replace(app.url, '') + path);
    await press(page.locator('main form button'));
    expect(page.url()).toBe(manage);
    expect(faults).toEqual([]);
  }, 120_000);
});

test('nothing is wider than a screen of 320 px', async () => {
  const page = await open({ width: 320, javaScript: true }, '/');
  for (const path of [
    '/',
    '/prenota',
    '/prenota?servizio=sportello-tecnico',
    '/prenota/data?servizio=sportello-tecnico&sede=qualsiasi&modo=in_person',
  ]) {
    await page.goto(app.url + path);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320);
  }
});

test('times stand three in a row on a small telephone', async () => {
  const page = await open(PHONE, '/prenota/data?servizio=consulenza&sede=suap&modo=in_person');
  const tops = await times(page).evaluateAll((buttons) =>
    buttons.slice(0, 4).map((b) => b.getBoundingClientRect().top),
  );
  expect(tops[0]).toBe(tops[2]);
  expect(tops[3]).toBeGreaterThan(tops[0]);
});

test('a mistake is summed up on top, focused, linked and described, and nothing written is lost', async () => {
  const page = await open({ width: 360, javaScript: true }, '/prenota?servizio=consulenza');
  await press(on(page));
  await press(times(page).nth(6));
  await press(on(page));
  await page.getByLabel('Nome').first().fill('Anna');
  await page.getByLabel('Email').fill('anna senza chiocciola');
  await press(on(page));
  expect(await page.title()).toMatch(/^Errore: /);
  expect(await page.evaluate('document.activeElement.id')).toBe('errori');
  const email = page.getByLabel('Email');
  expect(await email.inputValue()).toBe('anna senza chiocciola');
  expect(await page.getByLabel('Nome').first().inputValue()).toBe('Anna');
  expect(await email.getAttribute('aria-invalid')).toBe('true');
  const described = (await email.getAttribute('aria-describedby'))!.split(' ').at(-1)!;
  expect(await page.locator(`[id="${described}"]`).textContent()).toContain("Controlla l'email");
  await page.locator('#errori').getByRole('link', { name: "Controlla l'email" }).click();
  expect(await page.evaluate('document.activeElement.id')).toBe('email');
});

test('going back and editing keep every answer', async () => {
  const page = await open(PHONE, '/prenota?servizio=consulenza');
  await press(on(page));
  await press(times(page).nth(7));
  await page.getByLabel(/Cosa vuoi/).fill('Un bar in piazza\ncon <b>dehors</b>');
  await page.getByLabel(/Numero della pratica/).fill('SUAP-2027-42');
  await press(on(page));
  await introduce(page, 'Anna', 'anna.back@example.org');
  await press(on(page));
  await expect(page.locator('main').innerText()).resolves.toContain('con <b>dehors</b>');
  await page.goBack();
  expect(await page.getByLabel('Email').inputValue()).toBe('anna.back@example.org');
  await press(page.getByRole('link', { name: 'Indietro' }));
  expect(await page.getByLabel(/Numero della pratica/).inputValue()).toBe('SUAP-2027-42');
  await press(on(page));
  await press(on(page));
  await press(page.getByRole('link', { name: 'Modifica: Dettagli' }));
  await page.getByLabel(/Cosa vuoi/).fill('Un bar');
  await press(on(page));
  expect(new URL(page.url()).pathname).toBe('/prenota/riepilogo');
  await expect(page.locator('main').innerText()).resolves.not.toContain('dehors');
  await press(page.getByRole('link', { name: 'Modifica: Data e orario' }));
  await expect(page.locator('main').innerText()).resolves.toContain('Ti teniamo questo orario');
  await press(times(page).nth(8));
  expect(new URL(page.url()).pathname).toBe('/prenota/riepilogo');
  await expect(page.locator('main').innerText()).resolves.toContain('SUAP-2027-42');
});

test('a time lost meanwhile brings back to step two with a kind sentence and the nearest times', async () => {
  const page = await open(PHONE, '/prenota?servizio=colloquio-sindaco');
  await press(on(page));
  const value = (await times(page).nth(1).getAttribute('value'))!;
  await press(times(page).nth(1));
  app.clock.advance(6 * 60_000);
  const [office_id, start] = value.split('@');
  const other = { given_name: 'Bruno', family_name: 'Gallo', email: 'bruno@example.org' };
  const taken = await app.ask('/api/v1/bookings', {
    body: { office_id, start, service_id: 'colloquio-sindaco', mode: 'in_person', citizen: other },
    headers: { 'idempotency-key': 'bruno was faster' },
  });
  expect(taken.status).toBe(201);
  await page.getByLabel(/Cosa vuoi/).fill('La strada');
  await press(on(page));
  await expect(page.locator('main').innerText()).resolves.toContain(
    'Qualcuno ha appena scelto questo orario. Ecco i più vicini ancora liberi.',
  );
  const nearest = page.locator('.slots.wide button');
  expect(await nearest.count()).toBe(3);
  expect(await nearest.first().textContent()).toContain('11:00');
  await press(nearest.first());
  expect(await page.getByLabel(/Cosa vuoi/).inputValue()).toBe('La strada');
});

test('a hold that ran out is taken again silently while the time is free', async () => {
  const page = await open(PHONE, '/prenota?servizio=consulenza');
  await press(on(page));
  await press(times(page).nth(9));
  app.clock.advance(10 * 60_000);
  await page.reload();
  await expect(page.locator('main').innerText()).resolves.toContain('se è ancora libero, è tuo');
  await press(page.getByRole('button', { name: 'Mi serve più tempo' }));
  await expect(page.locator('main').innerText()).resolves.toContain('Ti teniamo questo orario fino alle');
  await press(on(page));
  await introduce(page, 'Anna', 'anna.slow@example.org');
  await press(on(page));
  app.clock.advance(10 * 60_000);
  await press(confirm(page));
  expect(await heading(page)).toBe('Appuntamento confermato');
});

test('half an hour later than the time one holds oneself can be chosen', async () => {
  const page = await open(PHONE, '/prenota?servizio=colloquio-cultura-turismo');
  await press(on(page));
  await press(times(page).first());
  const own = await page.locator('aside strong').textContent();
  await press(page.getByRole('link', { name: 'Indietro' }));
  await expect(times(page).first().getAttribute('aria-label')).resolves.toBe(own);
  await press(times(page).nth(1));
  await expect(page.locator('aside strong').textContent()).resolves.not.toBe(own);
});

test('what was changed in another tab is shown again before it is confirmed', async () => {
  const page = await open(PHONE, '/prenota?servizio=consulenza');
  await press(on(page));
  await press(times(page).nth(10));
  await press(on(page));
  await introduce(page, 'Anna', 'anna.tabs@example.org');
  await press(on(page));
  const other = await page.context().newPage();
  await other.goto(`${app.url}/prenota/data?servizio=consulenza&sede=suap&modo=in_person`);
  const changed = await times(other).nth(11).getAttribute('aria-label');
  await press(times(other).nth(11));
  await press(confirm(page));
  await expect(page.locator('main').innerText()).resolves.toContain('qualcosa è cambiato');
  await expect(page.locator('main').innerText()).resolves.toContain(changed);
  await press(confirm(page));
  expect(await heading(page)).toBe('Appuntamento confermato');
  await expect(page.locator('main').innerText()).resolves.toContain(changed);
  await other.goto(`${app.url}/prenota/riepilogo`);
  expect(other.url()).toBe(page.url());
});

test('the search narrows the services, and every service is there without a script', async () => {
  const plain = await open(PHONE, '/prenota');
  const all = await plain.locator('#servizi > li').count();
  expect(await plain.locator('[data-search]').isVisible()).toBe(false);
  const page = await open({ ...PHONE, javaScript: true }, '/prenota');
  await page.getByLabel('Cerca un servizio').fill('identita');
  const shown = page.locator('#servizi > li:visible');
  expect(await shown.count()).toBe(1);
  expect(await shown.textContent()).toContain("Carta d'identità elettronica");
  expect(all).toBeGreaterThan(10);
  await page.getByLabel('Cerca un servizio').fill('');
  expect(await page.locator('#servizi > li:visible').count()).toBe(all);
});

/** The name of the button that has the focus. */
const FOCUSED = `(({ activeElement: at }) =>
  at.tagName === 'BUTTON' ? (at.getAttribute('aria-label') ?? at.textContent).trim() : '')(document)`;

test('the whole form can be filled with the keyboard alone', async () => {
  const page = await open({ width: 1280, javaScript: false }, '/prenota?servizio=consulenza');
  const tabTo = async (name: RegExp) => {
    for (let tabs = 0; tabs < 80; tabs++) {
      await page.keyboard.press('Tab');
      const at = await page.evaluate<string>(FOCUSED);
      if (name.test(at)) return page.keyboard.press('Enter');
    }
    throw new Error(`no button ${name.source} on ${page.url()}`);
  };
  await tabTo(/^Avanti$/);
  await page.waitForURL(/prenota\/data/);
  await tabTo(/ore 15:30–16:00/);
  await page.waitForURL(/dettagli/);
  await tabTo(/^Avanti$/);
  await page.waitForURL(/richiedente/);
  await page.locator('#given_name').focus();
  for (const word of ['Anna', 'Ferrero', 'anna.keys@example.org']) {
    await page.keyboard.type(word);
    await page.keyboard.press('Tab');
  }
  await page.locator('#email').focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(/riepilogo/);
  await tabTo(/^Conferma/);
  await page.waitForURL(/confermato/);
  expect(await heading(page)).toBe('Appuntamento confermato');
});

test('booking leaves no error in the console', async () => {
  const { page, errors } = await openPage(browser, { width: 1280, javaScript: true });
  contexts.push(page.context());
  await page.goto(`${app.url}/prenota?servizio=consulenza`);
  await book(page, 'anna.console@example.org', 14);
  expect(await heading(page)).toBe('Appuntamento confermato');
  expect(errors).toEqual([]);
});
