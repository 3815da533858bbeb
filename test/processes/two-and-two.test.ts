// SPDX-License-Identifier: AGPL-3.0-or-later
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { Booking } from '../../src/bookings/booking.ts';
import { Registers } from '../../src/database/registers.ts';
import { startApp, type RunningApp } from '../kit/app.ts';
import { openBrowser, openPage } from '../kit/chromium.ts';
import type { ManualClock } from '../kit/clock.ts';
import { engines } from '../kit/engines.ts';
import { broken } from '../kit/invariants.ts';
import { signedIn } from '../kit/staff.ts';
import { writeTown } from './town.ts';

const DESK = { width: 1280, javaScript: true };
const HOLD_MS = 5 * 60_000;

let browser: Browser;

beforeAll(async () => {
  browser = await openBrowser();
}, 60_000);

afterAll(() => browser?.close());

/** Presses a button that leads to another page, and waits for it. */
const press = (page: Page, name: string | RegExp): Promise<unknown> =>
  Promise.all([page.waitForEvent('load'), page.getByRole('button', { name }).first().click()]);

describe.each(engines)('Two staff and two citizens at once, on $name', (engine) => {
  let app: RunningApp<ManualClock>;

  beforeAll(async () => {
    app = await startApp({ databaseUrl: await engine.freshUrl(), authorityFile: writeTown() });
    await app.listen();
  }, 60_000);

  afterAll(() => app?.close());

  async function open(path: string, staff?: string): Promise<Page> {
    const { page } = await openPage(browser, DESK);
    if (staff) {
      const cookie = await signedIn(app, { offices: ['anagrafe'], name: staff });
      const [name = '', value = ''] = cookie.split('=');
      await page.context().addCookies([{ name, value, url: app.url }]);
    }
    await page.goto(app.url + path);
    return page;
  }

  /** With the only counter that makes identity cards. @returns the reference */
  async function booked(start: string): Promise<string> {
    const citizen = { given_name: 'Ada', family_name: 'Prima', email: `ada.${Date.parse(start)}@example.org` };
    const body = { office_id: 'anagrafe', service_id: 'carta', start, mode: 'in_person', citizen };
    const headers = { 'idempotency-key': start };
    const answer = await app.ask('/api/v1/bookings', { method: 'POST', headers, body });
    expect(answer.status).toBe(201);
    return answer.json<{ reference: string }>().reference;
  }

  const registers = (): Registers => app.app.get(Registers);

  async function contradictions(): Promise<string[]> {
    const [authority] = await registers().authorities.all();
    return broken(registers(), authority!, app.clock.now());
  }

  test('Who comes second to a sheet reads who was first, and keeps what they wrote', async () => {
    const reference = await booked('2027-03-02T09:00:00+01:00');
    const sheet = `/operatore/appuntamenti/${reference}`;
    const mover = await open(`${sheet}/sposta?nuovo=anagrafe@2027-03-02T11:00:00%2B01:00`, 'Mario Mosso');
    const canceller = await open(sheet, 'Carla Cassa');
    await mover.locator('#nota-sposta').fill('Il tecnico arriva tardi.');
    await canceller.locator('summary', { hasText: 'Annulla' }).click();
    await canceller.locator('#nota-annulla').fill('Ufficio allagato.');

    const cancelButton = canceller.locator('form[action$="/annulla"] button');
    await Promise.all([press(mover, 'Sposta'), Promise.all([canceller.waitForEvent('load'), cancelButton.click()])]);

    const booking = (await registers().books.byReference('borgo', reference))!;
    const history = await registers().history.of(booking);
    expect(booking.version).toBe(1);
    expect(history.map(({ what }) => what)).toEqual(['booked', booking.isLive ? 'moved' : 'cancelled']);
    const [first, second, words] = booking.isLive
      ? ['Mario Mosso', canceller, 'Ufficio allagato.']
      : ['Carla Cassa', mover, 'Il tecnico arriva tardi.'];
    const said = await second.getByRole('alert').first().innerText();
    expect(said).toContain(first);
    expect(said).toContain(words);
    expect(await contradictions()).toEqual([]);
    await Promise.all([mover, canceller].map((page) => page.context().close()));
  }, 60_000);

  test('Of two citizens and two staff who want the same last place, one has it and all keep their words', async () => {
    const wanted = '2027-03-03T09:00:00+01:00';
    const reference = await booked('2027-03-03T12:00:00+01:00');
    const citizens = [await citizenAt(wanted, 'Bruno'), await citizenAt(wanted, 'Chiara')];
    const booker = await staffAt(wanted, 'Dario');
    const mover = await open(
      `/operatore/appuntamenti/${reference}/sposta?nuovo=anagrafe@${encodeURIComponent(wanted)}`,
      'Elsa Esposito',
    );
    await mover.locator('#nota-sposta').fill('Vieni prima.');

    await Promise.all([
      ...citizens.map((page) => press(page, "Conferma l'appuntamento")),
      press(booker, "Salva l'appuntamento"),
      press(mover, 'Sposta'),
    ]);

    const start = Date.parse(wanted) / 60_000;
    const there = (await registers().database.reading.findBy(Booking, { start })).filter(({ isLive }) => isLive);
    expect(there).toHaveLength(1);
    expect(await contradictions()).toEqual([]);

    const [bruno, chiara] = await Promise.all(citizens.map((page, nth) => citizenOutcome(page, nth)));
    const outcomes = [bruno, chiara, await bookerOutcome(booker), await moverOutcome(mover)];
    expect(outcomes.filter((outcome) => outcome === 'has it')).toHaveLength(1);
    await Promise.all([...citizens, booker, mover].map((page) => page.context().close()));
  }, 60_000);

  type Outcome = 'has it' | 'keeps their words';

  const heading = (page: Page): Promise<string> => page.locator('h1').innerText();

  /** Whoever lost the time takes the nth of the nearest, and finds the rest as it was. */
  async function citizenOutcome(page: Page, nth: number): Promise<Outcome> {
    if ((await heading(page)) === 'Appuntamento confermato') return 'has it';
    expect(await page.getByRole('alert').innerText()).toContain('Qualcuno ha appena scelto questo orario.');
    await Promise.all([page.waitForEvent('load'), page.locator('button.slot').nth(nth).click()]);
    expect(await page.locator('main').innerText()).toMatch(/Nome\s+(Bruno|Chiara)\s+Cognome\s+Ultimo/);
    return 'keeps their words';
  }

  async function bookerOutcome(page: Page): Promise<Outcome> {
    if ((await heading(page)) === 'Appuntamento salvato') return 'has it';
    expect(await page.getByRole('alert').innerText()).toContain('Niente è stato salvato');
    expect(await page.getByLabel(/^Nome/).inputValue()).toBe('Dario');
    return 'keeps their words';
  }

  async function moverOutcome(page: Page): Promise<Outcome> {
    if (page.url().endsWith('?fatto=sposta')) return 'has it';
    expect(await page.getByRole('alert').first().innerText()).toContain('Vieni prima.');
    return 'keeps their words';
  }

  /** A citizen before the last button, whose time is no longer held: whoever presses first has it. */
  async function citizenAt(start: string, givenName: string): Promise<Page> {
    const page = await open(
      `/prenota/data?servizio=carta&ufficio=anagrafe&sede=anagrafe&modo=in_person&dal=${start.slice(0, 10)}`,
    );
    await Promise.all([page.waitForEvent('load'), page.locator(`button[value="anagrafe@${start}"]`).last().click()]);
    await press(page, 'Avanti');
    await page.getByLabel(/^Nome/).fill(givenName);
    await page.getByLabel(/^Cognome/).fill('Ultimo');
    await page.getByLabel(/^Email/).fill(`${givenName}@example.org`);
    await press(page, 'Avanti');
    app.clock.advance(HOLD_MS);
    return page;
  }

  async function staffAt(start: string, givenName: string): Promise<Page> {
    const page = await open(`/operatore/nuovo?servizio=anagrafe/carta&giorno=${start.slice(0, 10)}`, 'Dora Dini');
    await Promise.all([page.waitForEvent('load'), page.locator(`button[value="anagrafe@${start}"]`).last().click()]);
    await page.getByLabel(/^Nome/).fill(givenName);
    await page.getByLabel(/^Cognome/).fill('Ultimo');
    await page.getByLabel(/^Telefono/).fill('0141 555000');
    app.clock.advance(HOLD_MS);
    return page;
  }
});
