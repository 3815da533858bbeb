// SPDX-License-Identifier: AGPL-3.0-or-later
// The bell of the waiting room: it rings in the page while somebody waits; push-bell.js rings when the page is closed.
// Comfort only: every page of staff does its work without this script; live.js keeps the list up to date.
const HERE = '/operatore/attesa';
const SOUND_ON = 'sportello-suono';
const AGAIN_MS = 15_000;
const FLASH_MS = 1_000;
/** Two notes, a fourth apart: in hertz, and seconds from the first. */
const NOTES = [
  [784, 0],
  [587, 0.28],
];

const queue = document.querySelector('#coda');
const announcer = document.querySelector('[data-announce]');
const baseTitle = document.title.replace(/^\(\d+\) /, '');

/** Whoever reloads or comes back sees the list, and sends no form again. */
history.replaceState(null, '', HERE);

const waiting = () => [...queue.querySelectorAll('[data-arrival]')];
const titled = () => `${Number(queue.dataset.count) ? `(${queue.dataset.count}) ` : ''}${baseTitle}`;

/** A bell that the browser lets ring once somebody has touched the page. */
class Bell {
  #audio;
  #button = document.querySelector('[data-sound]');
  #blocked = document.querySelector('[data-sound-blocked]');

  constructor() {
    if (!('AudioContext' in window)) return;
    this.#button.hidden = false;
    this.#button.addEventListener('click', () => void this.#switch(!this.isOn));
    for (const touch of ['pointerdown', 'keydown']) addEventListener(touch, () => void this.#wake(), { passive: true });
    this.#show();
    void this.#wake();
  }

  get isOn() {
    return localStorage.getItem(SOUND_ON) === '1';
  }

  ring() {
    if (!this.isOn || this.#audio?.state !== 'running') return;
    for (const [hertz, after] of NOTES) this.#note(hertz, this.#audio.currentTime + after);
  }

  #note(hertz, at) {
    const tone = this.#audio.createOscillator();
    const volume = this.#audio.createGain();
    tone.frequency.value = hertz;
    volume.gain.setValueAtTime(0.0001, at);
    volume.gain.exponentialRampToValueAtTime(0.25, at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.6);
    tone.connect(volume).connect(this.#audio.destination);
    tone.start(at);
    tone.stop(at + 0.65);
  }

  async #switch(on) {
    if (on) localStorage.setItem(SOUND_ON, '1');
    else localStorage.removeItem(SOUND_ON);
    this.#show();
    await this.#wake();
    if (on) this.ring();
  }

  async #wake() {
    if (this.isOn) {
      this.#audio ??= new AudioContext();
      this.#blocked.hidden = this.#audio.state === 'running';
      await this.#audio.resume();
    }
    this.#blocked.hidden = true;
  }

  #show() {
    const words = this.#button.querySelector('[data-on]');
    this.#button.setAttribute('aria-pressed', String(this.isOn));
    words.textContent = this.isOn ? words.dataset.on : words.dataset.off;
  }
}

/** Says in the title that somebody knocks, until the page is looked at. */
class Title {
  #knock;
  #timer;

  show() {
    if (!waiting().length) this.calm();
    if (!this.#timer) document.title = titled();
  }

  flash(knock) {
    if (document.hasFocus() || matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    this.#knock = knock;
    this.#timer ??= setInterval(() => {
      document.title = document.title === titled() ? this.#knock : titled();
    }, FLASH_MS);
  }

  calm() {
    clearInterval(this.#timer);
    this.#timer = undefined;
    document.title = titled();
  }
}

const bell = new Bell();
const title = new Title();
let known = new Set(waiting().map(({ dataset }) => dataset.arrival));

/** Who has come since the list was last looked at: said aloud, rung, and in the title. */
function look() {
  const fresh = waiting().filter(({ dataset }) => !known.has(dataset.arrival));
  known = new Set(waiting().map(({ dataset }) => dataset.arrival));
  const knocks = fresh.map(({ dataset: { name, office } }) =>
    announcer.dataset.knocks.replace('{name}', () => name).replace('{office}', () => office),
  );
  if (knocks.length) {
    announcer.textContent = knocks.join('. ');
    bell.ring();
    title.flash(knocks.at(-1));
  }
  title.show();
}

queue.addEventListener('live:refreshed', look);
addEventListener('focus', () => title.calm());
setInterval(() => waiting().length && bell.ring(), AGAIN_MS);
