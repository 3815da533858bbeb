// SPDX-License-Identifier: AGPL-3.0-or-later
import { setTimeout as wait } from 'node:timers/promises';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { Authorities } from '../../src/database/authorities.ts';
import type { Config } from '../../src/config.ts';
import { WaitingDesk } from '../../src/front-desk/reception/waiting-desk.ts';
import { SystemClock } from '../../src/time/clock.ts';
import { startApp, type RunningApp } from './app.ts';
import { openBrowser, openPage, type View } from './chromium.ts';
import { engines } from './engines.ts';
import { portrait } from './portrait.ts';
import { signedIn } from './staff.ts';

/** A Tuesday, with the SUAP's door open from nine to one. Time runs: live connections and calls need it. */
const TUESDAY = Date.parse('2027-03-02T10:00:00+01:00');

/** A camera that shows a moving picture, and a call that needs no network card. */
export const WITH_CAMERA = ['--use-fake-device-for-media-stream', '--allow-loopback-in-peer-connection'];
/** Every permission is granted, and a screen is shared, without a question. */
const GRANTING = ['--use-fake-ui-for-media-stream'];
/** For the pictures in docs/. */
const POSING = (): string[] =>
  process.env['SCREENSHOTS'] === '1' ? [`--use-file-for-fake-video-capture=${portrait()}`] : [];

/** Run in each page before its own scripts: every connection it makes is kept, to be asked how it goes. */
const KEEP_CONNECTIONS = `(() => {
  window.connections = [];
  const Given = RTCPeerConnection;
  window.RTCPeerConnection = class extends Given {
    constructor(settings) {
      super({ ...settings, ...window.policy });
      window.connections.push(this);
    }
  };
})()`;
/** As on a network that lets only what is relayed pass. */
export const ONLY_RELAY = `window.policy = { iceTransportPolicy: 'relay' }`;

/** By which way sound and picture go: host, srflx, prflx or relay, here and there. */
const WAY = `(async () => {
  const reports = [...(await window.connections.at(-1).getStats()).values()];
  const { selectedCandidatePairId } = reports.find(({ type }) => type === 'transport');
  const pair = reports.find(({ id }) => id === selectedCandidatePairId);
  return [pair.localCandidateId, pair.remoteCandidateId].map((id) => reports.find((one) => one.id === id).candidateType);
})()`;

const FRAMES = `[...document.querySelectorAll('.room-tile:not(.is-hidden) video')].map((video) => video.getVideoPlaybackQuality().totalVideoFrames)`;
/** What the page of a call that hangs shows. */
const HUNG = `[document.querySelector('.room-state')?.textContent ?? location.pathname, document.body.innerText.slice(0, 500)]`;

const DESK: View = { width: 1280, javaScript: true };

/** One of the two at a call, and what their page shows. */
export class Caller {
  constructor(
    readonly page: Page,
    /** Of scripts and console. */
    readonly errors: string[],
  ) {}

  follow(link: string): Promise<void> {
    return this.page.getByRole('link', { name: link }).click();
  }

  /** From the check of the devices into the call. */
  async enter(): Promise<void> {
    await this.page.getByRole('button', { name: /^(Entra nella chiamata|Enter the call)$/ }).click();
  }

  /** Waits until so many others' pictures move, from now on. */
  async sees(patience = 30_000, others = 1): Promise<void> {
    let first: number[] = [];
    for (const start = Date.now(); Date.now() - start < patience; await wait(50)) {
      const frames = await this.page.evaluate<number[]>(FRAMES).catch(() => []);
      // After a reload they begin to count anew.
      if (frames.length !== first.length || frames.some((n, i) => n < first[i]!)) first = frames;
      if (frames.length === others && frames.every((n, i) => n > first[i]! + 5)) return;
    }
    const [said, page] = await this.page.evaluate<string[]>(HUNG);
    throw new Error(`no moving picture after ${patience} ms: ${said} ${page} ${this.errors.join(' | ')}`);
  }

  /** Waits until the line above the picture says this. */
  async reads(state: string): Promise<void> {
    await this.page.locator('[data-state][role=status]', { hasText: state }).waitFor();
  }

  way(): Promise<string[]> {
    return this.page.evaluate<string[]>(WAY);
  }

  button(name: string): ReturnType<Page['locator']> {
    return this.page.locator('.room-controls').getByRole('button', { name });
  }
}

export interface Meeting {
  readonly citizen: Caller;
  readonly staff: Caller;
  /** When the door was opened. */
  readonly start: number;
  close(): Promise<void>;
}

interface Side {
  readonly view?: View;
  readonly prepare?: Prepare;
}

interface Sides {
  readonly citizen?: Side;
  readonly staff?: Side;
  /** The citizen is brought into the call by their page, which takes its time, and presses nothing. */
  readonly isBrought?: boolean;
}

interface HallOptions {
  readonly config?: Partial<Config>;
  /** Of the browser's command. */
  readonly arguments?: string[];
  /** Run in each page before its own scripts. */
  readonly script?: string;
}

type Prepare = (context: BrowserContext) => Promise<unknown>;

/** A running house and a browser with cameras: calls are held in it. */
export class CallHall {
  #number = 0;

  private constructor(
    readonly running: RunningApp<SystemClock>,
    readonly browser: Browser,
    private readonly script: string,
  ) {}

  static async open({ config, arguments: more = GRANTING, script = '' }: HallOptions = {}): Promise<CallHall> {
    const databaseUrl = await engines[0]!.freshUrl();
    const running = await startApp({ databaseUrl, clock: new SystemClock(TUESDAY), config });
    await running.listen();
    return new CallHall(
      running,
      await openBrowser([...WITH_CAMERA, ...POSING(), ...more]),
      `${KEEP_CONNECTIONS}; ${script}`,
    );
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.running.close();
  }

  /** Somebody at the SUAP's door, as if they had just knocked. @returns the path of their link */
  async knock(name: string): Promise<string> {
    const [authority] = await this.running.app.get(Authorities).all();
    const office = authority!.office('suap')!;
    const said = { name, reason: 'La mia pratica', language: 'it' } as const;
    const { token } = await this.running.app.get(WaitingDesk).knock(authority!, office, said);
    return `/incontro/${token}`;
  }

  async page(path: string, view = DESK, prepare?: Prepare): Promise<Caller> {
    const { page, errors } = await openPage(this.browser, view);
    await page.context().addInitScript(this.script);
    await prepare?.(page.context());
    await page.goto(this.running.url + path);
    return new Caller(page, errors);
  }

  /** Somebody of the SUAP at their waiting room. */
  async staff(view = DESK, prepare?: Prepare): Promise<Caller> {
    const [name = '', value = ''] = (await signedIn(this.running)).split('=');
    return this.page('/operatore/attesa', view, async (context) => {
      await context.addCookies([{ name, value, url: this.running.url }]);
      await prepare?.(context);
    });
  }

  /** Knock, ring, open, enter: both are in the call, and may not see each other yet. */
  async meet({ citizen: ofCitizen = {}, staff: ofStaff = {}, isBrought }: Sides = {}): Promise<Meeting> {
    const name = `Ada ${this.#number++}`;
    const [citizen, staff] = await Promise.all([
      this.knock(name).then((path) => this.page(path, ofCitizen.view, ofCitizen.prepare)),
      this.staff(ofStaff.view, ofStaff.prepare),
    ]);
    const open = staff.page.getByRole('button', { name: new RegExp(`^Apri la porta.*${name}$`) });
    await open.waitFor();
    const start = Date.now();
    const comes = isBrought ? citizen.page.waitForURL('**/stanza') : citizen.follow('Entra nella chiamata');
    await Promise.all([comes.then(() => citizen.enter()), open.click().then(() => staff.enter())]);
    const close = async (): Promise<void> => {
      await Promise.all([citizen.page.context().close(), staff.page.context().close()]);
    };
    return { citizen, staff, start, close };
  }

  /** @returns with the milliseconds from the moment the door was opened until both saw the other move */
  async call(sides: Sides = {}): Promise<Meeting & { ms: number }> {
    const meeting = await this.meet(sides);
    await Promise.all([meeting.citizen.sees(), meeting.staff.sees()]);
    return { ...meeting, ms: Date.now() - meeting.start };
  }
}
