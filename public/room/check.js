// SPDX-License-Identifier: AGPL-3.0-or-later
// Before entering: one sees oneself, hears that one is heard, and chooses. Nothing leaves this device.

const SMOOTH = 0.7;
const HEARD = 0.08;

/** How loud the microphone is, from 0 to 1, while `show` is asked to draw it. */
class Level {
  #context = null;
  #source = null;
  #frame = 0;

  constructor(show) {
    this.show = show;
  }

  follow(track) {
    this.stop();
    if (!track || !window.AudioContext) return;
    this.#context ??= new AudioContext();
    // Without a touch some browsers let nothing sound; then they measure nothing either.
    void this.#context.resume();
    const analyser = Object.assign(this.#context.createAnalyser(), { fftSize: 512 });
    this.#source = this.#context.createMediaStreamSource(new MediaStream([track]));
    this.#source.connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    let level = 0;
    const draw = () => {
      analyser.getFloatTimeDomainData(samples);
      const loud = Math.min(1, 4 * Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length));
      level = Math.max(loud, level * SMOOTH);
      this.show(level);
      this.#frame = requestAnimationFrame(draw);
    };
    draw();
  }

  stop() {
    cancelAnimationFrame(this.#frame);
    this.#source?.disconnect();
    this.#source = null;
    this.show(0);
  }
}

export class Check {
  #level;
  #heard = null;
  #track = null;

  /** @param element the part of the page @param enter called by its button */
  constructor(element, { media, say, knows, troubles, enter }) {
    Object.assign(this, { element, media, say, knows, troubles });
    const part = (name) => element.querySelector(`[data-check-${name}]`);
    this.parts = {
      preview: part('preview'),
      none: part('none'),
      meter: part('meter'),
      heard: part('heard'),
      trouble: part('trouble'),
    };
    this.#level = new Level((level) => this.#showLevel(level));
    this.listener = () => this.#show();
    part('enter')?.addEventListener('click', enter, { once: true });
    element.querySelector('[data-check-again]').addEventListener('click', () => this.open());
  }

  async open() {
    this.element.hidden = false;
    this.media.addEventListener('change', this.listener);
    this.#show();
    await this.media.open();
  }

  close() {
    this.element.hidden = true;
    this.media.removeEventListener('change', this.listener);
    this.#level.stop();
    this.parts.preview.srcObject = null;
  }

  #show() {
    const { camera, microphone } = this.media;
    const { preview, none, trouble } = this.parts;
    if (preview.srcObject?.getVideoTracks()[0] !== (camera.track ?? undefined))
      preview.srcObject = camera.track && new MediaStream([camera.track]);
    none.hidden = camera.track !== null;
    none.textContent = this.say(camera.on && !camera.trouble ? 'camera-asked' : 'camera-is-off');
    if (this.#track !== microphone.track) this.#level.follow((this.#track = microphone.track));
    const sentences = this.troubles(this.media, this.say, this.knows);
    trouble.hidden = sentences.length === 0;
    const list = trouble.querySelector('[data-sentences]');
    const shown = sentences.map((text) => Object.assign(document.createElement('p'), { textContent: text }));
    if (list.textContent !== sentences.join('')) list.replaceChildren(...shown);
  }

  #showLevel(level) {
    const { meter, heard } = this.parts;
    const percent = Math.round(level * 100);
    meter.setAttribute('aria-valuenow', String(percent));
    meter.firstElementChild.style.scale = `${level} 1`;
    const { microphone } = this.media;
    if (!microphone.track?.enabled) this.#heard = null;
    else if (level > HEARD) this.#heard = true;
    const key = this.#heard ? 'heard' : microphone.track?.enabled ? 'speak' : 'microphone-is-off';
    if (heard.dataset.says !== key) heard.textContent = this.say(key);
    heard.dataset.says = key;
  }
}
