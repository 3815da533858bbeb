// SPDX-License-Identifier: AGPL-3.0-or-later
import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { BrowserContext, Page } from 'playwright-core';
import { CallHall, ONLY_RELAY, type Caller, type Meeting } from '../kit/calls.ts';
import { picture, type View } from '../kit/chromium.ts';
import { Coturn } from '../kit/coturn.ts';

const PHONE: View = { width: 360, javaScript: true };
const DESK: View = { width: 1280, javaScript: true };
const A_CALL = 60_000;

/** Run in the page: what is too small for a finger, and whether one must scroll sideways. */
const LOOK = `[
  ...[...document.querySelectorAll('a, button, select, input, textarea, summary')]
    .filter((e) => e.checkVisibility() && !e.closest('.skiplinks, footer, .breadcrumb, .it-header-wrapper, p') && e.offsetHeight < 44)
    .map((e) => 'hard to hit: ' + e.outerHTML.slice(0, 80)),
  ...(document.documentElement.scrollWidth > document.documentElement.clientWidth ? ['wider than the screen'] : []),
]`;

async function faultsOf(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
  const axe = violations.map(({ id, nodes }) => `axe ${id}: ${nodes.map((n) => n.html.slice(0, 120)).join(' | ')}`);
  return [...axe, ...(await page.evaluate<string[]>(LOOK))];
}

const noErrors = ({ citizen, staff }: Meeting): void => expect([citizen.errors, staff.errors]).toEqual([[], []]);

/** Until both see the other move again. */
async function back({ citizen, staff }: Meeting): Promise<number> {
  const start = Date.now();
  await Promise.all([citizen.sees(), staff.sees()]);
  return Date.now() - start;
}

describe('With camera and microphone', () => {
  let hall: CallHall;

  beforeAll(async () => {
    hall = await CallHall.open();
  }, A_CALL);

  afterAll(() => hall?.close());

  test(
    'Three who knock are let in, and both see the other move',
    async () => {
      const times: number[] = [];
      for (const view of [DESK, DESK, PHONE]) {
        const call = await hall.call({ citizen: { view }, isBrought: true });
        times.push(call.ms);
        await picture(call.citizen.page, `chiamata-${view.width}`, false);
        noErrors(call);
        await call.close();
      }
      console.log(`ms from opening the door until both saw the other: ${times.join(', ')}`);
    },
    3 * A_CALL,
  );

  test(
    'After a reload of either side the picture is back, and what was written',
    async () => {
      const call = await hall.call();
      await write(call.citizen, 'Foglio 12, particella 345');
      await call.staff.page.getByText('Foglio 12, particella 345').first().waitFor({ state: 'attached' });
      await call.citizen.page.reload();
      const citizen = await back(call);
      await call.staff.page.reload();
      const staff = await back(call);
      console.log(`ms until both saw the other after a reload: citizen ${citizen}, staff ${staff}`);
      await call.staff.button('Scrivi').click();
      expect(await call.staff.page.getByRole('log').innerText()).toContain('Foglio 12, particella 345');
      noErrors(call);
      await call.close();
    },
    2 * A_CALL,
  );

  test(
    'One writes, shares the screen, puts oneself elsewhere, switches the camera off',
    async () => {
      const call = await hall.call({ citizen: { view: PHONE } });
      const { citizen, staff } = call;
      // The button they entered by is gone: the keyboard goes on in the call.
      for (const { page } of [citizen, staff])
        expect(await page.evaluate<string>(`document.activeElement.dataset.turn`)).toBe('microphone');
      await write(citizen, 'Buongiorno');
      await staff.button('Scrivi').locator('text=nuovo').waitFor();
      await staff.button('Scrivi').click();
      expect(await staff.page.getByRole('log').innerText()).toMatch(/^Ada \d+\s+Buongiorno$/);
      expect([await faultsOf(citizen.page), await faultsOf(staff.page)]).toEqual([[], []]);

      await staff.button('Condividi schermo').click();
      await citizen.page.getByText('schermo condiviso').waitFor();
      await citizen.sees();
      await staff.button('Condividi schermo').click();
      await citizen.page.getByText('schermo condiviso').waitFor({ state: 'detached' });
      await citizen.sees();

      const self = staff.page.locator('[data-self]');
      await self.getByRole('button').focus();
      await staff.page.keyboard.press('ArrowUp');
      await staff.page.keyboard.press('ArrowLeft');
      expect(await self.getAttribute('data-corner')).toBe('top-left');
      await staff.page.getByText('La tua immagine è in alto a sinistra.').waitFor();

      await citizen.page.getByRole('button', { name: 'Chiudi i messaggi' }).click();
      await citizen.button('Camera').click();
      await staff.page.getByText('Camera spenta').waitFor();
      await citizen.button('Microfono').click();
      await staff.page.getByText('microfono spento').waitFor();
      await citizen.button('Camera').click();
      await staff.sees();
      noErrors(call);
      // As when a laptop is shut: who stays behind is told so, with the way on.
      await staff.page.context().close();
      await citizen.reads('Sportello Unico Attività Produttive non è più in collegamento.');
      expect(await faultsOf(citizen.page)).toEqual([]);
      await call.close();
    },
    2 * A_CALL,
  );

  test(
    'Held, the citizen waits; recalled, both are back; closed, it is over',
    async () => {
      const call = await hall.call();
      const { citizen, staff } = call;
      await write(citizen, 'Foglio 12');
      await staff.page.getByText('Foglio 12').first().waitFor({ state: 'attached' });
      const waits = citizen.page.waitForURL(/\/incontro\/[^/]+$/);
      await staff.button('Metti in attesa').click();
      await waits;
      await staff.page.goBack();
      await staff.page.getByText('è in attesa').first().waitFor();
      expect(await faultsOf(staff.page)).toEqual([]);
      await staff.page.getByRole('button', { name: 'Riprendi la chiamata' }).click();
      await citizen.page.waitForURL('**/stanza');
      await back(call);
      const leaves = citizen.page.waitForURL(/\/incontro\/[^/]+$/);
      await staff.button('Chiudi la chiamata').click();
      await leaves;
      await staff.page.waitForURL(({ pathname }) => pathname === '/operatore/attesa');
      const kept = 'JSON.stringify(Object.values({ ...sessionStorage, ...localStorage }))';
      for (const { page } of [citizen, staff]) expect(await page.evaluate(kept)).not.toContain('Foglio 12');
      await call.close();
    },
    2 * A_CALL,
  );

  test(
    'A colleague comes in to help: each of the three sees both others',
    async () => {
      const call = await hall.call();
      const colleague = await hall.staff();
      await colleague.page.goto(call.staff.page.url());
      await colleague.enter();
      for (const one of [colleague, call.citizen, call.staff]) await one.sees(30_000, 2);
      noErrors(call);
      await colleague.page.context().close();
      await call.citizen.page.locator('[data-tiles][data-count="1"]').waitFor();
      await call.close();
    },
    2 * A_CALL,
  );

  test(
    'In another window of the same seat the call goes on there',
    async () => {
      const call = await hall.call();
      const [second] = await Promise.all([
        call.citizen.page.waitForEvent('popup'),
        call.citizen.page.evaluate('void window.open(location.href)'),
      ]);
      await call.citizen.page.getByText("La chiamata è aperta in un'altra finestra.").waitFor();
      await second.locator('.room-tile:not(.is-hidden)').waitFor();
      await call.staff.sees();
      await call.close();
    },
    A_CALL,
  );

  test(
    'A connection that hangs is built anew',
    async () => {
      // The first connection of the citizen's page is of no use, and says nothing.
      const script = `{
        const Kept = RTCPeerConnection;
        let first = true;
        window.RTCPeerConnection = class extends Kept {
          setRemoteDescription(description) {
            if (!first) return super.setRemoteDescription(description);
            first = false;
            return new Promise(() => {});
          }
        };
      }`;
      const prepare = (context: BrowserContext): Promise<unknown> => context.addInitScript(script);
      const call = await hall.call({ citizen: { prepare } });
      expect(call.ms).toBeGreaterThan(8_000);
      await call.citizen.reads('Collegati');
      await call.close();
    },
    A_CALL,
  );

  test(
    'What is said is read by who asks for it, where the browser writes it down by itself',
    async () => {
      const recognition = `window.SpeechRecognition = class extends EventTarget {
        static async available({ processLocally }) { return processLocally ? 'available' : 'unavailable'; }
        start() {
          this.timer = setInterval(() => this.dispatchEvent(Object.assign(new Event('result'), {
            results: [[{ transcript: this.processLocally ? 'Buongiorno, mi dica' : 'sent elsewhere' }]],
          })), 100);
        }
        stop() { clearInterval(this.timer); }
      }`;
      const prepare = (context: BrowserContext): Promise<unknown> => context.addInitScript(recognition);
      const call = await hall.call({ staff: { prepare } });
      const captions = call.citizen.button('Sottotitoli');
      expect(await call.staff.button('Sottotitoli').isVisible()).toBe(false);
      await captions.click();
      const shown = call.citizen.page.locator('[data-caption]', { hasText: 'Buongiorno, mi dica' });
      await shown.waitFor();
      await captions.click();
      await shown.waitFor({ state: 'hidden' });
      await call.close();
    },
    A_CALL,
  );

  test.each([PHONE, DESK])(
    'The check at $width px shows who one is and harms nobody',
    async (view) => {
      const link = await hall.knock('Giulia Bianchi');
      const { page, errors } = await hall.page(`${link}/prova`, view);
      await page.getByText('Il microfono ti sente.').waitFor();
      expect(await faultsOf(page)).toEqual([]);
      await picture(page, `prova-${view.width}`);
      await page.getByRole('button', { name: 'Camera' }).click();
      await page.getByText('La tua camera è spenta').waitFor();
      expect(errors).toEqual([]);
      expect(await page.evaluate('window.connections.length')).toBe(0);
      await page.context().close();
    },
    A_CALL,
  );

  test.each([
    ['NotAllowedError', /non consente camera e microfono.*lucchetto/],
    ['NotFoundError', /Non troviamo né camera né microfono/],
    ['NotReadableError', /La camera non risponde.*Il microfono non risponde/s],
    ['OverconstrainedError', /La camera scelta non va bene.*Il microfono scelto non va bene/s],
    ['TypeError', /La camera non si accende.*Il microfono non si accende/s],
  ])(
    'A browser that answers %s is told apart, with steps and a way on',
    async (name, sentence) => {
      const link = await hall.knock('Giulia Bianchi');
      const script = `navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('no', '${name}'); }`;
      const { page } = await hall.page(`${link}/prova`, PHONE, (context) => context.addInitScript(script));
      const trouble = page.locator('[data-check-trouble]');
      await trouble.getByText('Puoi entrare lo stesso: vedi, senti e scrivi.').waitFor();
      expect(await trouble.innerText()).toMatch(sentence);
      expect(await faultsOf(page)).toEqual([]);
      await page.context().close();
    },
    A_CALL,
  );

  test.each([
    ['delete window.RTCPeerConnection', 'Questo browser non può fare videochiamate.'],
    ['Object.defineProperty(window, "isSecureContext", { value: false })', 'Questa pagina non è protetta'],
  ])('Where no call is possible (%s) the page says so, with a telephone', async (script, sentence) => {
    const { page } = await hall.page(`${await hall.knock('Giulia')}/prova`, PHONE, (c) => c.addInitScript(script));
    await page.getByText(sentence).waitFor();
    expect(await page.locator('main a[href^="tel:"]').first().isVisible()).toBe(true);
    await page.context().close();
  });
});

test(
  'With the camera refused one is heard and sees; with both refused one sees and writes',
  async () => {
    const hall = await CallHall.open({ arguments: [] });
    const give = (...permissions: string[]) => ({
      prepare: (context: BrowserContext): Promise<unknown> => context.grantPermissions(permissions),
    });
    try {
      const voice = await hall.meet({ citizen: give('microphone'), staff: give('camera', 'microphone') });
      await voice.citizen.sees();
      await voice.staff.reads('Collegati');
      await voice.staff.page.getByText('Camera spenta').waitFor();
      await voice.citizen.button('Camera').click();
      await voice.citizen.page
        .locator('[data-call-trouble]', { hasText: 'Puoi continuare con la sola voce' })
        .waitFor();
      expect(await heard(voice.staff)).toBeGreaterThan(0);
      await voice.close();
      const silent = await hall.meet({ citizen: give(), staff: give('camera', 'microphone') });
      await silent.citizen.sees();
      await write(silent.citizen, 'Non mi sentite');
      await silent.staff.page.getByText('Non mi sentite').first().waitFor({ state: 'attached' });
      await silent.close();
    } finally {
      await hall.close();
    }
  },
  3 * A_CALL,
);

test(
  'Where only a relay lets it pass the call goes by coturn',
  async () => {
    const coturn = await Coturn.start();
    const hall = await CallHall.open({ config: { video: { stunUrls: [], turn: coturn.turn } }, script: ONLY_RELAY });
    try {
      const call = await hall.call();
      expect(await call.citizen.way()).toEqual(['relay', 'relay']);
      expect(await call.staff.way()).toEqual(['relay', 'relay']);
      console.log(`ms through coturn: ${call.ms}`);
      await call.close();
    } finally {
      await hall.close();
      await coturn.stop();
    }
  },
  2 * A_CALL,
);

async function write({ page }: Caller, text: string): Promise<void> {
  await page.locator('.room-controls').getByRole('button', { name: 'Scrivi' }).click();
  await page.getByLabel('Scrivi un messaggio').fill(text);
  await page.keyboard.press('Enter');
}

/** Bytes of the other's voice that came. */
const heard = ({ page }: Caller): Promise<number> =>
  page.evaluate<number>(`(async () => {
    const reports = [...(await window.connections.at(-1).getStats()).values()];
    return reports.find(({ type, kind }) => type === 'inbound-rtp' && kind === 'audio')?.bytesReceived ?? 0;
  })()`);
